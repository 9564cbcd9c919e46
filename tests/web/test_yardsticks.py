"""The board against its controls: differences with intervals by person, and metrics that a control wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scored_runs import scored_run

from leaderboard.site.boards import Board, board_json, boards_of
from leaderboard.site.pages import entry_page
from leaderboard.site.sources import entry_rows, local_rows

PEOPLE = [f"p{number}" for number in range(12)]
NOISE = np.random.default_rng(3).normal(0, 0.02, 12)
CASES = {
    # people, the model, and the two controls
    "relevance": (0.9, 0.7, 0.5, 0.4),
    "rouge_l": (0.5, 0.3, 0.6, 0.1),
    "fto_wasserstein": (0.2, 0.5, 0.8, 5.0),
}


def board(root: Path) -> Board:
    for place, (model, kind) in enumerate(
        [("ground_truth", "control"), ("listener", "online"), ("parrot", "control"), ("silence", "control")]
    ):
        values = {name: [own[place] + one * (place == 1) for one in NOISE] for name, own in CASES.items()}
        scored_run(root, model, kind, values, PEOPLE)
    (own,) = boards_of(local_rows(root))
    return own


def test_a_row_is_held_against_the_best_control_by_person(tmp_path: Path) -> None:
    own = board(tmp_path / "runs")
    cells = {row.name: found for (row, _), found in zip(own.rows, own.cells, strict=True)}
    gain, low, high = cells["listener"]["relevance"]["d"]
    assert gain == pytest.approx(0.2 + NOISE.mean(), abs=1e-4)
    reach = stats.t.ppf(0.975, 11) * NOISE.std(ddof=1) / np.sqrt(12)
    assert (low, high) == pytest.approx((gain - reach, gain + reach), abs=1e-3)
    # More is better, also where less of the number is.
    assert cells["listener"]["fto_wasserstein"]["d"][0] == pytest.approx(0.3 - NOISE.mean(), abs=1e-4)
    assert cells["listener"]["rouge_l"]["d"][0] == pytest.approx(-0.3 + NOISE.mean(), abs=1e-4)
    assert "d" not in cells["parrot"]["relevance"]
    assert board_json(own)["headline"].startswith("No headline on these data: omniresponse, reflex, constant_reply")


def test_a_measure_that_a_control_wins_is_marked_on_the_board_and_on_pages(tmp_path: Path) -> None:
    own = board(tmp_path / "runs")
    sticks = board_json(own)["sticks"]
    assert sticks["rouge_l"] == {"best": "parrot", "above": ["parrot"]}
    assert sticks["relevance"] == {"best": "parrot", "above": []}
    row = next(row for row, _ in own.rows if row.name == "listener")
    page = entry_page(row, [own])
    assert page.count("parrot: above people here; it does not measure listening.") == 1
    assert "over parrot" in page


def test_the_boards_own_controls_have_differences_where_their_samples_make_the_number() -> None:
    rows = entry_rows(Path(__file__).parents[2] / "leaderboard")
    own = next(one for one in boards_of(rows) if one.protocol == "offline")
    cells = {row.name: found for (row, _), found in zip(own.rows, own.cells, strict=True)}
    assert len(cells["ground_truth"]["meteor"]["d"]) == 3
    # Controls are faster than anybody, which says nothing of the clock.
    assert not {"rtf", "step_p50", "late_frames"} & set(own.sticks)
    # Fréchet distances leave arrays, which entries do not hold.
    assert len(cells["ground_truth"]["fd"]["d"]) == 1
    assert "parrot" in own.sticks["distinct_2"]["above"] or own.sticks["distinct_2"]["best"] == "parrot"
