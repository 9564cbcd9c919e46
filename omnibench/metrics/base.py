"""What a metric is: one declaration of what a reader must know, how it is measured, and what it is held to.

A metric of ours lies in its family's folder, one of a stranger's in any package that registers it under the entry-point
group ``omnibench.metrics``; both are all that there is to write (docs/adding.md). Everything else follows from it:
scores, intervals, signatures, tables, help and the audit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import numpy as np

from omnibench.metrics.aggregation import Aggregation, Corpus, Mean, Median, Ratio
from omnibench.metrics.claim import BY_FAMILY, Claim, listens, no_listening
from omnibench.metrics.expectation import Rule, blind, ignore, may, notice, strongest
from omnibench.metrics.inputs import Need, Parameters, PredictionSample, Statistics
from omnibench.registry import Registry
from omnibench.types import Dialogue

__all__ = [
    "FAMILIES",
    "METRICS",
    "PROTOCOLS",
    "Aggregation",
    "Claim",
    "Corpus",
    "Mean",
    "Median",
    "Metric",
    "MetricSpec",
    "Need",
    "Pairs",
    "Parameters",
    "PredictionSample",
    "Ratio",
    "Rule",
    "Statistics",
    "blind",
    "ignore",
    "listens",
    "may",
    "no_listening",
    "notice",
    "strongest",
]

PROTOCOLS: Final = ("paper", "strict", "offline")
"""Those that ship with omnibench."""

Pairs = Sequence[tuple[PredictionSample, Dialogue]]
FAMILIES: Final[Mapping[str, str]] = {
    "words": "What is said",
    "voice": "How the voice sounds",
    "lips": "Lips and voice together",
    "face": "How the face moves",
    "video": "How the video looks",
    "turns": "When it is said",
    "coupling": "Whether it answers this speaker",
    "pace": "Keeping up with time",
    "other": "Other",
}
"""Headings of the families, in the order in which tables show them."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a reader must know of a metric before its number means anything.

    ``needs`` are parts of the answer, ``reference_needs`` parts that the data set must have of the human
    listener; where either has none of a kind the metric is the paper's dash. ``reference_words`` leaves dialogues
    whose human listener says nothing out (listed, not dropped). ``onsets``: it matters when words begin, so a start
    counts from its receipt (`omnibench.predictions.receipts`), and answers without receipts are marked.
    ``holds_words``: it holds the words that a model claims against its sound, so words that were read from it have no
    value. ``worst`` is what a dialogue scores that the model failed on; None withholds the number instead.

    ``definition`` (the summary unless given) and ``pitfalls``, what the number does not say, are column help in reports
    and on the leaderboard; ``order`` is the place among the metrics of a protocol, and of the ``family``.
    ``claim`` says whether the metric claims to measure listening, and why; its family's unless given.

    Raises:
        ValueError: a name or title that could not stand in a file or signature, or an unknown direction, need
            or family.
    """

    name: str
    title: str
    direction: Literal["higher", "lower", "none"]
    needs: tuple[Need, ...]
    summary: str
    section: str = ""
    unit: str = ""
    reference_needs: tuple[Need, ...] = ()
    reference_words: bool = False
    onsets: bool = False
    holds_words: bool = False
    worst: float | None = None
    decimals: int = 3
    minimum: float = -np.inf
    maximum: float = np.inf
    family: str = "other"
    definition: str = ""
    pitfalls: str = ""
    order: int = 1000
    claim: Claim | None = None

    @property
    def claims(self) -> Claim:
        """Its own claim, else its family's."""
        return self.claim or BY_FAMILY[self.family]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f'the metric\'s name is "{self.name}"; expected small letters, digits and _')
        if "|" in self.title:
            raise ValueError(f'the title of {self.name} is "{self.title}"; expected none with a "|" in it')
        if self.direction not in ("higher", "lower", "none"):
            raise ValueError(f'the direction of {self.name} is "{self.direction}"; expected higher, lower or none')
        unknown = [need for need in (*self.needs, *self.reference_needs) if need not in get_args(Need)]
        if unknown or isinstance(self.needs, str):
            raise ValueError(
                f"{self.name} needs {self.needs!r}; expected a tuple of some of {', '.join(get_args(Need))}"
            )
        if self.family not in FAMILIES:
            raise ValueError(f'the family of {self.name} is "{self.family}"; expected one of {", ".join(FAMILIES)}')


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One number: its specification, the statistics of a dialogue, and how they add up.

    Attributes:
        spec: what a reader must know.
        sample: ``(prediction, reference, parameters)`` to the statistics of one dialogue; raises MetricError with the
            reason where it cannot be scored.
        aggregation: one number from the statistics of all dialogues.
        plan: what ``sample`` finds in ``parameters.plan``, from all pairs that are there, in manifest order: for clips
            and draws that are fixed before anything is decoded, and for networks that are asked for many clips at once.
            Called for every metric before anything is sampled, so that what is wanted of a clip (`FeatureStore.want`)
            is made in one decode. Raises MissingError for a network that is not there; the message names the command
            that gets it.
        parameters: the defaults; protocols depart from them.
        protocols: those of ``paper``, ``strict`` and ``offline`` that measure it, and those that extend them; empty for
            every one.
        audit: what it must and must not notice, or the reason why no damage to recordings can reach it.

    Raises:
        ValueError: a protocol that is none of the three.
    """

    spec: MetricSpec
    sample: Callable[[PredictionSample, Dialogue, Parameters], Statistics]
    aggregation: Aggregation
    plan: Callable[[Pairs, Parameters], Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    protocols: tuple[str, ...] = ()
    audit: Sequence[Rule] | str = ()

    def __post_init__(self) -> None:
        if isinstance(self.protocols, str) or set(self.protocols) - set(PROTOCOLS):
            raise ValueError(
                f"the protocols of {self.spec.name} are {self.protocols!r}; expected a tuple of some of "
                f"{', '.join(PROTOCOLS)}"
            )

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """One number from the statistics of all scored dialogues, in manifest order."""
        return self.aggregation.value(statistics, parameters)

    def sample_value(self, statistics: Statistics) -> float | None:
        """The dialogue's own value, for lists and paired tests; None where only the corpus has one."""
        return self.aggregation.of_one(statistics)


METRICS: Registry[Metric] = Registry("omnibench.metrics", kind="metric", listing="omnibench metrics")
