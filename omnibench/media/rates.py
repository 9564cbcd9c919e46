"""Which constant rate a clip's pictures were taken at, from the times at which they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Rates that cameras and broadcasters use; a container's average rate is rounded to one of them when it is that rate.
USUAL_RATES: Final[tuple[Fraction, ...]] = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_RATE_TOLERANCE: Final = Fraction(3, 10_000)  # 30 and 30000/1001 lie 1e-3 apart
_SLOWEST, _FASTEST = 1, 1000
_STEADY: Final = 0.05
_TREMBLING: Final = 0.35
_SIMPLE: Final = 1001


@dataclass(frozen=True, slots=True)
class Grid:
    """Picture ``i`` is the first of frame ``slots[i]`` at ``fps``; it is held until the next one's slot."""

    fps: Fraction
    slots: NDArray[np.int64]

    @property
    def longest_hold(self) -> int:
        """Frames that the longest held picture fills."""
        return int(np.diff(self.slots).max(initial=1))


def nearest_usual_rate(fps: Fraction, tolerance: Fraction = _RATE_TOLERANCE) -> Fraction | None:
    """The usual frame rate within the relative ``tolerance`` of ``fps`` (the nearest one), or None."""
    best = min(USUAL_RATES, key=lambda rate: abs(rate - fps))
    return best if abs(best - fps) <= tolerance * best else None


def grid_of(ticks: NDArray[np.int64], unit: Fraction, header: Iterable[Fraction | None]) -> Grid | None:
    """The constant rate that explains when pictures are shown, with every picture in a frame of its own.

    A picture may lie a third of a frame beside its place (clocks of phones tremble, containers round to milliseconds),
    and one that a camera dropped leaves a gap, which the picture before fills; most pictures have to follow one another
    without a gap.

    Args:
        ticks: when each is shown, ascending.
        unit: seconds of a tick.
        header: rates that the file names, the likeliest first; the first wins where it explains all times.

    Returns:
        None where no rate does: the clip's rate varies, or two pictures are shown at once.
    """
    named = [rate for rate in header if rate and _SLOWEST <= rate <= _FASTEST]
    if len(ticks) == 1:
        return Grid(nearest_usual_rate(named[0]) or named[0], np.zeros(1, np.int64)) if named else None
    steps = np.diff(ticks)
    if not len(ticks) or int(steps.min()) <= 0:
        return None
    seconds = (ticks - ticks[0]).astype(np.float64) * float(unit)
    likely = [*named, *_measured(ticks, steps, unit)]
    found: list[tuple[float, int, int, Grid]] = []
    near = [known for rate in likely for known in (nearest_usual_rate(rate) or rate, rate)]
    for order, rate in enumerate(dict.fromkeys(near)):
        fitted = _fitted(seconds, rate)
        if fitted is None:
            continue
        grid, beside = fitted
        allowed, held = _STEADY + float(unit * rate), int(grid.slots[-1]) + 1 - len(ticks)
        if beside <= allowed and not held and order == 0:
            return grid
        if beside <= max(_TREMBLING, allowed):
            found.append((round(max(0.0, beside - allowed), 2), held, order, grid))
    return min(found, key=lambda candidate: candidate[:3])[3] if found else None


def _measured(ticks: NDArray[np.int64], steps: NDArray[np.int64], unit: Fraction) -> list[Fraction]:
    """Rates that the times themselves suggest: their mean, what most steps are, and whole numbers near that."""
    mean = (len(ticks) - 1) / (unit * int(ticks[-1] - ticks[0]))
    usual_step = 1 / (unit * int(np.sort(steps)[len(steps) // 2]))
    whole = [Fraction(round(rate)) for rate in (mean, usual_step)]
    rates = [mean, *whole, usual_step, *(rate * 1000 / 1001 for rate in whole), *USUAL_RATES]
    simple = [rate.limit_denominator(_SIMPLE) for rate in rates[:1]]
    return [rate for rate in (*simple, *rates) if _SLOWEST <= rate <= _FASTEST]


def _fitted(seconds: NDArray[np.float64], rate: Fraction) -> tuple[Grid, float] | None:
    """Each picture's frame at a rate, and by how much of a frame the worst one lies beside its place."""
    places = seconds * float(rate)
    slots = np.rint(places - np.median(places - np.rint(places))).astype(np.int64)
    slots -= slots[0]
    steps = np.diff(slots)
    if steps.min() < 1 or np.count_nonzero(steps == 1) * 2 < len(steps):
        return None
    beside = places - slots
    return Grid(rate, slots), float(beside.max() - beside.min()) / 2
