"""Nods from the head's rotation: quick reversals of its pitch.

A nod's cycle is one movement down and one up, in either order, and its magnitude the pitch between the two (Mori, Den &
Jokinen 2025, "Structure of nods in conversation"); a nod is one or more cycles without a rest. A cycle shows as a
turning point of the pitch that the head comes to from ``degrees`` away and leaves by ``degrees`` again, each in
`HALF_CYCLE` seconds at most, so slow shifts of posture and looking down and staying there are none. Half a second for
half a cycle is 1 Hz and up, what Hadar, Steiner & Rose 1985 found of listeners' nods; a change of one frame and back is
a tracker's slip and is taken out first.

Rotation alone cannot tell a nod that says "yes" from the beat of a head that speaks.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import rotation
from omnibench.types import Face

HALF_CYCLE: Final = 0.5


def pitch(face: Face) -> NDArray[np.float64]:
    """Degrees ``(T,)`` by which the face of ``(T, 64)`` coefficients looks up, from where its own z axis points;
    turning to the side and tipping leave it as it is, and so does the scale of the transform.
    """
    forward = rotation(face)[..., 2].astype(np.float64)
    return np.degrees(np.arctan2(forward[:, 1], np.hypot(forward[:, 0], forward[:, 2])))


def turning_points(curve: NDArray[np.float64], least: float) -> list[int]:
    """Where ``curve`` ``(T,)`` turns, each at least ``least`` away from its neighbours; the two ends are none.

    Example:
        >>> turning_points(np.array([0.0, 3.0, 2.5, 4.0, 0.0, 1.0]), 2.0)
        [3]
    """
    points: list[int] = []
    low = high = 0
    rising: bool | None = None
    for index, value in enumerate(curve):
        if value > curve[high]:
            high = index
        if value < curve[low]:
            low = index
        if rising is not False and curve[high] - value >= least:
            points += [high] if rising else []
            rising, low = False, index
        elif rising is not True and value - curve[low] >= least:
            points += [low] if rising is False else []
            rising, high = True, index
    return points


def nods(face: Face, fps: Fraction, degrees: float) -> list[float]:
    """Seconds at which each nod has its first turning point.

    Args:
        face: ``(T, 64)``, finite.
        fps: frames per second.
        degrees: least change of pitch on both sides of a turning point.
    """
    curve = _despiked(pitch(face))
    reach = int(HALF_CYCLE * fps)
    times: list[float] = []
    last = -np.inf
    for point in turning_points(curve, degrees):
        before, after = curve[max(0, point - reach) : point + 1], curve[point : point + reach + 1]
        if min(np.abs(before - curve[point]).max(), np.abs(after - curve[point]).max()) < degrees:
            continue
        time = float(point / fps)
        if time - last > HALF_CYCLE:
            times.append(time)
        last = time
    return times


def _despiked(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of three frames; the ends as they are."""
    if curve.size < 3:
        return curve
    middle = np.median(np.stack([curve[:-2], curve[1:-1], curve[2:]]), axis=0)
    return np.concatenate([curve[:1], middle, curve[-1:]])
