"""Smooth random fields: mottled skin, strands of hair."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STRANDS = 256
"""Edge of the tileable strand noise, a power of two."""


def smoothstep(low: float, high: float, x: NDArray[np.floating]) -> Floats:
    """0 below ``low``, 1 above ``high`` (reversed if ``low > high``), smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def smooth_noise(rng: np.random.Generator, height: int, width: int, cell_y: float, cell_x: float) -> Floats:
    """A field (height, width) of zero mean and unit deviation, tileable, smooth over about ``cell`` texels."""
    spectrum = np.fft.rfft2(rng.standard_normal((height, width)))
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    spectrum *= np.exp(-2 * (fy * cell_y) ** 2 - 2 * (fx * cell_x) ** 2)
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, s=(height, width))
    return (field / field.std()).astype(np.float32)


@cache
def skin_noise(cell_y: float, cell_x: float, height: int, width: int) -> Floats:
    """A field that everybody's skin shares, made once per process; people differ in where they start in it."""
    seed = np.array([cell_y * 10, cell_x * 10, height, width]).astype(np.uint32)
    return smooth_noise(np.random.default_rng(seed), height, width, cell_y, cell_x)


@cache
def strand_noise() -> Floats:
    """Hair seen close: fine across (columns), long along (rows), (STRANDS, STRANDS) within -0.5..0.5."""
    rng = np.random.default_rng(20)
    fine = smooth_noise(rng, STRANDS, STRANDS, 40.0, 1.2)
    coarse = smooth_noise(rng, STRANDS, STRANDS, 60.0, 6.0)
    return np.clip(0.17 * fine + 0.16 * coarse, -0.5, 0.5).astype(np.float32)
