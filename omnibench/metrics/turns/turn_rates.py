"""Gap rate and overlap rate: how many of the answers a minute begin after a silence, and how many while the speaker
still speaks.

After Heldner & Edlund 2010, section 2, with the events counted at their beginning and only from the recorded speaker to
the answer, since the recorded speaker does not react to the model; rates for each minute of dialogue as in Nguyen et
al. 2023 (dGSLM), section 4. Backchannels are counted apart (``backchannel_rate``):

* a *gap* is a silence between the end of a turn of the speaker and the answer that takes the floor: a floor transfer
  with an offset above 0;
* an *overlap* is a turn of the answer that begins inside a turn of the speaker, whether it ends up with the floor
  (overlap between speakers) or not (overlap within a speaker: a failed interruption).

The human listener's own rate is the one to compare with (``reference_events`` a dialogue; the table's ground truth), so
there is no better direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omnibench.features.turns import Floor
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.turns.floor import listener_floor, own_words
from omnibench.types import Dialogue


def gaps(floor: Floor) -> int:
    """Turns of the speaker that are answered after a silence."""
    return sum(transfer.offset > 0 for transfer in floor.transfers)


def overlaps(floor: Floor) -> int:
    """Turns of the listener that begin while the speaker speaks."""
    return sum(any(unit.start <= turn.start < unit.end for unit in floor.speaker) for turn in floor.turns)


class TurnRate:
    """Events a minute, over the minutes of all dialogues.

    Args:
        spec: name, title and summary.
        count: how many events there are in a dialogue.
    """

    def __init__(self, spec: MetricSpec, count: Callable[[Floor], int]) -> None:
        self.spec = spec
        self._count = count

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``events`` of the answer, ``reference_events`` of the human listener, and ``minutes`` of dialogue."""
        return {
            "events": float(self._count(listener_floor(reference, own_words(prediction, parameters), parameters))),
            "reference_events": float(self._count(listener_floor(reference, reference.listener.words, parameters))),
            "minutes": reference.duration / 60.0,
        }

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Events a minute."""
        return sum(float(s["events"]) for s in statistics) / sum(float(s["minutes"]) for s in statistics)

    def sample_value(self, statistics: Statistics) -> float | None:
        """Events a minute of this dialogue."""
        return float(statistics["events"]) / float(statistics["minutes"])


def rate_spec(name: str, title: str, summary: str) -> MetricSpec:
    """The specification of a rate of events in the words, whose ideal is the human's own."""
    return MetricSpec(
        name=name,
        title=title,
        direction="none",
        level="corpus",
        needs=("words",),
        onsets=True,
        summary=summary,
        section="5 (behaviour; not in the paper)",
        unit="/min",
        decimals=2,
        minimum=0.0,
    )


gap_rate = TurnRate(rate_spec("gap_rate", "Gaps", "answers a minute that begin after a silence"), gaps)
overlap_rate = TurnRate(
    rate_spec("overlap_rate", "Overlaps", "answers a minute that begin while the speaker speaks"), overlaps
)
