"""Scores that rose because answers were missing, and scores that hung on what had been scored before: the metrics that
look and listen, on files.

No half of the answers that is left out may improve a number; answers that are scored in two goes, or by several
processes, get the very bytes that they get at once and alone.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.features.store import FOLDER_VARIABLE, cache_folder
from omnibench.files.score_records import NoNumber
from omnibench.media.audio import read_audio, write_wav
from omnibench.scoring.extraction import extract_features
from omnibench.scoring.measuring import score_predictions

IDS = ("a", "b", "c", "d")
STRANGERS = IDS[::2]
"""Where somebody else's answers lie; the others are the human's own."""

PARTS = (("text", ".json"), ("vector", ".npy"), ("audio", ".wav"), ("video", ".mp4"))
METRICS = [
    "bertscore_minilm",
    "dnsmos",
    "fd",
    "fvd_mini",
    "lip_lag",
    "lse_c_mini",
    "lse_d_mini",
    "lse_d_zero_mini",
    "lse_offset_mini",
]
FILES = ("scores.json", "samples.jsonl", "statistics.npz")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return open_dataset(str(write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, seconds=3)))


@pytest.fixture(scope="module")
def answers(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = write_dataset(tmp_path_factory.mktemp("other"), ids=IDS, seconds=3, seed=7)
    folder = tmp_path_factory.mktemp("answers")
    assert data.root is not None
    for part, suffix in PARTS:
        (folder / part).mkdir()
        for name in IDS:
            source = other if name in STRANGERS else data.root
            shutil.copy(source / "test" / part / "listener" / f"{name}{suffix}", folder / part)
    return folder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Go on with a feature cache of this name, empty at first."""
    return lambda name: monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / name))


def scored(folder: Path, data: DataSet, workers: int = 1) -> dict[str, bytes]:
    score_predictions(folder, data, "test", "offline", METRICS, workers=workers)
    return {name: (folder / name).read_bytes() for name in FILES}


def delete(folder: Path, name: str) -> None:
    for part, suffix in PARTS:
        (folder / part / f"{name}{suffix}").unlink()


def silence(folder: Path, name: str) -> None:
    path = folder / "audio" / f"{name}.wav"
    write_wav(path, np.zeros_like(read_audio(path)), 16_000)


def improved(before: Any, after: Any) -> bool:
    if isinstance(after, NoNumber):
        return False
    gain = after.value - before.value
    return bool((gain if before.direction == "higher" else -gain) > 1e-9)


@pytest.mark.parametrize(
    ("damage", "halves"), [(delete, tuple(itertools.combinations(IDS, 2))), (silence, (STRANGERS,))]
)
def test_no_half_left_out_improves_what_networks_see_and_hear(
    damage: Callable[[Path, str], None],
    halves: tuple[tuple[str, ...], ...],
    data: DataSet,
    answers: Path,
    tmp_path: Path,
) -> None:
    before = score_predictions(answers, data, "test", "offline", METRICS, write=False).metrics
    assert not any(isinstance(before[name], NoNumber) for name in METRICS)
    for half in halves:
        folder = Path(shutil.copytree(answers, tmp_path / "".join(half)))
        for name in half:
            damage(folder, name)
        after = score_predictions(folder, data, "test", "offline", METRICS, write=False).metrics
        assert [name for name in METRICS if improved(before[name], after[name])] == [], half
        assert any(before[name] != after[name] for name in METRICS)


def test_two_goes_and_two_processes_leave_the_bytes_of_one(
    data: DataSet, answers: Path, tmp_path: Path, fresh: Callable[[str], None]
) -> None:
    fresh("at once")
    expected = scored(Path(shutil.copytree(answers, tmp_path / "whole")), data)

    fresh("two goes")
    folder = Path(shutil.copytree(answers, tmp_path / "grows"))
    for name in STRANGERS:
        delete(folder, name)
    assert scored(folder, data) != expected
    shutil.copytree(answers, folder, dirs_exist_ok=True)
    assert scored(folder, data) == expected

    fresh("two processes")
    extract_features(answers, data, "test", "offline", ["dnsmos", "fvd_mini", "lse_d_mini"], workers=2)
    kept = sorted(cache_folder().rglob("*.npz"))
    # Of each answer the ratings, the level curve, the distances of lips and voice, and the windows; of the human
    # listeners the windows, which are those of the answer where it is the human's own.
    assert len(kept) == 4 * len(IDS) + len(IDS) // 2
    assert scored(Path(shutil.copytree(answers, tmp_path / "shared")), data, workers=2) == expected
    assert sorted(cache_folder().rglob("*.npz")) == kept
