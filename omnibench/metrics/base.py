"""What a metric is: a specification, statistics of one sample, and one aggregate over them.

Statistics are small: numbers and fixed-size arrays that add up, never frames. So intervals and paired tests need one
pass over the data, and a run can be re-aggregated from its files alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.registry import Registry
from omnibench.types import Audio, Dialogue, Face, Word

Statistics = Mapping[str, float | NDArray[np.float64]]
IntervalMethod = Literal["bootstrap", "quantile", "jackknife", "subsample"]
Need = Literal["text", "words", "face", "audio", "video", "timing"]


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a reader must know of a metric before its number means anything.

    ``needs`` are parts of the prediction, ``reference_needs`` parts that the data set must have of the human
    listener; where either has none of a kind the metric is the paper's dash. ``reference_words`` leaves dialogues
    whose human listener says nothing out (listed, not dropped). ``onsets``: it matters when words begin, so a start
    counts from its receipt (`omnibench.predictions.receipts`), and answers without receipts are marked. ``worst`` is
    what a dialogue scores that the model failed on; None withholds the number instead. ``interval`` is ``bootstrap``
    for a mean over dialogues and ``jackknife`` for a corpus statistic, where resampling with replacement would bias it.
    """

    name: str
    title: str
    direction: Literal["higher", "lower", "none"]
    level: Literal["sample", "corpus"]
    needs: tuple[Need, ...]
    summary: str
    section: str
    unit: str = ""
    reference_needs: tuple[Need, ...] = ()
    reference_words: bool = False
    onsets: bool = False
    worst: float | None = None
    interval: IntervalMethod = "bootstrap"
    decimals: int = 3
    minimum: float = -np.inf
    maximum: float = np.inf


class PredictionSample(Protocol):
    """One dialogue's answers; a part that is not there is None."""

    @property
    def text(self) -> str | None:
        """The transcript of the answer."""

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The answer's words, as the model claims them."""

    def timed_words(self, pause: float) -> tuple[Word, ...] | None:
        """The answer's words with the times that count for turns, which a ``pause`` (s) parts
        (`omnibench.predictions.receipts`).
        """

    @property
    def audio(self) -> tuple[Audio, int] | None:
        """Samples in [-1, 1] and their rate."""

    @property
    def face(self) -> Face | None:
        """``(T, 64)`` coefficients."""

    def face_between(self, start: int, stop: int) -> Face:
        """Coefficients ``(stop - start, 64)`` of frames ``start <= i < stop``, past the end fewer. Raises MetricError
        where there are none.
        """

    @property
    def step_seconds(self) -> NDArray[np.float64] | None:
        """Wall time of each step."""

    @property
    def media(self) -> Media:
        """Its pictures and sound for the metrics' networks."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A metric's section of a protocol file, which goes into the signature, and what scoring hands to its ``sample``.

    ``features`` keeps what networks made of pictures and sound; ``plan`` is what the metric's own `Planned.plan` said.
    """

    protocol: str
    values: Mapping[str, Any] = field(default_factory=dict)
    features: FeatureStore = field(default_factory=FeatureStore, compare=False)
    plan: Any = field(default=None, compare=False)

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


@runtime_checkable
class Planned(Protocol):
    """A metric that fixes clips, starts and shuffles before anything is decoded, or asks networks for many clips at
    once.
    """

    def plan(self, pairs: Sequence[tuple[PredictionSample, Dialogue]], parameters: Parameters) -> Any:
        """What ``sample`` will find in ``parameters.plan``.

        Args:
            pairs: the answers that are there with their references, in manifest order. Called for every metric before
                anything is sampled, so what is wanted of a clip (`FeatureStore.want`) is made in one decode.
            parameters: as ``sample`` will get them, with ``plan`` None.

        Raises:
            MissingError: a network is not there; the message names the command that gets it.
        """


METRICS: Registry[Metric] = Registry("omnibench.metrics", kind="metric", listing="omnibench metrics")
