"""A run's table: each number beside the best of the trivial listeners, measured in the same way or not shown."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from score_entries import entry_of, scores_of

from omnibench.datasets.opening import open_dataset
from omnibench.files.records import Card
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import SEPARATOR, comparison_key, signature
from omnibench.tables.controls import TRIVIAL, Control, best_control, reference_document
from omnibench.tables.paper_tables import Run
from omnibench.tables.run_table import WIDTH, format_scores

SHIPPED: dict[str, dict[str, float]] = json.loads(
    files("omnibench.datasets.mini").joinpath("controls.offline.json").read_text(encoding="utf-8")
)["values"]

SEVERAL_ANSWERS = ("meteor_multi", "bertscore_minilm_multi")
"""What mini, with one answer to each turn, has no number of."""


def key_of(title: str) -> str:
    return next(key for key in SHIPPED if key.startswith(f"{title}|"))


def entry(title: str, value: float, direction: str = "higher", **more: Any) -> dict[str, Any]:
    counts = {"n_scored": 24, "n_expected": 24}
    seal = f"{key_of(title)}{SEPARATOR}cov:24/24|v:0"
    return {"value": value, "direction": direction, "signature": seal, **counts, **more}


def test_the_shipped_numbers_are_of_todays_data_and_protocol() -> None:
    """Their keys hold every parameter: whoever changes one runs the controls again, by the lines in the module."""
    mini = open_dataset("mini")
    data = f"mini-test@{mini.manifest_hash('test')[:8]}"
    mini.close()
    sections = load_protocol("offline").metrics
    expected: dict[str, set[str]] = {}
    for name, parameters in sections.items():
        spec = METRICS.get(name).spec
        if spec.direction != "none" and "timing" not in spec.needs and name not in SEVERAL_ANSWERS:
            made = comparison_key(signature(spec.title, "offline", parameters.values, data, {}, ""))
            expected[spec.title] = set(made.split("|"))
    found = {key.split("|")[0]: set(key.split("|")) for key in SHIPPED}
    assert set(found) == set(expected)
    for title, parts in expected.items():
        assert parts <= found[title], title
    assert set().union(*SHIPPED.values()) == set(TRIVIAL)


def test_the_shipped_numbers_are_those_of_the_leaderboards_controls() -> None:
    root = Path(str(files("leaderboard"))) / "controls"
    compared = 0
    for path in root.glob("*/entry.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for own in document["scores"].get("offline", {}).get("metrics", {}).values():
            known = SHIPPED.get(comparison_key(str(own.get("signature", ""))), {}).get(document["model"]["name"])
            if known is not None and "value" in own:
                assert own["value"] == pytest.approx(known, rel=1e-6, abs=1e-9)
                compared += 1
    assert compared > 40


def test_the_best_is_by_the_metrics_direction_and_named() -> None:
    meteor, fd = SHIPPED[key_of("METEOR")], SHIPPED[key_of("FD")]
    best, nearest = max(meteor, key=lambda n: meteor[n]), min(fd, key=lambda n: fd[n])
    assert best_control(entry_of(**entry("METEOR", 0.1))) == Control(best, meteor[best])
    assert best_control(entry_of(**entry("FD", 0.1, "lower"))) == Control(nearest, fd[nearest])
    others = {name: value for name, value in meteor.items() if name != best}
    second = max(others, key=lambda n: others[n])
    assert best_control(entry_of(**entry("METEOR", 0.1)), other_than=best) == Control(second, meteor[second])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("data:mini-test@", "data:mini-test@0"),
        ("transcript:oracle", "transcript:delayed:300"),
        ("alpha:0.9", "alpha:0.8"),
    ],
)
def test_nothing_is_shown_beside_a_number_that_was_measured_differently(old: str, new: str) -> None:
    own = entry("METEOR", 0.1)
    assert old in own["signature"]
    assert best_control(entry_of(**own | {"signature": own["signature"].replace(old, new)})) is None
    assert best_control(entry_of(**own | {"direction": "none"})) is None
    assert best_control(entry_of(status="withheld", reason="")) is None


def test_what_depends_on_the_machine_or_is_incomplete_is_no_yardstick() -> None:
    whole = {"n_scored": 24, "n_expected": 24}
    step = {"value": 0.01, "direction": "lower", "signature": f"Step p50|x{SEPARATOR}", **whole}
    part = {"value": 0.5, "direction": "higher", "signature": f"METEOR|x{SEPARATOR}", "n_scored": 3, "n_expected": 24}
    rouge = {"value": 0.2, "direction": "higher", "signature": f"ROUGE-L|x{SEPARATOR}", **whole}
    metrics = {"step_p50": step, "meteor": part, "rouge_l": rouge}
    runs = [
        Run(Path("runs") / name, scores_of(metrics, model=name), Card(name=name, kind=kind))
        for name, kind in (("silence", "control"), ("ground_truth", "control"), ("mine", "online"))
    ]
    paced = scores_of({"rouge_l": rouge | {"value": 0.9}}, model="silence").model_copy(update={"pace": "real"})
    runs.append(Run(Path("runs/silence/paced"), paced, Card(name="silence", kind="control")))
    assert reference_document(runs) == {"controls": ["silence"], "values": {"ROUGE-L|x": {"silence": 0.2}}}


def shown(metrics: dict[str, Any], model: str = "mine") -> list[str]:
    return format_scores(scores_of(metrics, model=model)).splitlines()


def test_the_table_names_the_control_and_says_which_beat_the_run() -> None:
    interval = {"low": 0.05, "high": 0.15, "method": ""}
    best = best_control(entry_of(**entry("METEOR", 0.0)))
    assert best is not None
    lines = shown(
        {
            "meteor": entry("METEOR", best.value - 0.01, interval=interval),
            "rouge_l": entry("ROUGE-L", 0.9, n_scored=23),
            "fd": {"status": "not_applicable", "reason": "no vector/ in the predictions"},
            "fvd_mini": {"status": "withheld", "reason": "long", "n_scored": 23, "n_expected": 24},
        }
    )
    assert lines[0] == "mine on mini-v1 test (24 dialogues), protocol offline"
    assert lines[1].split() == ["metric", "value", "95", "%", "interval", "best", "control"]
    assert f"> {best.value:.3f} {best.name}" in lines[2]
    assert "[0.050, 0.150]" in lines[2]
    assert "(23/24 !)" in lines[3]
    assert ">" not in lines[3]
    assert lines[4].split() == ["fvd_mini", "withheld", "(23/24", "!)"]
    assert "no vector/ in the predictions: fd" in lines[5]
    assert all(name in " ".join(lines[6:]) for name in TRIVIAL)


def test_other_data_has_no_control_column() -> None:
    own = entry("METEOR", 0.1)
    lines = shown({"meteor": {**own, "signature": own["signature"].replace("mini-test", "theirs-test")}})
    assert "control" not in "\n".join(lines)
    assert lines[2].split() == ["meteor", "↑", "0.100"]


def test_a_whole_run_fits_into_100_columns() -> None:
    interval = {"low": 123.456, "high": 456.789, "method": ""}
    metrics = {}
    for name in load_protocol("offline").metrics:
        spec = METRICS.get(name).spec
        known = next((key for key in SHIPPED if key.startswith(f"{spec.title}|")), f"{spec.title}|x")
        seal = {"signature": f"{known}{SEPARATOR}", "n_scored": 24, "n_expected": 24}
        metrics[name] = {"value": 234.567, "direction": spec.direction, "interval": interval, **seal}
    assert max(map(len, shown(metrics))) <= WIDTH
    absent = {name: {"status": "not_applicable", "reason": "no text/ in the predictions"} for name in metrics}
    assert max(map(len, shown(absent))) <= WIDTH
