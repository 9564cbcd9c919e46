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
}


def hairline(style: Style, azimuth: NDArray[np.floating]) -> Floats:
    """Lower edge of the hair (source dm) at azimuths in radians, same shape."""
    angles, heights = zip(*style.line, strict=True)
    return np.interp(np.abs(np.degrees(azimuth)), angles, heights).astype(np.float32)
