"""The camera of MediaPipe's face geometry: perspective, 63 degrees high, at the origin, looking along -z."""

from __future__ import annotations

import math
from typing import Final

FOV_DEGREES: Final = 63.0
"""Vertical field of view, MediaPipe's ``perspective_camera.vertical_fov_degrees``."""

NEAR: Final = 1.0
"""Nearest depth drawn, in centimetres (MediaPipe's near plane)."""

NEUTRAL_T: Final[tuple[float, float, float]] = (0.0, 0.0, -30.0)
"""Where a resting head sits, in centimetres: the face takes about 55 % of the frame's height."""


def focal_length(size: float) -> float:
    """The focal length in pixels of a frame ``size`` pixels high."""
    return size / 2 / math.tan(math.radians(FOV_DEGREES) / 2)
