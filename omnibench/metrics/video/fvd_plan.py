"""Which frames of which clips go into FVD, fixed before anything is decoded.

Two ways: the official script's (`official_draw`), in which one more file moves every clip, and our own
(`stratified_starts`), in which a window depends on the dialogue's id, the seed and the clip's own length alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from math import floor

from omnibench.errors import MetricError


def frame_offsets(frames: int, step: Fraction) -> tuple[int, ...]:
    """Offsets of a window's ``frames`` frames from its first, ``step`` frames apart, to the nearest frame (halves up).

    Example:
        >>> frame_offsets(4, Fraction(30) / Fraction(25, 2))
        (0, 2, 5, 7)
    """
    return tuple(floor(index * step + Fraction(1, 2)) for index in range(frames))


def stratified_starts(dialogue: str, seed: int, windows: int, length: int, need: int) -> tuple[int, ...]:
    """First frames of ``windows`` windows: the possible starts in as many equal parts, one seeded draw in each.

    The same dialogue and seed give the same relative places in a clip of another length, so an answer that is a
    frame shorter than the recording is looked at in the same places. No two windows begin at the same frame.

    Args:
        dialogue: its id.
        seed: of the draws.
        windows: how many.
        length: frames of the clip.
        need: frames that one window spans.

    Raises:
        MetricError: the clip is too short for that many different windows.
    """
    places = length - need + 1
    if places < windows:
        raise MetricError(f"{length} frames, {windows} windows of {need} take at least {need + windows - 1}")
    edges = [k * places // windows for k in range(windows + 1)]
    parts = pairwise(edges)
    return tuple(
        low + floor(_uniform(f"{seed}\n{dialogue}\n{k}") * (high - low)) for k, (low, high) in enumerate(parts)
    )


def _uniform(name: str) -> float:
    """A number in [0, 1) that depends on nothing but ``name``."""
    return (int.from_bytes(sha256(name.encode()).digest()[:8], "big") >> 11) / 2**53


def official_draw(
    sides: Sequence[Mapping[str, int]], seed: int, videos: int, need: int, batch: int
) -> tuple[dict[str, int], ...]:
    """Chosen clips and their first frames as the official script draws them, in its order.

    File names are shuffled by a generator of their own, ``seed`` for the first side and ``seed + 999`` for the second;
    starts come from one generator through both sides. Clips are drawn batch by batch, and the last batch draws starts
    for clips that are then cut off: they move the second side's.

    Args:
        sides: frames by dialogue id, first the generated videos, then the real ones.
        seed: of the run.
        videos: clips from each side.
        need: frames that a window spans; shorter clips are passed over without a draw.
        batch: clips a batch.

    Returns:
        The start by dialogue id, for each side; fewer than ``videos`` where there are not enough long clips.

    Source: OmniResponse ``evaluation/video/fvd`` @2ba1c7c, ``compute_dir_feature_stats``.
    """
    starts = random.Random(seed)
    return tuple(
        _draw_side(lengths, random.Random(own), starts, videos, need, batch)
        for lengths, own in zip(sides, (seed, seed + 999), strict=True)
    )


def _draw_side(
    lengths: Mapping[str, int], shuffler: random.Random, starts: random.Random, videos: int, need: int, batch: int
) -> dict[str, int]:
    order = sorted(lengths, key=lambda dialogue: f"{dialogue}.mp4")
    shuffler.shuffle(order)
    drawn: dict[str, int] = {}
    for dialogue in order:
        if len(drawn) % batch == 0 and len(drawn) >= videos:
            break
        if lengths[dialogue] >= need:
            drawn[dialogue] = starts.randint(0, lengths[dialogue] - need)
    return dict(list(drawn.items())[:videos])
