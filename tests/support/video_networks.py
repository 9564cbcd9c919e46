"""A seeded random video network without torch, for tests of what stands around networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class RandomEmbedder:
    """Windows of ``frames`` pictures of 8 pixels to 6 numbers; it sees order, place and colour."""

    size, dim = 8, 6

    def __init__(self, frames: int = 8, rate: float | None = 12.5, seed: int = 0) -> None:
        self.frames, self.rate, self.key = frames, rate, f"random-{frames}-{seed}"
        inputs = frames * self.size**2 * 3
        self._weights = np.random.default_rng(seed).normal(size=(inputs, self.dim)) / np.sqrt(inputs)

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[Any]:
        return np.stack([np.tanh((window.reshape(-1) / 64.0 - 2) @ self._weights) for window in windows])
