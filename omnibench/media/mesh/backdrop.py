"""A soft wall behind the person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.appearance import Colour


def backdrop(colour: Colour, size: int) -> NDArray[np.float32]:
    """Linear RGB (size, size, 3): a gradient with a pool of light behind the head."""
    y, x = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
    pool = np.exp(-((x + 0.15) ** 2 + (y + 0.25) ** 2) / 1.1)
    light = 0.62 + 0.38 * pool - 0.10 * y
    return ((np.array(colour, np.float32) ** 2) * light[..., None]).astype(np.float32)


def display(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear light 0..1 as display bytes (gamma 2), any shape."""
    return (255.0 * np.sqrt(np.clip(linear, 0.0, 1.0)) + 0.5).astype(np.uint8)
