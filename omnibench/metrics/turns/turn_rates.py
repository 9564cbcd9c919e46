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

from collections.abc import Callable
from typing import Final

from omnibench.features.turns import Floor
from omnibench.metrics.base import Metric, MetricSpec, Parameters, Ratio, Statistics, may
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard


def gaps(floor: Floor) -> int:
    """Turns of the speaker that are answered after a silence."""
    return sum(transfer.offset > 0 for transfer in floor.transfers)


def overlaps(floor: Floor) -> int:
    """Turns of the listener that begin while the speaker speaks."""
    return sum(any(unit.start <= turn.start < unit.end for unit in floor.speaker) for turn in floor.turns)


SPLIT: Final = "lost words end some units and split others into shorter and later ones, which works both ways"
TRADED: Final = "a late answer trades a gap for another or falls into the speaker's next turn"
EVEN: Final = "a median or a rate over all dialogues: early and late answers may make up for each other"
NO_WAITING: Final = (
    "blind to which turn is answered: the recorded speaker does not wait, so that what comes seconds late may be early "
    'for the next turn, and an earlier "mm-hm" may come where an answer is waited for'
)
"""Why damage to the timing of words may show in a metric of turns, or not."""


def rates_of(count: Callable[[Floor], int], spec: MetricSpec) -> tuple[Metric, Metric]:
    """Metrics of events a minute, said and heard, over the minutes of all dialogues; ``count`` says how many are in a
    dialogue.
    """

    def events(talk: Talk, parameters: Parameters) -> Statistics:
        """``events`` of the answer, ``reference_events`` of the human listener, and ``minutes`` of dialogue."""
        return {
            "events": float(count(floor(talk, "own", parameters))),
            "reference_events": float(count(floor(talk, "human", parameters))),
            "minutes": talk.minutes,
        }

    return said_and_heard(
        spec,
        events,
        Ratio("events", "minutes"),
        parameters=RULES,
        audit=(may("word_drop", why=SPLIT), may("late_words", why=TRADED), may("other_answer", why=EVEN)),
    )


gap_rate, heard_gap_rate = rates_of(
    gaps,
    TurnSpec(
        name="gap_rate",
        title="Gaps",
        direction="none",
        onsets=True,
        summary="answers a minute that begin after a silence",
        unit="/min",
        minimum=0.0,
        definition="Answers a minute that begin after a silence.",
        pitfalls="No better direction: compare with the ground truth's own rate.",
        order=550,
    ),
)
overlap_rate, heard_overlap_rate = rates_of(
    overlaps,
    TurnSpec(
        name="overlap_rate",
        title="Overlaps",
        direction="none",
        onsets=True,
        summary="answers a minute that begin while the speaker speaks",
        unit="/min",
        minimum=0.0,
        definition="Answers a minute that begin while the speaker still speaks.",
        pitfalls="No better direction: humans overlap too, so compare with the ground truth's own rate.",
        order=560,
    ),
)
