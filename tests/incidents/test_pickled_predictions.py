"""A submission's ``.npy`` was a pickle, and loading it ran code on the leaderboard's machine.

Predictions are data: nothing of them is unpickled, and a file that would have to be costs its dialogue, by name.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.scoring.measuring import score_predictions


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("part", ["vector", "timing"])
def test_nothing_is_unpickled(part: str, synthetic: Path, tmp_path: Path) -> None:
    answers, trace = tmp_path / "answers", tmp_path / "ran"
    shutil.copytree(synthetic / "test" / "vector" / "listener", answers / "vector")
    bomb = np.array([Bomb(trace)], dtype=object)
    if part == "vector":
        np.save(answers / "vector" / "b.npy", bomb, allow_pickle=True)
    else:
        (answers / "timing").mkdir()
        for name in ("a", "b", "c"):
            np.savez(answers / "timing" / f"{name}.npz", step_seconds=np.full(50, 0.01))
        np.savez(answers / "timing" / "b.npz", step_seconds=bomb)
    metric = {"vector": "fd", "timing": "rtf"}[part]
    entry = score_predictions(
        answers, open_dataset(str(synthetic)), "test", "paper" if part == "vector" else "strict", [metric]
    ).metrics[metric]
    assert not trace.exists()
    assert entry.n_scored == 2
    assert "b.np" in str(entry)


def test_the_bomb_would_have_gone_off(tmp_path: Path) -> None:
    np.save(tmp_path / "b.npy", np.array([Bomb(tmp_path / "ran")], dtype=object), allow_pickle=True)
    np.load(tmp_path / "b.npy", allow_pickle=True)
    assert (tmp_path / "ran").exists()
