"""How the statistics of dialogues become one number, and which interval is right for it.

* `Mean`: of one statistic over the dialogues that count.
* `Ratio`: one statistic's sum over another's, like answered turns over turns.
* `Median`: of everything that the dialogues list.
* `Corpus`: whatever a function makes of all of them together.

A dialogue whose statistics hold ``counted`` 0 is left out by the protocol or by the metric's definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.inputs import Parameters, Statistics

IntervalMethod = Literal["bootstrap", "quantile", "jackknife", "subsample"]
Level = Literal["sample", "corpus"]


class Aggregation(Protocol):
    """One number from the statistics of all scored dialogues.

    ``level`` is ``sample`` where the number is a mean of the dialogues' own values, so that a dialogue without a score
    can enter it with the metric's worst. ``interval`` names the method of `omnibench.metrics.statistics`.
    """

    @property
    def level(self) -> Level:
        """Whether dialogues have values that the number is a mean of."""

    @property
    def interval(self) -> IntervalMethod:
        """How a corpus statistic is resampled."""

    def value(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The number, dialogues in manifest order. Raises MetricError where there is nothing to make one of."""

    def of_one(self, statistics: Statistics) -> float | None:
        """The dialogue's own value, for lists and paired tests; None where only the corpus has one."""


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of a statistic over the dialogues that count.

    Attributes:
        of: the statistic.
        nothing: the value where no dialogue counts, or the reason why there is none, with parameters in braces.

    Example:
        >>> Mean().value([{"value": 1.0}, {"value": 9.0, "counted": 0.0}, {"value": 2.0}], Parameters("strict"))
        1.5
    """

    of: str = "value"
    nothing: str | float = "no dialogue counts"
    level: ClassVar[Level] = "sample"
    interval: ClassVar[IntervalMethod] = "bootstrap"

    def value(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The mean. Raises MetricError with the reason where no dialogue counts."""
        values = [s[self.of] for s in statistics if s.get("counted", 1.0)]
        if values:
            return float(np.mean(np.asarray(values, dtype=np.float64)))
        if isinstance(self.nothing, str):
            raise MetricError(self.nothing.format_map(parameters.values))
        return self.nothing

    def of_one(self, statistics: Statistics) -> float | None:
        """The statistic; None where the dialogue does not count."""
        return float(statistics[self.of]) if statistics.get("counted", 1.0) else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """The sum of one statistic over the sum of another.

    Attributes:
        above: the statistic that is divided.
        below: the one to divide by; a dialogue where it is 0 has no value of its own.
        nothing: the reason where the sum below is 0.
        level: ``sample`` where the ratio is the mean of something that a dialogue has several of, like face tracks.

    Example:
        >>> Ratio("answered", "turns").value([{"answered": 1, "turns": 2}, {"answered": 2, "turns": 2}],
        ...                                  Parameters("strict"))
        0.75
    """

    above: str
    below: str
    nothing: str = "there is nothing to take a share of"
    level: Level = "corpus"
    interval: ClassVar[IntervalMethod] = "bootstrap"

    def value(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The ratio. Raises MetricError with the reason where the sum below is 0."""
        below = sum(float(s[self.below]) for s in statistics)
        if not below:
            raise MetricError(self.nothing)
        return sum(float(s[self.above]) for s in statistics) / below

    def of_one(self, statistics: Statistics) -> float | None:
        """The dialogue's own ratio."""
        below = float(statistics[self.below])
        return float(statistics[self.above]) / below if below else None


@dataclass(frozen=True, slots=True)
class Median:
    """Median of all that the dialogues list under one statistic, an array each.

    Attributes:
        of: the statistic, ``(n,)``.
        nothing: the reason where all are empty.
    """

    of: str
    nothing: str
    level: ClassVar[Level] = "corpus"
    interval: ClassVar[IntervalMethod] = "quantile"

    def value(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The median. Raises MetricError with the reason where there is nothing."""
        found = self._median(statistics)
        if found is None:
            raise MetricError(self.nothing)
        return found

    def of_one(self, statistics: Statistics) -> float | None:
        """The dialogue's own median, None where it lists nothing."""
        return self._median([statistics])

    def _median(self, statistics: Sequence[Statistics]) -> float | None:
        parts: list[NDArray[np.float64]] = [np.atleast_1d(s[self.of]) for s in statistics]
        listed = np.concatenate(parts) if parts else np.zeros(0)
        return float(np.median(listed)) if listed.size else None


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is computed on all dialogues together.

    Attributes:
        function: the number from all statistics; raises MetricError with the reason where there is none.
        own: a dialogue's own value, for finding the worst; None where one dialogue has none.
        interval: ``jackknife`` where repeated dialogues would bias it, ``subsample`` for Fréchet distances,
            ``quantile`` for medians, ``bootstrap`` for sums and their ratios.
    """

    function: Callable[[Sequence[Statistics], Parameters], float]
    own: Callable[[Statistics], float | None] | None = None
    interval: IntervalMethod = "jackknife"
    level: ClassVar[Level] = "corpus"

    def value(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The function's."""
        return self.function(statistics, parameters)

    def of_one(self, statistics: Statistics) -> float | None:
        """What ``own`` says."""
        return None if self.own is None else self.own(statistics)
