"""A streamed answer cut inside an emoji, written with json.dump: a lone surrogate in an otherwise valid JSON file.

Scores of all other dialogues were lost, a run never played the dialogues after it, a report was not made at all, and
nobody said which field it was. It is a fault of that file, told with its field before a run and after it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.errors import InputError
from omnibench.files.records import Hardware, RunRecord
from omnibench.responder import ModelCard
from omnibench.scoring.scores import read_scores

HALF = r'"text": "yes \ud83d"'
SAYS = "half of a character (a lone surrogate, U+D83D) at character 5"
RUN = ("--workers", "0", "--no-video", "--no-score")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    kinds = ("audio", "vector", "text")
    return write_dataset(tmp_path / "data", ids=("a", "b", "c"), seconds=0.6, modalities=kinds)


def spoil(path: Path) -> None:
    document = json.loads(path.read_text())
    document["text"] = "TEXT"
    path.write_text(json.dumps(document).replace('"text": "TEXT"', HALF))


def test_an_answer_costs_its_dialogue_alone(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = tmp_path / "answers"
    shutil.copytree(data / "test/text/listener", answers / "text")
    spoil(answers / "text/b.json")
    wanted = ["--data", str(data), "--protocol", "offline", "--metrics", "meteor,rouge_l,distinct_2,false_speech"]
    assert main(["score", str(answers), *wanted]) == 5
    for entry in read_scores(answers / "scores.json").metrics.values():
        assert (entry.n_scored, entry.n_expected) == (2, 3)
        assert SAYS in entry.not_scored["b"]
        assert 'text/b.json: field "text"' in entry.not_scored["b"]
    page = tmp_path / "r.html"
    assert main(["report", str(answers), "--data", str(data), "--out", str(page), "--media", "none"]) == 4
    assert "b cannot be shown whole (1 of 3 dialogues)" in capsys.readouterr().err
    shown = page.read_text(encoding="utf-8")
    assert all(f'"id":"{name}"' in shown for name in "abc")
    assert SAYS in shown


def test_a_data_set_is_told_beforehand_and_played_without_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(data / "test/text/speaker/b.json")
    assert main(["data", "verify", str(data)]) == 4
    assert f'test/text/speaker/b.json: field "text": {SAYS}' in capsys.readouterr().out
    assert main(["data", "stats", str(data), "--out", str(tmp_path / "plots")]) == 0
    assert "words left out" in capsys.readouterr().out
    out = tmp_path / "out"
    assert main(["run", "--model", "parrot", "--data", str(data), "--out", str(out), *RUN]) == 4
    assert SAYS in capsys.readouterr().err
    assert sorted(path.stem for path in (out / "text").iterdir()) == ["a", "c"]
    assert main(["score", str(out), "--protocol", "offline", "--metrics", "rouge_l"]) == 5


def test_a_run_can_write_what_a_machine_says_of_itself() -> None:
    record = RunRecord(hardware=Hardware(processor="caf\udce9"), packages={"x\ud83d": "1"})
    assert json.loads(record.to_json().encode())["hardware"]["processor"] == "caf\\udce9"


@pytest.mark.parametrize("field", ["version", "summary", "licence", "citation", "group", "trained_on", "weights"])
def test_a_card_has_whole_characters(field: str) -> None:
    fields = {"name": "m", "version": "1", "kind": "online", "outputs": ("words",), "summary": ""}
    half = ("x\ud83d",) if field in ("trained_on", "weights") else "x\ud83d"
    with pytest.raises(InputError, match=f"{field} is .*expected whole characters"):
        ModelCard(**{**fields, field: half})  # type: ignore[arg-type]


def test_a_setting_has_whole_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--model", "silence", "--set", "x=a\udce9"]) == 2
    assert "half of a character" in capsys.readouterr().err
