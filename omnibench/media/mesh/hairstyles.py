"""Hair styles as data: where the hairline runs, how thick the hair is, how far it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Line = tuple[tuple[float, float], ...]

SHORT: Final[Line] = (
    (0, 8.02), (25, 8.04), (40, 7.95), (52, 7.72), (60, 7.50), (66, 7.15), (72, 6.98), (80, 7.02), (85, 7.30),
    (98, 7.42), (114, 7.26), (122, 7.0), (135, 6.62), (180, 6.50),
)  # fmt: skip
"""Height (source dm) of the lower edge of the hair against azimuth (degrees), both sides: round the ear to the nape."""

TIED: Final[Line] = (
    (0, 8.05), (25, 8.03), (42, 7.88), (55, 7.62), (66, 7.42), (76, 7.22), (85, 7.30), (98, 7.42), (114, 7.28),
    (122, 7.0), (135, 6.72), (180, 6.60),
)  # fmt: skip
FRINGE: Final[Line] = (
    (0, 7.60), (30, 7.58), (42, 7.50), (50, 7.05), (58, 6.3), (70, 5.6), (90, 5.4), (180, 5.3),
)  # fmt: skip
LONG: Final[Line] = (
    (0, 8.02), (18, 8.03), (32, 7.90), (42, 7.62), (50, 7.25), (57, 6.6), (66, 5.6), (80, 4.9), (100, 4.8), (180, 4.8),
)  # fmt: skip
BOB: Final[Line] = (
    (0, 8.0), (18, 8.0), (32, 7.85), (43, 7.5), (50, 7.0), (56, 6.45), (66, 6.32), (90, 6.25), (180, 6.2),
)  # fmt: skip
CURLS: Final[Line] = (
    (0, 7.92), (25, 7.92), (42, 7.75), (55, 7.45), (62, 7.1), (70, 6.85), (85, 6.75), (120, 6.7), (180, 6.5),
)  # fmt: skip
RECEDED: Final[Line] = (
    (0, 9.0), (50, 8.6), (62, 7.75), (68, 7.3), (74, 7.05), (80, 7.05), (85, 7.30), (98, 7.42), (114, 7.26),
    (122, 7.0), (135, 6.62), (180, 6.50),
)  # fmt: skip
FULL_FRINGE: Final[Line] = (
    (0, 7.62), (25, 7.64), (40, 7.58), (50, 7.25), (58, 6.75), (66, 6.75), (72, 6.9), (80, 7.0), (85, 7.2), (98, 7.3),
    (114, 7.1), (122, 6.9), (135, 6.6), (180, 6.5),
)  # fmt: skip
SHOULDER: Final[Line] = (
    (0, 8.0), (18, 8.0), (32, 7.85), (42, 7.55), (50, 7.1), (56, 6.4), (64, 5.95), (90, 5.8), (180, 5.75),
)  # fmt: skip
WIDE: Final[Line] = (
    (0, 7.86), (25, 7.86), (42, 7.78), (58, 7.62), (70, 7.50), (80, 7.44), (98, 7.40), (122, 7.1), (180, 6.7),
)  # fmt: skip
CAP: Final[Line] = ((0, 7.80), (42, 7.74), (58, 7.58), (70, 7.42), (80, 7.34), (98, 7.30), (122, 7.0), (180, 6.7))
VEIL: Final[Line] = (
    (0, 7.98), (20, 7.96), (34, 7.82), (43, 7.5), (49, 7.0), (53, 6.5), (57, 6.1), (66, 5.8), (90, 5.7), (180, 5.7),
)  # fmt: skip
NONE: Final[Line] = ((0, 9.5), (180, 9.5))


@dataclass(frozen=True)
class Style:
    """One hair style.

    Attributes:
        line: the hairline.  top, side: thickness in cm on the crown and at the ears.
        front: extra lift above the forehead, cm.
        curl: amplitude of lumps in cm.  lump: their size in degrees.  scalp: how far the scalp takes the hair's colour.
        soft: centimetres over which the lower edge thins out.  bun: radius of a bun on top in cm.
        part: azimuth of a parting in degrees, None for none.
    """

    line: Line
    top: float = 0.0
    side: float = 0.0
    front: float = 0.0
    curl: float = 0.0
    lump: float = 12.0
    scalp: float = 1.0
    soft: float = 0.8
    bun: float = 0.0
    part: float | None = None


STYLES: Final[dict[str, Style]] = {
    "bald": Style(NONE, scalp=0.0),
    "buzz": Style(SHORT, scalp=0.75),
    "receded": Style(RECEDED, top=0.3, side=0.7, soft=1.6),
    "short": Style(SHORT, top=1.6, side=0.7, front=0.7),
    "parted": Style(SHORT, top=1.6, side=0.8, front=1.0, part=28.0),
    "quiff": Style(SHORT, top=1.5, side=0.45, front=1.9),
    "crop": Style(SHORT, top=1.3, side=1.0, curl=0.3, lump=12.0),
    "curls": Style(CURLS, top=3.0, side=2.3, curl=0.6, lump=16.0, soft=1.4),
    "afro": Style(CURLS, top=4.2, side=4.2, curl=0.45, lump=18.0, soft=1.2),
    "long": Style(LONG, top=1.3, side=1.3, part=4.0, soft=2.2),
    "waves": Style(LONG, top=1.7, side=2.0, curl=0.35, lump=20.0, part=-22.0, soft=2.0),
    "bob": Style(BOB, top=1.5, side=1.7, part=18.0),
    "fringe": Style(FRINGE, top=1.5, side=1.4, soft=1.0),
    "bun": Style(TIED, top=0.8, side=0.5, bun=4.2),
    "tied": Style(TIED, top=0.9, side=0.55, part=0.0),
    "pixie": Style(FULL_FRINGE, top=1.4, side=0.7, front=0.2, curl=0.12, lump=9.0, soft=0.7),
    "shoulder": Style(SHOULDER, top=1.5, side=1.6, part=-16.0, soft=1.4),
    "locs": Style(SHOULDER, top=1.6, side=1.5, curl=0.45, lump=7.0, soft=1.0),
    "ringlets": Style(SHOULDER, top=2.2, side=2.7, curl=0.60, lump=11.0, soft=1.8),
    "cropped curls": Style(CURLS, top=1.5, side=1.0, curl=0.32, lump=9.0, soft=0.9),
    "topknot": Style(TIED, top=0.7, side=0.4, bun=2.4),
    "swept": Style(SHORT, top=2.1, side=0.9, front=1.4, part=-30.0, curl=0.15, lump=14.0),
    "thinning": Style(RECEDED, top=0.15, side=0.5, soft=2.4, scalp=0.7),
}

COVERINGS: Final[dict[str, Style]] = {
    "turban": Style(WIDE, top=3.6, side=2.2, front=2.0, soft=0.3),
    "wrap": Style(WIDE, top=5.0, side=1.7, front=1.8, curl=0.30, lump=22.0, soft=0.3),
    "beanie": Style(CAP, top=1.7, side=1.1, front=0.3, soft=0.3),
    "veil": Style(VEIL, top=1.3, side=1.9, front=0.6, curl=0.10, lump=18.0, soft=0.4),
}
"""What covers the head, grown like hair and drawn as cloth; a veil goes with the neckline "wrapped"."""


def hairline(style: Style, azimuth: NDArray[np.floating]) -> Floats:
    """Lower edge of the hair (source dm) at azimuths in radians, same shape."""
    angles, heights = zip(*style.line, strict=True)
    return np.interp(np.abs(np.degrees(azimuth)), angles, heights).astype(np.float32)


def folds(points: Floats, covering: str) -> Floats:
    """How light the folds of a covering are, (N,) at points (N, 3) in the head frame: bands laid over each other."""
    x, y, z = points.T
    if covering == "turban":
        phase = 1.15 * y - 0.75 * np.abs(x)
    elif covering == "wrap":
        phase = 0.9 * y + 0.55 * x
    elif covering == "beanie":
        phase = 5.0 * np.arctan2(x, z + 5.0) * np.clip((y - 8.0) / 3, 0, 1) + 3.0 * (y < 8.0)
    else:
        phase = 0.7 * np.hypot(x, y - 2.0)
    band = (phase / np.pi) % 1.0
    return (0.70 + 0.30 * np.sqrt(band)).astype(np.float32)
