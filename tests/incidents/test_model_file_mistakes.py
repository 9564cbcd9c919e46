"""A newcomer's own listener with an ordinary mistake.

A syntax error, a package that is not installed, a helper beside the file, a card with a word misspelt: each ended in a
traceback through importlib, in "a bug", or only after the run had begun. Every command that takes a model now says file
and line first, in one sentence, and exits 4, or 3 for a package that is missing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.model_file import source_hash
from omnibench.responder import find_model

GOOD = """\
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame


class Session:
    def step(self, frame):
        return ListenerFrame(words=())

    def close(self):
        pass


class Mine:
    card = ModelCard("mine", "1", "online", ("words",), "Says nothing.")

    def open(self, context):
        return Session()
"""
CARD = 'ModelCard("mine", "1", "online", ("words",), "Says nothing.")'


def card(text: str) -> str:
    return GOOD.replace(CARD, text)


def built(body: str) -> str:
    return f"{GOOD}\n    def __init__(self):\n        {body}\n"


# What is wrong with the file, the exit code, and what the sentence must hold; the first begins it.
MISTAKES: dict[str, tuple[str | bytes, int, tuple[str, ...]]] = {
    "syntax": (GOOD.replace("def close(", "def close(("), 4, ("mine.py:9: SyntaxError",)),
    "indent": (GOOD.replace("    def close", "  def close"), 4, ("mine.py:9: IndentationError",)),
    "tabs": (GOOD.replace("    def close", "\tdef close"), 4, ("mine.py:9: TabError",)),
    "package": (f"import nosuchpackage.part\n{GOOD}", 3, ("mine.py:1: the package", '"nosuchpackage"', "pip install")),
    "part": (f"import numpy.nosuchpart\n{GOOD}", 4, ("mine.py:1: ModuleNotFoundError", "numpy.nosuchpart")),
    "own": (f"from own_helper import absent\n{GOOD}", 4, ("mine.py:1: ImportError", "absent")),
    "own syntax": (f"import own_broken\n{GOOD}", 4, ("own_broken.py:2: SyntaxError",)),
    "name": (f"\n\nfoo\n{GOOD}", 4, ("mine.py:3: NameError: name 'foo' is not defined",)),
    "zero": (f"{GOOD}x = 1 / 0\n", 4, ("mine.py:18: ZeroDivisionError",)),
    "library": (f"import json\njson.loads('{{')\n{GOOD}", 4, ("mine.py:2: JSONDecodeError",)),
    "file": (f"open('weights.pt')\n{GOOD}", 4, ("mine.py:1: FileNotFoundError", "weights.pt")),
    "exit": (f"import sys\nsys.exit('usage: mine')\n{GOOD}", 4, ("mine.py:2: the file ends the program", "__main__")),
    "run text": (f"exec('x = (')\n{GOOD}", 4, ("mine.py:1: SyntaxError",)),
    "latin-1": (GOOD.encode() + b"X = 'caf\xe9'\n", 4, ("mine.py:18: SyntaxError", "utf-8", "iconv -f WINDOWS-1252")),
    "utf-16": (GOOD.encode("utf-16"), 4, ("mine.py:1: SyntaxError", "null bytes", "iconv -f UTF-16 -t UTF-8")),
    "curly quotes": (GOOD.replace('"mine"', "\u201cmine\u201d"), 4, ("mine.py:14: SyntaxError", "U+201C")),
    "half": (f"raise ValueError('\\ud83d')\n{GOOD}", 4, ("mine.py:1: ValueError", "\\ud83d")),
    "mute": (
        f"class E(Exception):\n    def __str__(self): return 1\nraise E\n{GOOD}",
        4,
        ("mine.py:3: E", "does not say"),
    ),
    "nul": (b"# a\nx = 1\0\n" + GOOD.encode(), 4, ("mine.py:2: SyntaxError", "null bytes")),
    "coding": (b"# -*- coding: nosuch -*-\n" + GOOD.encode(), 4, ("mine.py:1: SyntaxError", "nosuch")),
    "empty": ("", 4, ('mine.py: no class "Mine"',)),
    "value": ("Mine = 3\n", 4, ('mine.py: "Mine" is no class',)),
    "no card": (GOOD.replace("card =", "crd ="), 4, ("mine.py:Mine: expected a class attribute `card",)),
    "card a dict": (card('{"name": "mine"}'), 4, ("mine.py:Mine: expected a class attribute `card", "dict")),
    "card short": (card('ModelCard("mine", "1", "online", ("words",))'), 4, ("mine.py:14: TypeError", "summary")),
    "card's name": (card(CARD.replace('"mine"', '"my bad/name"')), 4, ("mine.py:14: ModelCard", "my bad/name")),
    "card's dots": (card(CARD.replace('"mine"', '".."')), 4, ("mine.py:14: ModelCard", "letters, digits")),
    "card's kind": (card(CARD.replace("online", "onlin")), 4, ("mine.py:14: ModelCard", "onlin", "offline")),
    "card's outputs": (card(CARD.replace('("words",)', '("words")')), 4, ("mine.py:14: ModelCard", '("words",)')),
    "card's word": (card(CARD.replace('"words"', '"text"')), 4, ("mine.py:14: ModelCard", "'text'", "words")),
    "card's number": (card(CARD.replace('.")', '.", parameters="7M")')), 4, ("mine.py:14: ModelCard", "7M")),
    "no open": (GOOD.replace("def open", "def opened"), 4, ("mine.py:Mine: expected a method `open(",)),
    "constructor": (built("raise FileNotFoundError('weights.pt')"), 4, ("mine.py:20: FileNotFoundError", "weights.pt")),
    "its package": (built("import nosuchpackage"), 3, ("mine.py:20: the package", "nosuchpackage")),
    "its exit": (built("raise SystemExit(3)"), 4, ("mine.py:20: the file ends the program",)),
    "its settings": (
        f"{GOOD}\n    def __init__(self, size, depth=3):\n        pass\n",
        2,
        ("mine.py:Mine: could not be built (TypeError", "(size, depth=3)", "--set"),
    ),
}
COMMANDS = (
    ("run", "--workers", "0", "--no-score", "--no-video", "--out", "out", "--model"),
    ("audit", "causality", "--dialogues", "1", "--cuts", "1", "--model"),
    ("bench", "--minutes", "0.01"),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(
        tmp_path_factory.mktemp("data"), ids=("a",), seconds=1.0, modalities=("audio", "vector", "text")
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.startswith("own_")]:
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "own_helper.py").write_text("SPEED = 1\n")
    (tmp_path / "own_broken.py").write_text("\nSPEED = (1\n")
    return tmp_path


def write(path: Path, source: str | bytes) -> Path:
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return path


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[2]], ids=["run", "bench"])
def test_file_and_line_come_first(
    command: tuple[str, ...], mistake: str, data: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, code, parts = MISTAKES[mistake]
    write(folder / "mine.py", source)
    given = ("--data", str(data)) if command[0] != "bench" else ()
    assert main([*command, "mine.py:Mine", *given]) == code
    said = capsys.readouterr().err.splitlines()[-1]
    place = said.removeprefix("omnibench: ")
    assert place.removeprefix(f"{folder}/").startswith(parts[0]), said
    assert all(part in said for part in parts), said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", COMMANDS, ids=["run", "audit", "bench"])
@pytest.mark.parametrize("mistake", ["syntax", "package", "constructor"])
def test_no_command_shows_a_traceback_of_ours(command: tuple[str, ...], mistake: str, data: Path, folder: Path) -> None:
    source, code, parts = MISTAKES[mistake]
    write(folder / "mine.py", source)
    given = ["--data", str(data)] if command[0] != "bench" else []
    words = [word if word != "0" else "1" for word in command]
    line = [sys.executable, "-m", "omnibench", *words, "mine.py:Mine", *given]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1].replace(f"{folder}/", "").startswith(f"omnibench: {parts[0]}")
    assert "Traceback" not in done.stderr


def test_a_mended_file_goes_on_without_fresh(data: Path, folder: Path) -> None:
    """Nothing was answered, so nothing is lost: the same command must not ask for --fresh."""
    write(folder / "mine.py", built("raise ValueError('not yet')"))
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 4
    write(folder / "mine.py", GOOD.replace("return ListenerFrame(words=())", "return 1 / 0"))
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 5
    write(folder / "mine.py", GOOD)
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 0
    write(folder / "mine.py", f"{GOOD}# another model\n")
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 2


def test_modules_beside_the_file_can_be_imported_and_count(data: Path, folder: Path) -> None:
    path = write(folder / "mine.py", f"import own_helper\n{GOOD}")
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 0
    before = source_hash(path)
    write(folder / "own_helper.py", "SPEED = 2\n")
    find_model("mine.py:Mine")
    assert source_hash(path) != before
    assert main([*COMMANDS[0], "mine.py:Mine", "--data", str(data)]) == 2  # answers of two programs never mix


@pytest.mark.parametrize(
    ("name", "code", "parts"),
    [
        ("mine.py", 2, ("add the class", "mine.py:Mine")),
        ("mine.py:", 2, ("add the class", "mine.py:Mine")),
        ("mine.py:Min", 4, ('no class "Min"', "Mine")),
        ("absent.py", 4, ("absent.py: no such file", "file.py:Class")),
        ("absent/mine", 4, ("absent/mine: no such file", "file.py:Class")),
        ("notes.txt", 4, ("notes.txt: no Python file",)),
        ("nothing", 2, ('Unknown model "nothing". Known: `omnibench models`',)),
        ("Silence ", 2, ('Did you mean "silence"?',)),
    ],
)
def test_what_names_no_model(
    name: str, code: int, parts: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "mine.py", GOOD)
    write(folder / "notes.txt", "no model")
    assert main(["run", "--model", name]) == code
    said = capsys.readouterr().err
    assert all(part in said for part in parts), said


def test_an_interruption_passes(folder: Path) -> None:
    write(folder / "mine.py", "raise KeyboardInterrupt\n")
    assert main(["run", "--model", "mine.py:Mine"]) == 130


def test_a_list_stands_for_a_tuple(folder: Path) -> None:
    write(folder / "mine.py", card(CARD.replace('("words",)', '["words"]')))
    assert find_model("mine.py:Mine").card.outputs == ("words",)
