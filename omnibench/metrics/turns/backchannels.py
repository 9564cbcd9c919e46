"""Backchannels: how many a minute, and how many of them fall where the human listener's fall.

A backchannel is a short unit of speech that leaves the floor with the speaker ("mm-hm": Yngve 1970;
`omnibench.features.turns.is_backchannel`), told by its timing alone and not by its words. A backchannel of the model is
*right* where one of the human listener's begins within ``window`` seconds of it, either way; each of the human's makes
one of the model's right. ``window`` is 0.5 s, the margin of Ward & Tsukahara 2000, with which most work on
backchannels since reports precision (right over the model's) and recall (right over the human's): survey of de Kok &
Heylen 2012.

Where a human says "mm-hm" is partly chance, and other people would do it elsewhere: even a good listener scores far
below 1 against one person. A model that never says it has a recall of 0 and no precision; read the three together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from omnibench.errors import MetricError
from omnibench.features.turns import Floor
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.turns.floor import listener_floor, own_words
from omnibench.metrics.turns.turn_rates import TurnRate, rate_spec
from omnibench.types import Dialogue


def matches(first: Sequence[float], second: Sequence[float], window: float) -> int:
    """The largest number of pairs of one time from each side, none used twice, at most ``window`` apart.

    Args:
        first: seconds, ascending.
        second: seconds, ascending.
        window: seconds, inclusive.

    Example:
        >>> matches([1.0, 2.0, 2.25], [2.5, 9.0], 0.5)
        1
    """
    count = i = j = 0
    while i < len(first) and j < len(second):
        if abs(first[i] - second[j]) <= window:
            count, i, j = count + 1, i + 1, j + 1
        elif first[i] < second[j]:
            i += 1
        else:
            j += 1
    return count


def _count(floor: Floor) -> int:
    return len(floor.backchannels)


class Agreement:
    """Right backchannels over all of one side's, summed over the corpus.

    Args:
        spec: name, title and summary.
        over: the statistic to divide by.
        nobody: the reason where that is 0.
    """

    def __init__(self, spec: MetricSpec, over: Literal["own", "human"], nobody: str) -> None:
        self.spec = spec
        self._over = over
        self._nobody = nobody

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Backchannels that are ``right``, of the model's ``own`` and of the ``human``."""
        own, human = (
            [unit.start for unit in listener_floor(reference, words, parameters).backchannels]
            for words in (own_words(prediction, parameters), reference.listener.words)
        )
        return {
            "right": float(matches(own, human, parameters["window"])),
            "own": float(len(own)),
            "human": float(len(human)),
        }

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Share in [0, 1]. Raises MetricError where there is no backchannel to take a share of."""
        total = sum(float(s[self._over]) for s in statistics)
        if total == 0:
            raise MetricError(self._nobody)
        return sum(float(s["right"]) for s in statistics) / total

    def sample_value(self, statistics: Statistics) -> float | None:
        """This dialogue's share, None where it has no such backchannel."""
        total = float(statistics[self._over])
        return float(statistics["right"]) / total if total else None


def _agreement_spec(name: str, title: str, summary: str, direction: Literal["higher", "none"]) -> MetricSpec:
    return MetricSpec(
        name=name,
        title=title,
        direction=direction,
        level="corpus",
        needs=("words",),
        onsets=True,
        summary=summary,
        section="5 (behaviour; not in the paper)",
        decimals=2,
        minimum=0.0,
        maximum=1.0,
    )


backchannel_rate = TurnRate(rate_spec("backchannel_rate", "Backchannels", "backchannels a minute"), _count)
backchannel_precision = Agreement(
    _agreement_spec(
        # No direction: a model can raise it by saying nothing where it is not sure.
        "backchannel_precision",
        "BC precision",
        "share of the model's backchannels near one of the human's",
        "none",
    ),
    "own",
    "the answers hold no backchannel",
)
backchannel_recall = Agreement(
    _agreement_spec(
        "backchannel_recall", "BC recall", "share of the human's backchannels near one of the model's", "higher"
    ),
    "human",
    "the human listeners give no backchannel in these dialogues",
)
