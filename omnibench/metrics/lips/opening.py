"""How far the lips are apart, from face coefficients."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of

APERTURE_WEIGHTS: Final[dict[str, float]] = {
    "jawOpen": 1.0,
    "mouthClose": -1.0,
    "mouthFunnel": 0.39,
    "mouthUpperUpLeft": 0.07,
    "mouthUpperUpRight": 0.07,
    "mouthLowerDownLeft": 0.06,
    "mouthLowerDownRight": 0.06,
}
"""Vertical distance of the inner lips at mid-mouth per unit of each blendshape, in units of ``jawOpen``: measured on
the CC0 head mesh's ARKit targets (renderer ``mesh-1``). ``mouthClose`` shuts the lips over an open jaw, hence -1."""


def aperture(face: NDArray[np.float32]) -> NDArray[np.float64]:
    """Lip aperture ``(T,)`` of ``(T, 64)`` coefficients, 0 closed, about 1 at a fully open jaw; never negative."""
    columns = [index_of(name) for name in APERTURE_WEIGHTS]
    weights = np.array(list(APERTURE_WEIGHTS.values()))
    opened: NDArray[np.float64] = face[:, columns].astype(np.float64) @ weights
    return np.clip(opened, 0.0, None)
