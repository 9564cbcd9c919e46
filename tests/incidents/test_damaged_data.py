"""Files as disks, broken copies and other people's tools leave them: each is one clear message with file and cause."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.opening import open_dataset
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.verify import verify
from omnibench.errors import InputError
from omnibench.types import Track


def cut(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return damage


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def pickle_alone(path: Path) -> None:
    path.write_bytes(pickle.dumps(np.zeros((50, 64))))


def saved(array: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


def flipped_bytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 400] = b"\xff" * 400
    path.write_bytes(bytes(content))


def read_all(track: Track) -> None:
    _ = track.words, track.text
    track.face()
    track.audio()
    for _ in track.images():
        pass


@pytest.mark.parametrize(
    ("file", "damage", "says"),
    [
        ("vector/listener/a.npy", cut(0.0), "not readable as a NumPy array"),
        ("vector/listener/a.npy", cut(0.5), "not readable as a NumPy array"),
        ("vector/listener/a.npy", pickled, "nothing pickled"),
        ("vector/listener/a.npy", pickle_alone, "nothing pickled"),
        ("vector/listener/a.npy", saved(np.zeros((50, 63))), r"shape \(50, 63\), expected \(T, 64\)"),
        ("vector/listener/a.npy", saved(np.zeros((1, 50, 64))), r"shape \(1, 50, 64\), expected \(T, 64\)"),
        ("vector/listener/a.npy", saved(np.zeros((50, 64), int)), "type int64, expected floating point"),
        ("audio/listener/a.wav", cut(0.0), "not readable as audio"),
        ("audio/listener/a.wav", cut(0.5), "truncated"),
        ("video/listener/a.mp4", cut(0.0), "not readable as video"),
        ("video/listener/a.mp4", cut(0.1), "not readable as video|no video stream|index"),
        ("video/listener/a.mp4", cut(0.7), "truncated|damaged"),
        ("text/listener/a.json", cut(0.0), "no complete JSON"),
        ("text/listener/a.json", cut(0.5), "no complete JSON"),
        ("text/listener/a.json", lambda path: path.write_bytes(b'{"text": "\xe9"}'), "not UTF-8"),
        *((f"{part}/listener/a.{end}", Path.unlink, "no such file, though others")
          for part, end in (("vector", "npy"), ("audio", "wav"), ("video", "mp4"), ("text", "json"))),
    ],
)  # fmt: skip
def test_damage_is_named_by_the_reader_and_by_verify(
    synthetic: Path, tmp_path: Path, file: str, damage: Callable[[Path], None], says: str
) -> None:
    root = shutil.copytree(synthetic, tmp_path / "data")
    damage(root / "test" / file)
    with pytest.raises(InputError, match=f"{file}: .*({says})"):
        read_all(open_dataset(str(root)).dialogue("test", "a").listener)
    found = [p for p in verify(ResponseNetFolder(root), ("test",), lambda _: None) if p.severity == "error"]
    assert [p.file for p in found] == [f"test/{file}"]


def test_an_archive_without_the_key_lists_what_it_holds(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",), vector_suffix=".npz")
    np.savez(root / "test/vector/listener/x.npz", faces=np.ones((50, 64)), seen=np.ones(50))
    with pytest.raises(InputError, match=r'x\.npz: no array "face" in the archive; it holds: faces, seen'):
        open_dataset(str(root)).dialogue("test", "x").listener.face()


@pytest.mark.parametrize(("file", "count"), [("vector/listener/x.npz", 1), ("audio/speaker/x.flac", 1)])
def test_rotten_bytes_in_compressed_files_are_found(tmp_path: Path, file: str, count: int) -> None:
    root = write_dataset(tmp_path, ids=("x",), vector_suffix=".npz", audio_suffix=".flac")
    flipped_bytes(root / "test" / file)
    found = [p for p in verify(ResponseNetFolder(root), ("test",), lambda _: None) if p.severity == "error"]
    assert [p.file for p in found] == [f"test/{file}"] * count


def test_an_unreadable_folder_is_no_traceback(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",), modalities=("text",))
    (root / "test/text/listener/x.json").unlink()
    (root / "test/text/listener/x.json").mkdir()
    found = verify(ResponseNetFolder(root), ("test",), lambda _: None)
    assert [(p.severity, p.file) for p in found] == [("error", "test/text/listener/x.json")]
