"""Lines, spots and freckles that years and sun leave on a face."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.noise import smoothstep
from omnibench.media.mesh.surface import surface

Floats = NDArray[np.float32]
Stroke = tuple[tuple[float, float], tuple[float, float], tuple[float, float], float, float]

STROKES: Final[tuple[Stroke, ...]] = (
    ((0.0, 7.64), (0.20, 7.66), (0.42, 7.62), 0.010, 0.55),
    ((0.0, 7.74), (0.20, 7.765), (0.44, 7.72), 0.011, 0.65),
    ((0.0, 7.84), (0.18, 7.86), (0.40, 7.82), 0.011, 0.45),
    ((0.055, 7.43), (0.060, 7.49), (0.050, 7.56), 0.010, 0.60),
    ((0.50, 7.29), (0.56, 7.32), (0.62, 7.37), 0.009, 0.55),
    ((0.50, 7.26), (0.57, 7.265), (0.64, 7.27), 0.009, 0.60),
    ((0.49, 7.23), (0.55, 7.20), (0.61, 7.16), 0.009, 0.50),
    ((0.16, 7.20), (0.30, 7.115), (0.44, 7.17), 0.016, 0.60),
    ((0.20, 6.96), (0.29, 6.83), (0.33, 6.64), 0.017, 0.95),
    ((0.285, 6.60), (0.315, 6.50), (0.30, 6.40), 0.013, 0.60),
    ((0.06, 6.885), (0.07, 6.84), (0.075, 6.80), 0.008, 0.25),
    ((0.42, 6.86), (0.47, 6.72), (0.45, 6.55), 0.018, 0.35),
)
"""Wrinkles of the left half as curves through three points (source dm, |x| and y), half width and depth."""


def _near(place: Floats, stroke: Stroke) -> Floats:
    """How deep a place (..., 3) lies in a stroke, 0..1."""
    start, middle, end, half, depth = stroke
    ends = np.array([start, middle, end])
    t = np.linspace(0, 1, 13)[:, None]
    line = (1 - t) * (1 - 2 * t) * ends[0] + 4 * t * (1 - t) * ends[1] + t * (2 * t - 1) * ends[2]
    x, y = np.abs(place[..., 0]), place[..., 1]
    best = np.full(x.shape, np.inf, np.float32)
    for (x0, y0), (x1, y1) in pairwise(line):
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
        best = np.minimum(best, np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
    return (depth * np.exp(-((best / half) ** 2)) * (place[..., 2] > 0.5)).astype(np.float32)


@cache
def wrinkle_mask() -> Floats:
    """Depth of wrinkles on the texture (h, w), 0..1: the same lines for everybody, found once per process since they
    are most of what a person costs.
    """
    place = surface().place
    deepest = np.zeros(place.shape[:-1], np.float32)
    for stroke in STROKES:
        np.maximum(deepest, _near(place, stroke), out=deepest)
    return deepest


def weather(skin: Floats, grain: Floats, wrinkles: float, freckles: float) -> None:
    """Paint wrinkles and spots onto skin colours (h, w, 3), in place. ``grain`` is a fine field of unit deviation."""
    place = surface().place
    if wrinkles > 0:
        lines = wrinkle_mask() * (0.85 + 0.15 * np.clip(grain, -2, 2))
        skin *= 1 - wrinkles * lines[..., None] * np.array([0.26, 0.34, 0.36], np.float32)
    if freckles > 0:
        cheeks = np.exp(-(((np.abs(place[..., 0]) - 0.25) / 0.30) ** 2) - ((place[..., 1] - 7.02) / 0.20) ** 2)
        specks = smoothstep(1.0, 1.9, grain) * (0.15 + cheeks) * (place[..., 2] > 0.5)
        skin *= 1 - freckles * specks[..., None].astype(np.float32) * np.array([0.22, 0.36, 0.42], np.float32)
