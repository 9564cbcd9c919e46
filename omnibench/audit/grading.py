"""Does a metric's course over the grades of a damage keep to what the matrix says?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from omnibench.metrics.expectation import Expectation

Direction = Literal["higher", "lower", "none"]
LEAST_RANK_CORRELATION: Final = 0.9


class Verdict(NamedTuple):
    """``kept`` is None where nothing is expected. ``correlation`` is Spearman's between grade and harm, None where it
    does not exist (harm that never changes, a grade without a number); ``change`` the largest |value - undamaged|.
    """

    kept: bool | None
    correlation: float | None
    change: float | None
    remark: str


def harm(values: Sequence[float], direction: Direction) -> list[float]:
    """How much worse each value is than the first, which is undamaged; negative where it looks better.

    A metric without a better direction is worse the further it is from the human listener's own value.

    Example:
        >>> harm([1.0, 0.5, 1.5], "higher"), harm([1.0, 0.5, 1.5], "none")
        ([0.0, 0.5, -0.5], [0.0, 0.5, 0.5])
    """
    changes = [value - values[0] for value in values]
    if direction == "none":
        return [abs(change) for change in changes]
    return [change if direction == "lower" else 0.0 - change for change in changes]


def spearman(values: Sequence[float]) -> float | None:
    """Rank correlation of ``values`` with their position, ties sharing their mean rank; None where all are equal.

    Source: Spearman 1904.

    Example:
        >>> spearman([0.0, 1.0, 4.0, 3.0])
        0.8
    """
    ranks = _ranks(values)
    positions = np.arange(len(ranks), dtype=np.float64)
    a, b = ranks - ranks.mean(), positions - positions.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return round(float(a @ b) / scale, 12) if scale > 0 else None


def _ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    data = np.asarray(values, dtype=np.float64)
    below = (data[None, :] < data[:, None]).sum(axis=1)
    equal = (data[None, :] == data[:, None]).sum(axis=1)
    return below + (equal - 1) / 2


def judge(values: Sequence[float | None], direction: Direction, expectation: Expectation | None) -> Verdict:
    """Compare values with an expectation.

    Args:
        values: the undamaged value first, then one for each grade that was scored, weakest first; None where the
            metric gave no number.
        direction: the metric's.
        expectation: the matrix's line; None where there is none.
    """
    if values[0] is None:
        return Verdict(None, None, None, "no number without damage")
    numbers = [value for value in values if value is not None]
    worse = harm(numbers, direction)
    correlation = spearman(worse) if len(numbers) == len(values) > 2 else None
    change = max(map(abs, worse))
    if expectation is None:
        return Verdict(None, correlation, change, "not in the matrix")
    if expectation.expect == "may":
        return Verdict(None, correlation, change, "")
    if len(numbers) < len(values):
        return Verdict(False, correlation, change, f"no number at {len(values) - len(numbers)} grades")
    if expectation.expect == "notice":
        return _noticed(worse, correlation, change)
    bound = expectation.bound(values[0])
    if expectation.expect == "strongest":
        kept = worse[-1] > bound
        remark = "" if kept else f"the strongest grade is worse by {worse[-1]:.3g}, no more than {bound:.3g}"
        return Verdict(kept, correlation, change, remark)
    moved = change if expectation.expect == "ignore" else max(worse)
    kept = moved <= bound
    return Verdict(kept, correlation, change, "" if kept else f"moves by {moved:.3g}, more than {bound:.3g}")


def _noticed(worse: Sequence[float], correlation: float | None, change: float) -> Verdict:
    if correlation is None or correlation < LEAST_RANK_CORRELATION:
        shown = "none" if correlation is None else f"{correlation:.2f}"
        return Verdict(False, correlation, change, f"Spearman {shown}, at least {LEAST_RANK_CORRELATION} is needed")
    if worse[-1] <= 0:
        return Verdict(False, correlation, change, "the strongest grade is no worse than none")
    return Verdict(True, correlation, change, "")
