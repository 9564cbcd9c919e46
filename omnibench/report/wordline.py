"""Words on a time line, in order, so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise


def place_words(
    middles: Sequence[float], widths: Sequence[float], left: float, right: float, gap: float
) -> list[float]:
    """Centres as near to the words' middles as their widths allow: least squares, by pooling adjacent violators.

    Args:
        middles: where the words want to be, ascending.
        widths: of the printed words, in the same unit.
        left: edge of the strip; no word begins before it.
        right: other edge; no word ends behind it, as long as all of them fit between the two.
        gap: least room between two words.

    Source: isotonic regression (Barlow et al. 1972) of the middles less the room that the words before them take.

    Example:
        >>> place_words([1.0, 1.5], [0.5, 0.75], 0.0, 9.0, 0.125)
        [0.875, 1.625]
    """
    if not middles:
        return []
    room = [0.0, *accumulate((a + b) / 2 + gap for a, b in pairwise(widths))]
    pooled: list[tuple[float, int]] = []
    for middle, before in zip(middles, room, strict=True):
        value, count = middle - before, 1
        while pooled and pooled[-1][0] > value:
            earlier, n = pooled.pop()
            value, count = (earlier * n + value * count) / (n + count), n + count
        pooled.append((value, count))
    lowest, highest = left + widths[0] / 2, right - widths[-1] / 2 - room[-1]
    kept = [max(lowest, min(value, highest)) for value, count in pooled for _ in range(count)]
    return [value + before for value, before in zip(kept, room, strict=True)]
