"""A clip of 4 s was played for 8 s: its face tracks held two vectors a picture, and the run was as long as the track.
Tracks of 240 Hz and tracks that skip frames without a face went the same way; `data verify` warned, and ended with 0.

One rule holds everywhere: a vector for each picture to within two frames, else the file is refused by name, with how
long vectors, pictures and sound last; without pictures, the sound tells, to within 2 %.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from leaderboard.archive.expectation import expect
from omnibench.datasets.lengths import disagreement
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.stats import gather
from omnibench.datasets.verify import verify
from omnibench.errors import InputError

Change = Callable[[np.ndarray], np.ndarray]
DOUBLE: Change = lambda face: np.repeat(face, 2, axis=0)  # noqa: E731
SKIPPED: Change = lambda face: np.delete(face, np.arange(10, 20), axis=0)  # noqa: E731


def changed(root: Path, change: Change, role: str = "listener") -> Path:
    path = root / f"test/vector/{role}/a.npy"
    np.save(path, change(np.load(path)))
    return root


@pytest.mark.parametrize("role", ["speaker", "listener"])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            DOUBLE,
            "the vectors 4.00 s, the pictures 2.00 s, the sound 2.00 s; over the pictures they come at 50 a second",
        ),
        (SKIPPED, "the vectors 1.60 s, the pictures 2.00 s, the sound 2.00 s"),
        (lambda face: np.resize(face, (480, 64)), "over the pictures they come at 240 a second"),
        (lambda face: face[:-3], "the vectors 1.88 s, the pictures 2.00 s"),
    ],
    ids=["double", "skipped", "240 Hz", "3 frames off"],
)
def test_every_command_refuses_it_with_the_same_words(tmp_path: Path, role: str, change: Change, told: str) -> None:
    root = changed(write_dataset(tmp_path, ids=("a",), fps=Fraction(25), seconds=2), change, role)
    data = open_dataset(str(root))
    dialogue = data.dialogue("test", "a")
    reasons = set()
    for ask in (lambda: dialogue.fps, lambda: getattr(dialogue, role).face(0, 5), lambda: expect(data, "test")):
        with pytest.raises(InputError) as caught:
            ask()
        reasons.add(str(caught.value))
    reasons |= set(gather(data, ["test"], lambda _: None)[0].unknown.values())
    (reason,) = reasons
    assert reason.startswith(f"{root}/test/vector/{role}/a.npy: more than 2 frames apart")
    assert told in reason
    (problem,) = [p for p in verify(data, ["test"], lambda _: None) if p.severity == "error"]
    assert (problem.file, problem.field) == (f"test/vector/{role}/a.npy", "length")
    assert reason.endswith(problem.message)


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_two_frames_are_no_other_rate(tmp_path: Path, cut: int) -> None:
    root = changed(write_dataset(tmp_path, ids=("a",), fps=Fraction(25), seconds=2), lambda face: face[: 50 - cut])
    dialogue = open_dataset(str(root)).dialogue("test", "a")
    assert (dialogue.fps, dialogue.frames) == (25, 50 - cut)


def test_without_pictures_the_sound_tells(tmp_path: Path) -> None:
    kept = ("audio", "vector", "text")
    root = write_dataset(tmp_path, ids=("a",), fps=Fraction(25), seconds=2, modalities=kept)
    manifest = {"splits": {"test": [{"id": "a", "fps": 25}]}}
    (root / "manifest.json").write_text(json.dumps(manifest))
    assert open_dataset(str(root)).dialogue("test", "a").fps == 25
    changed(root, DOUBLE)
    with pytest.raises(InputError, match=r"the vectors 4.00 s, the sound 2.00 s; over the sound they come at 50"):
        _ = open_dataset(str(root)).dialogue("test", "a").fps


def test_vectors_alone_are_as_long_as_they_are(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("a",), fps=Fraction(25), seconds=2, modalities=("vector", "text"))
    dialogue = open_dataset(str(changed(root, DOUBLE))).dialogue("test", "a")
    assert dialogue.listener.face(0, 200).shape == (100, 64)


@pytest.mark.parametrize(
    ("vectors", "pictures", "seconds", "blamed"),
    [
        (100, 100, 4, None),
        (98, 100, 4, None),
        (97, 100, 4, "vector"),
        (None, 100, 4, None),
        (100, None, Fraction(408, 100), None),
        (100, None, Fraction(411, 100), "vector"),
        (3000, None, Fraction(122), None),
        (100, 100, Fraction(33, 10), None),
        (100, 100, Fraction(3), "audio"),
        (100, 100, Fraction(8), "audio"),
        (None, 100, Fraction(8), "audio"),
        (100, 100, None, None),
        (100, None, None, None),
        (0, 100, 4, "vector"),
        (100, 100, 0, "audio"),
    ],
)
def test_what_is_blamed(
    vectors: int | None, pictures: int | None, seconds: Fraction | None, blamed: str | None
) -> None:
    found = disagreement(Fraction(25), vectors, pictures, None if seconds is None else Fraction(seconds))
    assert (found and found[0]) == blamed
