"""What a board's numbers are worth: how far each row is above the best control, and which controls are above people.

A control listens to nobody. People are the ground truth's own row. A metric by which a control is above people, by
more than the interval of the difference where there is one, measures no listening, whatever else it measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.site.rows import Measured, Row
from omnibench.metrics.statistics import Interval
from omnibench.scoring.headline import PEOPLE, RENDERED
from omnibench.scoring.leaving_out import difference_interval


@dataclass(frozen=True, slots=True)
class Difference:
    """A row's number less the best control's, so that more is better; ``interval`` is by person, None where the two
    cannot be paired.
    """

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One metric's, among numbers with one comparison key: the ``best`` control's name, the ``differences`` of the rows
    (None for controls, and where there is no number), and the controls ``above`` people.
    """

    best: str
    differences: tuple[Difference | None, ...]
    above: tuple[str, ...]


def yardstick(metric: str, direction: str, rows: Sequence[tuple[Row, Measured]]) -> Yardstick | None:
    """Of rows with equal comparison keys and whole numbers; None without a control or a better direction."""
    sign = {"higher": 1.0, "lower": -1.0}.get(direction)
    controls = [place for place, (row, _) in enumerate(rows) if is_control(row)]
    if sign is None or not controls:
        return None
    values = [sign * float(measured.metrics[metric]["value"]) for _, measured in rows]
    best = max(controls, key=lambda place: values[place])

    def over(one: int, other: int) -> Difference:
        gain = values[one] - values[other]
        first, second = (rows[place][1].without.get(metric, {}) for place in (one, other))
        found = difference_interval(first, second, sign * gain)
        if found is not None and sign < 0:
            found = Interval(-found.high, -found.low, found.method)
        return Difference(gain, found)

    people = next((place for place, (row, _) in enumerate(rows) if row.badge == "control" and row.name == PEOPLE), None)
    above = [rows[place][0].name for place in controls if people is not None and _is_above(over(place, people))]
    return Yardstick(
        rows[best][0].name,
        tuple(None if place in controls else over(place, best) for place in range(len(rows))),
        tuple(above),
    )


def is_control(row: Row) -> bool:
    """Whether it is one that people are held against."""
    return row.badge == "control" and row.name not in (PEOPLE, RENDERED)


def _is_above(difference: Difference) -> bool:
    return difference.value > 0 and (difference.interval is None or difference.interval.low > 0)
