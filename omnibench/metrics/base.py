"""What a metric is: a specification, statistics of one sample, and one aggregate over them.

Statistics are small: numbers and fixed-size arrays that add up, never frames. So intervals and paired tests need one
pass over the data, and a run can be re-aggregated from its files alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.registry import Registry
from omnibench.statistics import IntervalMethod
from omnibench.types import Audio, Dialogue, Face, Word

Statistics = Mapping[str, float | NDArray[np.float64]]
Need = Literal["text", "words", "face", "audio", "video", "timing"]


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a reader must know of a metric before its number means anything.

    ``needs`` are parts of the prediction; ``reference_words`` leaves dialogues whose human listener says nothing out
    (listed, not dropped). ``worst`` is what a dialogue scores that the model failed on; None withholds the number
    instead. ``interval`` is ``bootstrap`` for a mean over dialogues and ``jackknife`` for a corpus statistic, where
    resampling with replacement would bias it.
    """

    name: str
    title: str
    direction: Literal["higher", "lower", "none"]
    level: Literal["sample", "corpus"]
    needs: tuple[Need, ...]
    summary: str
    section: str
    unit: str = ""
    reference_words: bool = False
    worst: float | None = None
    interval: IntervalMethod = "bootstrap"
    decimals: int = 3
    minimum: float = -np.inf


class PredictionSample(Protocol):
    """One dialogue's answers; a part that is not there is None."""

    @property
    def text(self) -> str | None:
        """The transcript of the answer."""

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The answer's words."""

    @property
    def audio(self) -> tuple[Audio, int] | None:
        """Samples in [-1, 1] and their rate."""

    @property
    def face(self) -> Face | None:
        """``(T, 64)`` coefficients."""

    @property
    def step_seconds(self) -> NDArray[np.float64] | None:
        """Wall time of each step."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A metric's section of a protocol file, plus what has to be said of it in the signature."""

    protocol: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


class Metric(Protocol):
    """One number, its statistics and how they add up."""

    spec: MetricSpec

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Statistics of one dialogue. Raises MetricError with the reason where it cannot be scored."""

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """One number from the statistics of all scored dialogues, in manifest order."""

    def sample_value(self, statistics: Statistics) -> float | None:
        """The dialogue's own value, for lists and paired tests; None where only the corpus has one."""


METRICS: Registry[Metric] = Registry("omnibench.metrics", kind="metric", listing="omnibench metrics")
