"""One decode for all extractors, results kept by content, and nobody's failure stops another."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.store import Arrays, FeatureStore
from omnibench.types import Image


class Mean:
    """Mean brightness of each frame; fails at a stage if told to."""

    def __init__(self, key: str, fails: str = "") -> None:
        self.key, self.fails, self.means = key, fails, []  # type: ignore[var-annotated]

    def _maybe(self, stage: str) -> None:
        if stage == self.fails:
            raise MetricError(f"{self.key} fails at {stage}")

    def open(self, media: Media) -> Mean:
        self._maybe("open")
        self.means = []
        return self

    def push(self, image: Image) -> None:
        self._maybe("push")
        self.means.append(float(image.mean()))

    def finish(self) -> Arrays:
        self._maybe("finish")
        return {"means": np.array(self.means)}


class Clip:
    """Three frames, and how often they were decoded."""

    def __init__(self) -> None:
        self.decodes = 0
        self.media = Media("clip", fps=lambda: Fraction(25), images=self._images)

    def _images(self) -> Iterator[Image]:
        self.decodes += 1
        yield from np.arange(3, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)


def test_what_is_wanted_is_made_in_one_decode_and_kept(tmp_path: Path) -> None:
    clip, store = Clip(), FeatureStore(tmp_path)
    first, second = Mean("first"), Mean("second")
    store.want(clip.media, first)
    store.want(clip.media, second)
    assert store.frames(clip.media, first)["means"].tolist() == [0, 1, 2]
    assert store.frames(clip.media, second)["means"].tolist() == [0, 1, 2]
    assert FeatureStore(tmp_path).frames(clip.media, first)["means"].tolist() == [0, 1, 2]
    assert clip.decodes == 1


@pytest.mark.parametrize("stage", ["open", "push", "finish"])
def test_the_failure_of_one_extractor_stops_no_other(tmp_path: Path, stage: str) -> None:
    clip, store = Clip(), FeatureStore(tmp_path)
    good, bad = Mean("good"), Mean("bad", stage)
    store.want(clip.media, bad)
    assert store.frames(clip.media, good)["means"].tolist() == [0, 1, 2]
    for _ in range(2):
        with pytest.raises(MetricError, match=f"bad fails at {stage}"):
            store.frames(clip.media, bad)
    assert clip.decodes == 1


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_keeping(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    clip, store = Clip(), FeatureStore(blocked)
    for _ in range(2):
        assert store.frames(clip.media, Mean("a"))["means"].tolist() == [0, 1, 2]
    assert clip.decodes == 1


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    clip = Clip()
    FeatureStore(tmp_path).frames(clip.media, Mean("a"))
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:40])
    assert FeatureStore(tmp_path).frames(clip.media, Mean("a"))["means"].tolist() == [0, 1, 2]
    assert clip.decodes == 2
