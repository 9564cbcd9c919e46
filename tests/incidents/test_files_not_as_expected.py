"""Data sets whose files were there and were passed over: by their suffix, by links to what was not fetched, by a folder
around them. The data set was smaller then, or had no sound, and nobody said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.verify import verify
from omnibench.errors import InputError
from omnibench.media.face import neutral_face


def dangle(split: Path) -> None:
    for path in split.rglob("b.*"):
        path.unlink()
        path.symlink_to("../../../../.git/annex/objects/xx/SHA256E-s1--00")


def rename(pattern: str, suffix: str) -> Callable[[Path], None]:
    def change(split: Path) -> None:
        for path in list(split.glob(pattern)):
            path.rename(path.with_suffix(suffix))

    return change


def without_roles(split: Path) -> None:
    for path in list(split.glob("audio/speaker/*")):
        path.rename(split / "audio" / path.name)
    for path in list(split.glob("audio/listener/*")):
        path.unlink()


def read(data: ResponseNetFolder, name: str) -> None:
    speaker = data.dialogue("test", name).speaker
    _ = speaker.words, speaker.audio(0, 1), speaker.face(0, 1)


@pytest.mark.parametrize(
    ("change", "dialogues", "said"),
    [
        (dangle, "b", "is a link to .*, which is not there"),
        (rename("audio/*/*.wav", ".mp3"), "ab", "found a.mp3; expected a.wav or a.flac or a.ogg"),
        (rename("audio/speaker/b.wav", ".m4a"), "b", "found b.m4a; expected b.wav"),
        (rename("text/*/*.json", ".txt"), "ab", "found a.txt; expected a.json"),
        (rename("*/*/*", ".bin"), "ab", "found a.bin; expected"),
        (without_roles, "ab", "found a.wav, b.wav; expected the folders speaker and listener"),
    ],
)
def test_what_lies_there_is_said_by_everybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], None], dialogues: str, said: str
) -> None:
    root = write_dataset(tmp_path / "data", ids=("a", "b"), seconds=1, modalities=("audio", "vector", "text"))
    change(root / "test")
    data = ResponseNetFolder(root)
    assert data.ids("test") == ("a", "b")
    errors = [p.message for p in verify(data, ["test"], lambda _: None) if p.severity == "error"]
    assert any(re.search(said, message) for message in errors), errors
    for name in dialogues:
        with pytest.raises(InputError, match=said):
            read(data, name)
    assert main(["data", "list", str(root)]) == 4
    assert "test\tb" in capsys.readouterr().out


def test_capital_suffixes_and_leftovers_change_nothing(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a",), seconds=1, modalities=("audio", "vector", "text"))
    before = ResponseNetFolder(root).dialogue("test", "a").speaker.audio()
    rename("audio/*/*.wav", ".WAV")(root / "test")
    for name in ("._a.wav", "Thumbs.db", "a.wav~", "README.txt"):
        (root / "test/audio/speaker" / name).write_bytes(b"x")
    data = ResponseNetFolder(root)
    assert data.ids("test") == ("a",)
    assert verify(data, ["test"], lambda _: None) == []
    assert np.array_equal(data.dialogue("test", "a").speaker.audio(), before)


def test_lost_faces_are_held_wherever_reading_begins(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a",), seconds=2, modalities=("audio", "vector", "text"))
    path = root / "test/vector/listener/a.npy"
    face = np.load(path)
    seen = face.astype(np.float32)
    face[:2], face[10:14], face[14] = np.nan, 0, np.inf
    np.save(path, face)
    track = ResponseNetFolder(root).dialogue("test", "a").listener
    whole = track.face()
    assert np.array_equal(whole[:2], np.stack([neutral_face()] * 2))
    assert np.array_equal(whole[10:15], np.stack([seen[9]] * 5))
    assert np.array_equal(whole[15:], seen[15:])
    for start in (0, 1, 2, 9, 10, 12, 14, 15):
        assert np.array_equal(track.face(start, start + 3), whole[start : start + 3])
