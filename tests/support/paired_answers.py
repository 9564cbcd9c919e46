"""Answers to the same dialogues, as many runs of them as there are seeds: for tests of comparisons."""

from __future__ import annotations

import shutil
from pathlib import Path

from data_factory import write_dataset

IDS = tuple(f"d{number}" for number in range(7))


def answers(folder: Path, seed: int) -> Path:
    root = write_dataset(folder / "made", ids=IDS, seed=seed, modalities=("text", "vector"))
    for part in ("text", "vector"):
        shutil.copytree(root / "test" / part / "listener", folder / "run" / part)
    return folder / "run"
