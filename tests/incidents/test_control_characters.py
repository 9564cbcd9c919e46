"""A NUL in a transcript was scored and played, shown as nothing, and refused by the board when all was done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.api.scored import score
from omnibench.cli import main

WORD = [{"text": "yes\0", "start": 0.5, "end": 0.8}]
FILES = {"word": {"text": "yes", "words": WORD}, "text": {"text": "I\x92m here", "words": []}}
NAMED = {"word": ("words[0].text", "U+0000"), "text": ("text", "U+0092")}
BELL = """
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame, Word

class Bell:
    card = ModelCard("bell", "1", "online", ("words",), "")
    def open(self, context):
        return self
    def step(self, frame):
        return ListenerFrame(words=(Word("ding\\x07", 0.0, 0.01),) if frame.index == 3 else ())
    def close(self):
        pass
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "data", ids=("a", "b", "c"), seconds=1)


@pytest.mark.parametrize("kind", FILES)
def test_of_an_answer_its_dialogue_fails_alone(root: Path, tmp_path: Path, kind: str) -> None:
    shutil.copytree(root / "test/text/listener", tmp_path / "answers/text")
    (tmp_path / "answers/text/b.json").write_text(json.dumps(FILES[kind]))
    found = {s.id: s.metrics["rouge_l"] for s in score(tmp_path / "answers", root, metrics=["rouge_l"]).samples}
    assert {name: sample.status for name, sample in found.items()} == {"a": "ok", "b": "metric_failed", "c": "ok"}
    assert all(part in found["b"].reason for part in NAMED[kind])


@pytest.mark.parametrize("kind", FILES)
def test_of_a_data_set_verify_names_it_and_the_others_play(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    (root / "test/text/speaker/b.json").write_text(json.dumps(FILES[kind]))
    assert main(["data", "verify", str(root)]) == 4
    told = capsys.readouterr().out
    assert all(part in told for part in ("test/text/speaker/b.json", *NAMED[kind]))
    out = tmp_path / "out"
    main(["run", "--model", "parrot", "--data", str(root), "--out", str(out), "--no-score", "--no-video"])
    assert {path.stem for path in (out / "text").iterdir()} >= {"a", "c"}


def test_of_a_model_the_dialogue_fails_with_the_word(root: Path, tmp_path: Path) -> None:
    (tmp_path / "bell.py").write_text(BELL)
    out = tmp_path / "out"
    main(["run", "--model", f"{tmp_path}/bell.py:Bell", "--data", str(root), "--out", str(out), "--no-score"])
    lines = [json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines()]
    assert {line["status"] for line in lines if line.get("id")} == {"model_failed"}
    assert all("'ding\\x07' holds the control character U+0007" in line["reason"] for line in lines if line.get("id"))
