"""Decoded pictures as a viewer sees them: upright, not mirrored, with square pixels.

Source: libavutil/display.h, the display matrix; ISO/IEC 14496-12, 8.3.2 (``tkhd``) and 12.1.4 (``pasp``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from av.sidedata.sidedata import Type

from omnibench.types import Image

_EVEN: Final = 0.01
_FLATTEST: Final = 4


@dataclass(frozen=True, slots=True)
class View:
    """``across`` the width of the decoded picture with square pixels, then: ``turned`` (rows and columns swapped),
    ``upended`` (rows from the last), ``mirrored`` (columns from the last).
    """

    across: int
    turned: bool = False
    upended: bool = False
    mirrored: bool = False

    def show(self, frame: Any) -> Image:
        """``(H, W, 3)`` uint8 RGB of an ``av.VideoFrame``."""
        if self.across != frame.width:
            frame = frame.reformat(width=self.across, format="rgb24", interpolation="BICUBIC")
        image: Image = frame.to_ndarray(format="rgb24")
        if self.turned:
            image = image.transpose(1, 0, 2)
        if self.upended or self.mirrored:
            image = image[:: -1 if self.upended else 1, :: -1 if self.mirrored else 1]
        return np.ascontiguousarray(image)

    def size(self, frame: Any) -> tuple[int, int]:
        """Width and height of what `show` gives."""
        return (frame.height, self.across) if self.turned else (self.across, frame.height)


def view_of(frame: Any, pixel: Fraction | None) -> View | None:
    """How to show a decoded frame whose pixels are ``pixel`` times as wide as high; None where it is slanted, or
    stretched more than fourfold.
    """
    pixel = pixel or Fraction(1)
    if not Fraction(1, _FLATTEST) <= pixel <= _FLATTEST:
        return None
    across = round(frame.width * pixel)
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return View(across)
    matrix = np.frombuffer(bytes(data), np.int32)[:9].reshape(3, 3)[:2, :2].astype(np.float64)
    straight, turned = np.abs(np.diag(matrix)), np.abs(np.diag(matrix[::-1]))
    low, high = sorted((straight, turned), key=np.sum)
    if not high.min() or low.max() > _EVEN * high.min() or high.max() > (1 + _EVEN) * high.min():
        return None
    if high is straight:
        return View(across, False, bool(matrix[1, 1] < 0), bool(matrix[0, 0] < 0))
    return View(across, True, bool(matrix[0, 1] < 0), bool(matrix[1, 0] < 0))
