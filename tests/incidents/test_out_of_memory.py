"""Many metrics in one process ran out of memory.

Every metric decoded each clip into an array of its own and kept it: an 863 s clip at 25 fps and 256 x 256 is 4.2 GB of
pictures, four metrics at once 17 GB. Here a clip is decoded once for all, picture by picture, and nothing of it stays
but the small features.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from omnibench.features.media import Media
from omnibench.features.store import Arrays, FeatureStore
from omnibench.types import Image

SIDE = 128
PICTURE = SIDE * SIDE * 3


class Count:
    """Counts pictures."""

    def __init__(self, name: str) -> None:
        self.key, self.count = name, 0

    def open(self, media: Media) -> Count:
        return Count(self.key)

    def push(self, image: Image) -> None:
        self.count += 1

    def finish(self) -> Arrays:
        return {"count": np.array(self.count)}


def clip(length: int, decoded: list[int]) -> Media:
    def pictures() -> Iterator[Image]:
        decoded.append(0)
        for index in range(length):
            decoded[-1] += 1
            yield np.full((SIDE, SIDE, 3), index % 256, np.uint8)

    return Media(f"clip of {length}", images=pictures)


def peak(length: int, folder: Path) -> int:
    """Bytes at the highest, four metrics reading one clip."""
    decoded: list[int] = []
    media, store = clip(length, decoded), FeatureStore(folder)
    extractors = [Count(f"metric {number}") for number in range(4)]
    for extractor in extractors:
        store.want(media, extractor)
    tracemalloc.start()
    try:
        counts = [int(store.frames(media, extractor)["count"]) for extractor in extractors]
        highest = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts == [length] * 4
    assert decoded == [length], "one decode serves all four"
    return highest


def test_four_metrics_decode_once_and_hold_no_more_of_a_long_clip_than_of_a_short_one(tmp_path: Path) -> None:
    peak(10, tmp_path / "imports")
    short, long = peak(25, tmp_path / "a"), peak(1000, tmp_path / "b")
    assert long < short + 2 * PICTURE
    assert long < 10 * PICTURE
