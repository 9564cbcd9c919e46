"""``omnibench audit ranking`` on constructed scores whose order is known, and both exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scored_runs import scored_run

from omnibench.audit.ranking import Entrant, judged, order_of
from omnibench.cli import main
from omnibench.metrics.base import METRICS, Parameters
from omnibench.metrics.protocol import installed_metrics
from omnibench.scoring.paired_values import Row

PEOPLE = [f"p{number // 2}" for number in range(24)]
LEVELS = {
    "relevance": {"ground_truth": 0.9, "listener": 0.7, "parrot": 0.5},
    "responsiveness": {"ground_truth": 0.2, "listener": 0.1, "parrot": 0.4},
    "rouge_l": {"ground_truth": 0.9, "listener": 0.3, "parrot": 0.5},
}


def runs(root: Path, levels: dict[str, dict[str, float]], people: list[str] = PEOPLE) -> Path:
    noise = np.random.default_rng(3).normal(0, 0.02, len(people))
    for model, kind in (("listener", "online"), ("parrot", "control"), ("ground_truth", "control")):
        values = {
            name: [own[model] + float(one) * (model == "parrot") for one in noise] for name, own in levels.items()
        }
        scored_run(root, model, kind, values, people)
    return root


def document(root: Path, tmp_path: Path, *more: str) -> tuple[int, dict[str, dict[str, object]]]:
    code = main(["audit", "ranking", str(root), "--json", str(tmp_path / "r.json"), *more])
    (own,) = json.loads((tmp_path / "r.json").read_text())["rankings"]
    return code, own["metrics"]


def test_the_order_is_told_with_its_probabilities(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = document(runs(tmp_path / "runs", LEVELS), tmp_path)
    assert code == 0
    shown = capsys.readouterr().out.replace("\u00a0", " ")
    assert "people 0.900 > [listener] 0.700 (1.00, 1.00) > parrot 0.499 (1.00)" in shown
    # More than people, and no matter: it claims nothing.
    assert "parrot above people: no metric of listening" in shown
    relevance = found["relevance"]
    assert (relevance["claims_listening"], relevance["verdict"], relevance["units"]) == (True, "kept", 12)
    order = {name: [one["name"] for one in own["order"]] for name, own in found.items()}
    assert order["responsiveness"] == ["parrot", "ground_truth", "listener"]
    assert order["rouge_l"] == ["ground_truth", "parrot", "listener"]
    assert "made test, protocol strict: people, 1 model, 1 control; 12 people named as listeners" in shown
    assert [one.get("above_best_control") for one in found["rouge_l"]["order"]] == [None, None, 0.0]


def test_a_control_above_people_breaks_the_claim_and_exits_6(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    levels = {"relevance": {"ground_truth": 0.5, "listener": 0.4, "parrot": 0.6}}
    code, found = document(runs(tmp_path / "runs", levels), tmp_path)
    assert code == 6
    assert found["relevance"]["verdict"] == "broken"
    assert "relevance on made test (parrot above people)" in capsys.readouterr().err
    # All twelve people agree, so that of all 2^12 ways to swap them only that of nobody does as well.
    (parrot,) = [one for one in found["relevance"]["order"] if one["name"] == "parrot"]
    assert parrot["p"] == pytest.approx(2**-12, rel=1e-9)
    assert parrot["people_above"] == 0.0


def test_who_ties_with_people_stands_behind_them_and_above_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model, kind in (("echo", "control"), ("ground_truth", "control")):
        scored_run(tmp_path / "runs", model, kind, {"relevance": [0.5] * 24}, PEOPLE)
    code, found = document(tmp_path / "runs", tmp_path)
    assert (code, found["relevance"]["verdict"]) == (0, "kept")
    assert "people 0.500 = echo 0.500 (0.50)" in capsys.readouterr().out.replace("\u00a0", " ")


def test_few_people_and_chance_break_nothing(tmp_path: Path) -> None:
    few = [f"p{number % 4}" for number in range(24)]
    levels = {"relevance": {"ground_truth": 0.5, "listener": 0.4, "parrot": 0.6}}
    code, found = document(runs(tmp_path / "few", levels, few), tmp_path)
    assert (code, found["relevance"]["verdict"]) == (0, "too few people to tell")
    chance = {"relevance": {"ground_truth": 0.5, "listener": 0.4, "parrot": 0.502}}
    code, found = document(runs(tmp_path / "chance", chance), tmp_path)
    assert (code, found["relevance"]["verdict"]) == (0, "kept")


def test_the_correction_is_for_the_metrics_that_were_named(tmp_path: Path) -> None:
    root = runs(tmp_path / "runs", LEVELS)
    assert set(document(root, tmp_path, "--metrics", "rouge_l")[1]) == {"rouge_l"}
    assert main(["audit", "ranking", str(root), "--metrics", "rougel"]) == 2


def test_what_cannot_be_in_an_order_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = runs(tmp_path / "runs", {"relevance": LEVELS["relevance"]})
    scored_run(root, "elsewhere", "online", {"relevance": [0.5] * 24}, PEOPLE, condition="noise")
    assert main(["audit", "ranking", str(root)]) == 0
    assert "elsewhere: left out, no ground truth was scored on the same data" in capsys.readouterr().err
    assert main(["audit", "ranking", str(root / "parrot")]) == 4
    assert "omnibench run --model ground_truth" in capsys.readouterr().err


def test_every_measure_says_whether_it_claims_to_listen_and_why() -> None:
    claims = {name: metric.spec.claims for name, metric in installed_metrics().items()}
    assert all(len(claim.why) > 10 for claim in claims.values())
    listening = {name for name, claim in claims.items() if claim.listening}
    assert {"relevance", "answered_2s", "heard_answered_2s", "backchannel_f1"} <= listening
    eight = ("meteor", "bertscore_f1", "rouge_l", "distinct_2", "lse_d", "utmosv2", "fd", "fvd", "responsiveness")
    assert not listening & set(eight)
    # Without a better direction there is no order to be held to.
    assert all(METRICS.get(name).spec.direction != "none" for name in listening)


def test_without_what_it_needs_there_is_no_headline_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document(runs(tmp_path / "runs", {"relevance": LEVELS["relevance"]}), tmp_path)
    assert "No headline on these data: omniresponse, reflex" in capsys.readouterr().out.replace("\n", " ")
    headline = json.loads((tmp_path / "r.json").read_text())["rankings"][0]["headline"]
    assert headline["values"] == {}
    assert "constant_reply" in headline["why"]


def test_a_value_that_comes_with_the_data_breaks_nothing_untested() -> None:
    relevance = METRICS.get("relevance")
    rows = {f"d{i}": Row(f"p{i}", {"areas": 0.5, "turns": 1.0}) for i in range(12)}
    entrants = [Entrant("ground_truth", "people", 0.5, rows), Entrant("parrot", "control", 0.7, {})]
    (found,) = judged([order_of(relevance, Parameters("strict", {}), entrants)])
    assert [place.name for place in found.above_people] == ["parrot"]
    assert (found.verdict, found.breaking) == ("not tested", ())
