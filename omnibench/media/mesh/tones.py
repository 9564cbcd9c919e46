"""Colours of skin, hair and eyes by name, and mixtures of the source's three face types."""

from __future__ import annotations

from typing import Final

from omnibench.media.mesh.appearance import Colour

PALE: Final[Colour] = (0.93, 0.78, 0.70)
FAIR: Final[Colour] = (0.90, 0.73, 0.63)
LIGHT: Final[Colour] = (0.87, 0.69, 0.57)
OLIVE: Final[Colour] = (0.79, 0.61, 0.47)
TAN: Final[Colour] = (0.71, 0.52, 0.39)
BROWN: Final[Colour] = (0.57, 0.39, 0.28)
DEEP: Final[Colour] = (0.45, 0.29, 0.21)
DARK: Final[Colour] = (0.36, 0.23, 0.17)

BLACK: Final[Colour] = (0.13, 0.11, 0.10)
ESPRESSO: Final[Colour] = (0.25, 0.17, 0.13)
CHESTNUT: Final[Colour] = (0.40, 0.25, 0.16)
GINGER: Final[Colour] = (0.70, 0.38, 0.18)
BLOND: Final[Colour] = (0.78, 0.62, 0.38)
GREY: Final[Colour] = (0.60, 0.59, 0.58)
WHITE: Final[Colour] = (0.83, 0.82, 0.80)

HAZEL: Final[Colour] = (0.50, 0.38, 0.20)
UMBER: Final[Colour] = (0.34, 0.20, 0.11)
SEPIA: Final[Colour] = (0.25, 0.15, 0.10)
BLUE: Final[Colour] = (0.38, 0.55, 0.70)
GREEN: Final[Colour] = (0.40, 0.52, 0.38)
SLATE: Final[Colour] = (0.45, 0.52, 0.56)

AFRICAN: Final = (1.0, 0.0, 0.0)
ASIAN: Final = (0.0, 1.0, 0.0)
CAUCASIAN: Final = (0.0, 0.0, 1.0)
LATIN: Final = (0.1, 0.3, 0.6)
INDIAN: Final = (0.25, 0.15, 0.6)
MIXED: Final = (0.5, 0.1, 0.4)
