"""What a model says where a word was expected: with ``--workers 0`` the run ended in a traceback, and no other dialogue
was played; in a process of its own a time given as text, or as True, was taken.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main

SOURCE = """\
import sys
import numpy as np
from fractions import Fraction
from omnibench import ListenerFrame, ModelCard
from omnibench.types import Word

class Unhappy(Exception):
    def __str__(self): return 1 / 0

class Mute:
    def __repr__(self): return 1 / 0

def said(words): return ListenerFrame(words=words)
def failed(error): raise error

class Mine:
    opened = 0
    card = ModelCard("mine", "1", "online", ("words",), "Says odd things once.")
    def open(self, context):
        Mine.opened += 1
        class Session:
            odd = Mine.opened == 1
            def step(self, frame):
                return {odd} if self.odd and frame.index == 5 else ListenerFrame()
            def close(self):
                pass
        return Session()
"""
REFUSED = {
    "said([Word('x\\ud83d', .1, .2)])": "holds half of a character",
    "said([Word('x', '0.1', '0.2')])": "'0.1' is no time",
    "said([Word('x', None, .2)])": "None is no time",
    "said([Word('x', True, True)])": "True is no time",
    "said([Word('x', 0, 10**400)])": "no time is as large as its",
    "said([Word('x', float('nan'), .2)])": "from nan to 0.2",
    "said([Word(b'x', .1, .2)])": "expected Word(text, start, end)",
    "said([('x', .1, .2)])": "expected Word(text, start, end)",
    "said([Mute()])": "answered with the word a Mute",
    "said(5)": "words of type int, expected a list of Word",
    "said('yes')": "expected Word(text, start, end)",
    "said(1 / 0 for _ in '.')": "words of type generator",
    "failed(ValueError('\\ud83d'))": "raised ValueError: \\ud83d",
    "failed(Unhappy())": "raised Unhappy: which does not say what it is",
    "sys.exit('enough')": "raised SystemExit: enough",
}
TAKEN = (
    "said(None)",
    "said(iter([Word('x', np.float32(.1), Fraction(1, 5))]))",
    "print('\\ud83d') or said([Word('x', 0, 0)])",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, kinds = tmp_path_factory.mktemp("data"), ("audio", "vector", "text")
    return write_dataset(root, ids=("a", "b"), seconds=0.4, modalities=kinds)


def played(odd: str, data: Path, folder: Path, workers: int) -> tuple[int, list[str]]:
    model, out = folder / "mine.py", folder / "out"
    model.write_text(SOURCE.replace("{odd}", odd))
    line = ["run", "--model", f"{model}:Mine", "--data", str(data), "--out", str(out), "--no-score"]
    return main([*line, "--workers", str(workers)]), sorted(path.stem for path in (out / "text").glob("*.json"))


@pytest.mark.parametrize("odd", REFUSED)
def test_that_dialogue_fails_and_the_next_is_played(
    odd: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(odd, data, tmp_path, workers=0) == (5, ["b"])
    said = capsys.readouterr().err
    assert REFUSED[odd] in said
    assert "a: model_failed" in said


@pytest.mark.parametrize("odd", list(REFUSED)[1:4])
def test_a_process_of_its_own_changes_nothing(
    odd: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert played(odd, data, tmp_path, workers=1) == (5, ["b"])
    assert REFUSED[odd] in capsys.readouterr().err


@pytest.mark.parametrize("lost", ["step", "close", "opened"])
def test_a_session_without_its_methods_fails_its_dialogue(
    lost: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = SOURCE.replace("{odd}", "said(None)")
    spoilt = whole.replace("return Session()", "return None") if lost == "opened" else whole.replace(lost, f"no_{lost}")
    (tmp_path / "mine.py").write_text(spoilt)
    line = ["run", "--model", f"{tmp_path / 'mine.py'}:Mine", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*line, "--no-score", "--workers", "0"]) == 5
    assert "2 of 2 dialogues have no answer. a: model_failed" in capsys.readouterr().err


@pytest.mark.parametrize("odd", TAKEN)
def test_what_means_words_is_taken(odd: str, data: Path, tmp_path: Path) -> None:
    assert played(odd, data, tmp_path, workers=0) == (0, ["a", "b"])
