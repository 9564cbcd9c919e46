"""Shapes over time that the animator is made of: eases, plateaus, bumps, slow noise. All are smooth and vectorised."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Curve: TypeAlias = NDArray[np.float64]


def ease(t: Curve, start: float, duration: float) -> Curve:
    """0 before ``start``, 1 after ``start + duration`` seconds, a raised cosine between."""
    share = np.clip((t - start) / duration, 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))


def plateau(t: Curve, start: float, end: float, rise: float, fall: float) -> Curve:
    """1 from ``start`` to ``end``, eased in over the ``rise`` seconds before, out over the ``fall`` after."""
    return ease(t, start - rise, rise) * (1.0 - ease(t, end, fall))


def bump(t: Curve, peak: float, rise: float, fall: float) -> Curve:
    """A single pulse of height 1 at ``peak``."""
    return plateau(t, peak, peak, rise, fall)


def swing(t: Curve, start: float, cycles: float, frequency: float) -> Curve:
    """A windowed sine of ``cycles`` periods at ``frequency`` Hz, -1..1; upwards first, the first swing the largest."""
    duration = cycles / frequency
    share = np.clip((t - start) / duration, 0.0, 1.0)
    window = np.sin(np.pi * np.sqrt(share)) ** 2
    return np.asarray(window * np.sin(2 * np.pi * cycles * share))


def slow_noise(t: Curve, rng: np.random.Generator, low: float = 0.05, high: float = 0.9, slope: float = 0.8) -> Curve:
    """Noise of unit variance with power falling as ``1 / f ** (2 * slope)`` between ``low`` and ``high`` Hz.

    A sum of 14 sines with random phases: band-limited by construction, so that it has no jitter at any frame rate.
    """
    edges = np.geomspace(low, high, 15)
    frequency = edges[:-1] + rng.random(14) * np.diff(edges)
    amplitude = np.sqrt(np.diff(edges)) * frequency**-slope
    phase = rng.random(14) * 2 * np.pi
    total = (amplitude * np.sin(2 * np.pi * frequency * t[:, None] + phase)).sum(axis=1)
    return np.asarray(total / np.sqrt(0.5 * (amplitude**2).sum()))


def smoothed(values: Curve, sigma: float) -> Curve:
    """A Gaussian filter of ``sigma`` samples with the ends held; the output has the input's length."""
    reach = int(np.ceil(4 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(np.convolve(np.pad(values, reach, mode="edge"), kernel / kernel.sum(), mode="valid"))
