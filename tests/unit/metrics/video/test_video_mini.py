"""The small video network: its contract, and that it notices damage to looks and motion of people it never saw."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.assets.finding import ASSETS
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.media.area import AreaShrink, Box
from omnibench.media.renderer import get_renderer
from omnibench.metrics.lips.syncnet_mini import picked
from omnibench.metrics.training.graded_damage import blurred, frozen, noisy, shaken, shuffled, windows_of
from omnibench.metrics.video.fvd_arithmetic import distance
from omnibench.metrics.video.video_mini import ASSET, VideoEmbedder, load, random_twin


@pytest.fixture(scope="module")
def real() -> NDArray[np.uint8]:
    """Windows of four people of val."""
    data, parts = open_dataset("mini"), []
    shrink = AreaShrink(128, 128, Box(0.0, 1.0, 0.0, 1.0), 64)
    for name in data.ids("val")[8:10]:
        dialogue = data.dialogue("val", name)
        for role, track in (("speaker", dialogue.speaker), ("listener", dialogue.listener)):
            face = track.face()[picked(track.frames, dialogue.fps, Fraction(25, 2))][:64]
            drawn = get_renderer().render(face, dialogue.identities[role], 128)
            pictures = np.stack([np.rint(shrink.colour(image)).astype(np.uint8) for image in drawn])
            parts.append(windows_of(pictures))
    return np.concatenate(parts)


def test_its_contract() -> None:
    embedder = load()
    assert (embedder.frames, embedder.size, embedder.rate, embedder.dim) == (16, 64, 12.5, 32)
    assert ASSETS[ASSET].sha256 in embedder.key
    assert embedder.embed(np.zeros((0, 16, 64, 64, 3), np.uint8)).shape == (0, 32)
    for windows in (np.zeros((1, 8, 64, 64, 3), np.uint8), np.zeros((1, 16, 64, 64, 3), np.float32)):
        with pytest.raises(ValueError, match="expected uint8 windows"):
            embedder.embed(windows)  # type: ignore[arg-type]


def test_a_windows_numbers_do_not_depend_on_its_company(real: NDArray[np.uint8]) -> None:
    embedder = load()
    together = embedder.embed(real[:5])
    assert together.dtype == np.float64
    np.testing.assert_array_equal(np.concatenate([embedder.embed(real[k : k + 1]) for k in range(5)]), together)


def test_the_weights_are_the_pinned_ones_and_others_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = ASSETS[ASSET]
    assert asset.size < 3_000_000
    (tmp_path / asset.file).write_bytes(b"another file")
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(InputError, match="sha256"):
        load()


def noticed(embedder: VideoEmbedder, real: NDArray[np.uint8], damaged: NDArray[np.uint8]) -> float:
    """Distance that the damage makes, over the spread of the undamaged windows."""
    features = embedder.embed(real)
    return distance(embedder.embed(damaged), features) / float(features.var(axis=0).sum())


@pytest.mark.parametrize("damage", [(frozen, 1.0), (shuffled, 1.0), (shaken, 2.0), (blurred, 3.2), (noisy, 12.0)])
def test_it_notices_more_than_its_random_twin(real: NDArray[np.uint8], damage: tuple) -> None:  # type: ignore[type-arg]
    change, grade = damage
    damaged = change(real, grade)
    assert noticed(load(), real, damaged) > 1.2 * noticed(VideoEmbedder(random_twin(1), "twin"), real, damaged)


def test_distances_grow_with_the_grade(real: NDArray[np.uint8]) -> None:
    embedder = load()
    features = embedder.embed(real)
    for change, grades in ((blurred, (0.5, 1.0, 2.0)), (frozen, (0.3, 0.6, 1.0)), (noisy, (4.0, 8.0, 16.0))):
        found = [distance(embedder.embed(change(real, grade)), features) for grade in grades]
        assert found == sorted(found)
