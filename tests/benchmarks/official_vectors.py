"""FD over face coefficients, and the Fréchet step of FVD on features of the size that its network gives."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
from official_data import DIALOGUES, Folders, write_vectors
from official_rows import Row, script, timed
from official_video import fvd_script

from omnibench.datasets.opening import open_dataset
from omnibench.metrics.face.frechet import frechet_sqrtm, merge, moments_of
from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance
from omnibench.scoring.measuring import score_predictions

FVD_DIMENSIONS = 400


def vector_rows(official: Path, scratch: Path) -> list[Row]:
    """FD from files and from arrays in memory; FVD's step under both protocols."""
    fd = script(official / "video" / "fd" / "compute_fd_features.py", "official_fd")
    folders = write_vectors(scratch)

    def theirs() -> float:
        sides = [fd.load_and_stack(str(folder)) for folder in (folders.answers("vector"), folders.human("vector"))]
        statistics = [fd.calculate_activation_statistics(side) for side in sides]
        return float(fd.calculate_frechet_distance(*statistics[0], *statistics[1]))

    def ours() -> float:
        data = open_dataset(str(folders.data))
        scores = score_predictions(folders.predictions, data, "test", "paper", ["fd"], write=False)
        return float(scores.metrics["fd"].value)

    theirs_seconds, expected = timed(theirs)
    ours_seconds, found = timed(ours)
    rows = [Row("FD, score stage", theirs_seconds, ours_seconds, 4, abs(found - expected))]
    return [*rows, _fd_step(fd, folders), *_fvd_step(official)]


def _fd_step(fd: ModuleType, folders: Folders) -> Row:
    """From the same arrays in memory to the number."""
    sides = [
        [np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))]
        for folder in (folders.answers("vector"), folders.human("vector"))
    ]

    def theirs() -> float:
        statistics = [fd.calculate_activation_statistics(np.concatenate(side, axis=0)) for side in sides]
        return float(fd.calculate_frechet_distance(*statistics[0], *statistics[1]))

    def ours() -> float:
        predicted, real = (merge([moments_of(clip) for clip in side]) for side in sides)
        return frechet_sqrtm(predicted, real)

    theirs_seconds, expected = timed(theirs, 3)
    ours_seconds, found = timed(ours, 3)
    return Row("FD, arithmetic alone", theirs_seconds, ours_seconds, 4, abs(found - expected))


def _fvd_step(official: Path) -> list[Row]:
    """Features of 140 clips a side, ``(140, 400)`` float32, correlated and shifted like a network's: a distance near
    100.
    """
    fvd = fvd_script(official)
    rng = np.random.default_rng(4)
    mixing = rng.normal(0, 0.2, (FVD_DIMENSIONS, FVD_DIMENSIONS)) * 0.95 ** np.arange(FVD_DIMENSIONS)
    generated, real = (
        (rng.normal(shift, 1, (DIALOGUES, FVD_DIMENSIONS)) @ mixing.T).astype(np.float32) for shift in (0.2, 0.0)
    )

    def theirs() -> float:
        moments = []
        for side in (generated, real):
            statistics = fvd.FeatureStats(DIALOGUES)
            statistics.append(side)
            moments += statistics.get_mean_cov()
        return float(fvd.frechet_distance(*moments))

    theirs_seconds, expected = timed(theirs)
    paper_seconds, paper = timed(lambda: paper_distance(generated, real), 3)
    strict_seconds, _ = timed(lambda: distance(generated, real), 3)
    return [
        Row("FVD's Fréchet step, paper", theirs_seconds, paper_seconds, 4, abs(paper - expected)),
        Row("FVD's Fréchet step, strict", theirs_seconds, strict_seconds, 4, None),
    ]
