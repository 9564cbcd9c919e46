"""What a metric is given of one dialogue, and what it gives back.

Statistics are small: numbers and fixed-size arrays that add up, never frames. So intervals and paired tests need one
pass over the data, and a run can be re-aggregated from its files alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.types import Audio, Face, Word

Statistics = Mapping[str, float | NDArray[np.float64]]
Need = Literal["text", "words", "face", "audio", "video", "timing"]


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
    """A metric's parameters under one protocol, which all go into the signature, and what scoring hands to ``sample``.

    ``features`` keeps what networks made of pictures and sound; ``plan`` is what the metric's own ``plan`` said.
    """

    protocol: str
    values: Mapping[str, Any] = field(default_factory=dict)
    features: FeatureStore = field(default_factory=FeatureStore, compare=False)
    plan: Any = field(default=None, compare=False)

    def __getitem__(self, key: str) -> Any:
        """Raises InputError for a parameter that neither the metric nor the protocol gives, like a network."""
        if key not in self.values:
            raise InputError(f'protocol {self.protocol}: expected the parameter "{key}" in the section of this metric.')
        return self.values[key]
