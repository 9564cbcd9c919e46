"""One modality copied through macOS: "café" is one letter more in audio/ than in text/, and they were two dialogues.

Names that are equal in normal form C are one, in data, manifests, answers and ``--ids``; two files that differ in
nothing else are a fault of that dialogue. A name in another case is another dialogue, and the message says so.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset

NFC, NFD = "caf\u00e9", "cafe\u0301"
PLAY = ("--workers", "0", "--no-video", "--no-score")


def renamed(folder: Path, name: str, suffix: str) -> None:
    for path in sorted(folder.rglob(f"caf*{suffix}")):
        path.rename(path.with_name(f"{name}{suffix}"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    kinds = ("audio", "vector", "text")
    return write_dataset(tmp_path / "data", ids=("a", NFC, "c"), seconds=0.6, modalities=kinds)


@pytest.mark.parametrize("listed", ["", NFC, NFD])
def test_both_forms_are_one_dialogue(listed: str, data: Path, tmp_path: Path) -> None:
    renamed(data, NFD, ".wav")
    if listed:
        splits = {"test": [{"id": "a"}, {"id": listed}, {"id": "c"}]}
        (data / "manifest.json").write_text(json.dumps({"splits": splits}))
    assert set(open_dataset(str(data)).ids("test")) == {"a", listed or NFC, "c"}
    assert main(["data", "verify", str(data)]) == 0
    for name in (NFC, NFD):
        out = tmp_path / f"one{len(name)}"
        assert main(["run", "--model", "silence", "--data", str(data), "--out", str(out), "--ids", name, *PLAY]) == 0
        assert len(list((out / "text").iterdir())) == 1


def test_a_set_of_one_form_keeps_it(data: Path) -> None:
    """As it was: the names are part of what a split's hash is made of."""
    for suffix in (".wav", ".npy", ".json"):
        renamed(data, NFD, suffix)
    assert NFD in open_dataset(str(data)).ids("test")


def test_answers_in_the_other_form_are_found(data: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    shutil.copytree(data / "test/text/listener", answers / "text")
    renamed(answers, NFD, ".json")
    wanted = ["--protocol", "offline", "--metrics", "rouge_l"]
    assert main(["score", str(answers), "--data", str(data), *wanted]) == 0
    run = tmp_path / "run"
    assert main(["run", "--model", "parrot", "--data", str(data), "--out", str(run), *PLAY]) == 0
    for path in sorted(run.rglob("caf*")):
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert main(["score", str(run), *wanted]) == 0


def test_two_files_of_one_name_are_a_fault_of_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers"
    shutil.copytree(data / "test/text/listener", answers / "text")
    shutil.copy(answers / f"text/{NFC}.json", answers / f"text/{NFD}.json")
    wanted = ["--protocol", "offline", "--metrics", "rouge_l"]
    assert main(["score", str(answers), "--data", str(data), *wanted]) == 5
    assert "is there twice, with letters composed and decomposed" in capsys.readouterr().out
    shutil.copy(data / f"test/text/speaker/{NFC}.json", data / f"test/text/speaker/{NFD}.json")
    assert main(["data", "verify", str(data)]) == 4
    assert "is there twice, with letters composed and decomposed" in capsys.readouterr().out
    assert main(["run", "--model", "parrot", "--data", str(data), "--out", str(tmp_path / "run"), *PLAY]) == 4
    assert {path.stem for path in (tmp_path / "run/text").iterdir()} == {"a", "c"}


def test_another_case_is_another_dialogue_and_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in sorted((data / "test/text").rglob("a.json")):
        path.rename(path.with_name("A.json"))
    assert main(["data", "verify", str(data)]) == 4
    assert "test/text/speaker/a.json: missing" in (said := capsys.readouterr().out)
    assert "'A.json' is, whose name differs in case" in said
    assert main(["run", "--model", "parrot", "--data", str(data), "--out", str(tmp_path / "o"), *PLAY]) == 4
    assert "'a.wav' is, whose name differs in case" in capsys.readouterr().err
