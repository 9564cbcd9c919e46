"""Reasons below a run's numbers: each once, counted, and never more than a screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from score_entries import scores_of

from omnibench.files.score_records import Scores
from omnibench.scoring.reasons import MOST_CHARACTERS, MOST_LINES, counted, footnotes

FOLDER = Path("runs/m/mini-test")


def scores(metrics: Mapping[str, Mapping[str, Any]], protocol: str = "offline") -> Scores:
    return scores_of(metrics, protocol)


def gap(reasons: Mapping[str, str], expected: int = 24) -> dict[str, Any]:
    return {"value": 1.0, "n_scored": expected - len(reasons), "n_expected": expected, "not_scored": dict(reasons)}


def test_one_reason_of_many_dialogues_is_one_line() -> None:
    reasons = {f"mini-{number}": "no answer in the folder" for number in range(2002, 2025)}
    assert counted(reasons) == ["23 x no answer in the folder: mini-2002 … mini-2024"]
    missing = {name: f"infra_failed: {reason}" for name, reason in reasons.items()}
    found = footnotes(scores({name: gap(missing) for name in ("a", "b", "c", "d", "e")}), FOLDER)
    assert found == [
        "  23 x no answer in the folder: mini-2002 … mini-2024 (a, b, c and 2 more)",
        f"  every dialogue with its reason: {FOLDER / 'samples.jsonl'}",
    ]


@pytest.mark.parametrize("dialogue", ["a", "no", "d.1", "x-1", "d"])
def test_reasons_that_differ_in_their_file_are_one(dialogue: str) -> None:
    others = [dialogue, f"{dialogue}2", f"{dialogue}-3"]
    stereo = "{0}.wav: 2 channels, not a mono. Try `ffmpeg -i {1}.wav -af pan=mono|c0=c0 out.wav`"
    reasons = {name: stereo.format(f"{FOLDER}/audio/{name}", name) for name in others}
    assert counted(reasons) == [
        f"3 x {FOLDER}/audio/<id>.wav: 2 channels, not a mono. Try `ffmpeg -i <id>.wav -af pan=mono|c0=c0 out.wav`: "
        f"{', '.join(others)}"
    ]
    below = footnotes(scores({"m": gap({k: f"metric_failed: {v}" for k, v in reasons.items()})}), FOLDER)
    assert below[0].startswith("  3 x audio/<id>.wav: 2 channels, not a mono. Try ")


def test_any_number_of_reasons_stays_below_a_screen() -> None:
    metrics = {}
    for m in range(40):
        own = "m" * m
        reasons = {f"d{i}": f"metric_failed: {'i' * (i % 50)} {'long ' * 400}{own}\nand more" for i in range(500)}
        metrics[f"m{m}"] = gap(reasons, 500)
        metrics[f"u{m}"] = {"status": "unavailable", "reason": f"reason {own}: omnibench assets fetch {'x' * 900}"}
        metrics[f"w{m}"] = {"status": "withheld", "reason": "d: no answer; " * 500, "n_scored": 0, "n_expected": 9}
    found = footnotes(scores(metrics), FOLDER)
    assert len(found) <= 2 * MOST_LINES + 2
    assert all("\n" not in line and len(line) < MOST_CHARACTERS + 60 for line in found)
    assert any("other reasons" in line for line in found)


def test_the_most_frequent_reason_comes_first_and_the_rest_are_counted() -> None:
    reasons = {f"d{i}": f"reason {'x' * max(i, 20)}" for i in range(40)}
    lines = counted(reasons)
    assert lines[0] == f"21 x reason {'x' * 20}: d0 … d20"
    assert len(lines) == MOST_LINES
    assert lines[-1] == f"and {20 - (MOST_LINES - 1)} other reasons"


def test_reasons_that_differ_in_numbers_are_of_one_kind() -> None:
    seen = {f"d{i}": f"a face in {i} of 250 frames, {i / 7:.1f} s of speech" for i in range(24)}
    assert counted(seen) == ["24 x a face in 0 of 250 frames, 0.0 s of speech, or the like: d0 … d23"]
    rotten = {f"d{i}": f"text/d{i}.json is not what the run wrote: sha256 {i * 7919:012x}…" for i in range(24)}
    assert len(counted(rotten)) == 1
    assert len(counted({"a": "no face", "b": "no voice"})) == 2


def test_a_model_s_own_failure_is_called_one() -> None:
    found = footnotes(
        scores({"m": gap({"a": "model_failed: step 3 raised", "b": "outside: the human is silent"})}), FOLDER
    )
    assert found[0] == "  1 x model_failed: step 3 raised: a (m)"


def test_dialogues_outside_a_metric_are_no_gap() -> None:
    whole = {"value": 1.0, "n_scored": 23, "n_expected": 23, "n_outside": 1, "not_scored": {"b": "outside: silent"}}
    assert footnotes(scores({"m": whole}), FOLDER) == []


def test_why_a_number_is_not_there_is_said_once_for_all_metrics() -> None:
    gone = {"status": "unavailable", "reason": "I3D is not here: omnibench assets fetch i3d"}
    held = {"status": "withheld", "n_scored": 23, "n_expected": 24, "not_scored": {"a": "infra_failed: gone"}}
    found = footnotes(
        scores({"fvd": gone, "fvd_floor": gone, "fd": {**held, "reason": "FD …"}, "ead": {**held, "reason": "EAD …"}}),
        FOLDER,
    )
    assert found[:3] == [
        "  unavailable: I3D is not here: omnibench assets fetch i3d (fvd, fvd_floor)",
        "  withheld: no worst value bounds what dialogues without a score would do to it (fd, ead)",
        "  1 x gone: a (fd, ead)",
    ]


def test_a_reason_that_holds_for_fewer_dialogues_of_some_metrics_is_said_once() -> None:
    """The text metrics leave out the dialogue in which the human is silent."""
    gone = {f"d{i}": "infra_failed: no answer in the folder" for i in range(5, 24)}
    fewer = {**gone, "d9": "outside: the human listener says nothing here"}
    found = footnotes(scores({"meteor": gap(fewer), "fd": gap(gone), "rouge_l": gap(fewer)}), FOLDER)
    assert found[0] == "  19 x no answer in the folder: d5 … d23 (meteor, fd, rouge_l)"
    assert len(found) == 2
