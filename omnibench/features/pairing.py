"""Best assignment: which of several answers belongs to which turn, where more than one is near.

Source: the assignment problem (Kuhn 1955), solved by `scipy.optimize.linear_sum_assignment` (Crouse 2016).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MICROSECONDS: Final = 1e6
"""Costs are compared in whole microseconds, so that a sum's rounding decides nothing."""


def assigned(costs: NDArray[np.float64], alone: float) -> list[int | None]:
    """The pairs of least total cost, each row and column in one at most; what dearer pairs than ``alone`` cost is
    ``alone``, just less than leaving the row unpaired.

    Args:
        costs: ``(n, m)``, seconds, 0 or more; infinite where no pair may be.
        alone: seconds that a row costs that stays unpaired.

    Returns:
        The column of each row, or None.

    Example:
        >>> assigned(np.array([[0.5, 2.0], [0.25, 9.0]]), alone=5.0)
        [1, 0]
        >>> assigned(np.array([[0.5, np.inf], [0.25, np.inf]]), alone=5.0)
        [None, 0]
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = costs.shape
    if not rows or not columns:
        return [None] * rows
    never = 4.0 * rows * (alone + 1.0)
    allowed = np.isfinite(costs)
    whole = np.full((rows, columns + rows), alone + 2 / _MICROSECONDS)
    whole[:, :columns] = np.where(allowed, np.minimum(costs, alone), never)
    _, found = linear_sum_assignment(np.round(whole * _MICROSECONDS))
    return [int(column) if column < columns else None for column in found]
