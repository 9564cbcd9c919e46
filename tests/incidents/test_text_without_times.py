"""Answers of text alone scored 0.00 s of false speech a minute, as if they had been silent: nobody had said when their
words are spoken.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.api.scored import score

METRICS = ["rouge_l", "false_speech", "answered_2s"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("untimed") / "data", ids=("a", "b", "c"), seconds=2)


def answers(folder: Path, **files: object) -> Path:
    (folder / "text").mkdir(parents=True)
    for name, content in files.items():
        (folder / f"text/{name}.json").write_text(json.dumps(content))
    return folder


def test_text_alone_is_measured_as_text_and_never_as_silence(root: Path, tmp_path: Path) -> None:
    folder = answers(tmp_path / "all", a={"text": "yes"}, b={"text": "I see", "words": []}, c={"text": "well"})
    result = score(folder, data=str(root), protocol="offline", metrics=METRICS)
    assert set(result.values) == {"rouge_l"}
    said = {name: result.to_dataframe().loc[name, "reason"] for name in METRICS[1:]}
    assert set(said.values()) == {"text/ does not say when its words are spoken"}


def test_one_answer_without_times_fails_alone(root: Path, tmp_path: Path) -> None:
    timed = {"text": "yes", "words": [{"text": "yes", "start": 0.5, "end": 0.8}]}
    folder = answers(tmp_path / "one", a=timed, b={"text": "I see"}, c={"text": "", "words": []})
    result = score(folder, data=str(root), protocol="offline", metrics=METRICS)
    told = {sample.id: sample.metrics["false_speech"].status for sample in result.samples}
    assert told == {"a": "ok", "b": "metric_failed", "c": "ok"}
    assert {sample.metrics["rouge_l"].status for sample in result.samples} == {"ok"}
