"""What a cheap camera adds to a picture: darker corners and a fixed pattern of grain."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.noise import smooth_noise
from omnibench.media.mesh.setting import Setting

Bytes = NDArray[np.uint8]

_ONE: Final = 256


class Film:
    """The camera of one person for frames ``size`` pixels high; whole numbers, so that every machine rounds alike."""

    def __init__(self, setting: Setting, size: int, rng: np.random.Generator) -> None:
        self.clean = not setting.vignette and not setting.grain
        y, x = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
        share = 1.0 - setting.vignette * np.clip((x**2 + y**2) / 2, 0, 1) ** 1.5
        grain = setting.grain * smooth_noise(rng, size, size, 1.0, 1.0)
        self._share = np.round(share * _ONE).astype(np.uint16)[..., None]
        self._grain = np.round(grain * _ONE).astype(np.int32)[..., None]

    def __call__(self, frame: Bytes) -> Bytes:
        """A frame (size, size, 3) as this camera shows it."""
        if self.clean:
            return frame
        shown = (frame * self._share.astype(np.int32) + self._grain) >> 8
        return np.clip(shown, 0, 255).astype(np.uint8)
