"""Responsiveness: do the answers follow this speaker's turns in time, rather than anybody's?

The share of the speaker's turns that are answered in time (``answered_2s``: a unit that begins between ``lead`` seconds
before and ``within`` seconds after the turn's end and lasts past it), less the share of the turns of other people that
the same answers would have answered, had they been given there: a permutation within the split, of which all pairs are
taken in place of draws. Of two dialogues of unequal length what lies behind the end of the shorter one is left out on
both sides. An answer begins after ``rest`` seconds of the listener's silence.

0 is chance, 1 the most; who talks all the time, in a beat, or at the same moment of every dialogue answers other
people's turns as often as this speaker's, and gets 0. A reflex to the speaker's silences gets more than 0, and justly:
it waits for this speaker. What it says is another metric's (``relevance``).

Chosen on studio's val split: with a ``rest`` of 1.5 s people have .34, a metronome 0 and a reflex .24, with ``pause``
people .38 and the reflex .41. Controls that wait for a stop of 0.6 s have .48: they follow this speaker more strictly
than people, who overlap, so this metric alone tells no listener from a pause detector: **it does not claim to measure
listening**, and controls stand above people on it (docs/coupling.md).

Turns are those that the human listener answers, of this dialogue and of the others, so that both sides of a comparison
are alike. Turns of other people end in time for a true answer by chance as well: nobody comes near 1.

Source: the surrogate test of interpersonal coordination, with other dialogues' partners (Bernieri & Rosenthal 1991,
"pseudo-interactions"; Moulder et al. 2018, other pairings of the same people); a difference instead of a p value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omnibench.errors import InputError
from omnibench.features.turns import Unit, units_of
from omnibench.metrics.base import (
    Metric,
    Pairs,
    Parameters,
    PredictionSample,
    Ratio,
    Statistics,
    may,
    no_listening,
    strongest,
)
from omnibench.metrics.coupling.answered_ends import answered_ends, speaker_of
from omnibench.metrics.turns.answered import answers_to
from omnibench.metrics.turns.floor import RULES, TurnSpec
from omnibench.types import Dialogue


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the answered turns of a dialogue end (s), how long it lasts (s), and who speaks."""

    dialogue: str
    speaker: str
    seconds: float
    ends: tuple[float, ...]


def ends_of(reference: Dialogue, parameters: Parameters) -> Ends:
    """Of the turns that the human listener answers."""
    return Ends(reference.id, speaker_of(reference), reference.duration, answered_ends(reference, parameters))


def advantage(own: Ends, other: Ends, answers: Sequence[Unit], lead: float, within: float) -> float | None:
    """The share of own turns that the answers answer in time less that of the other's, over the time that both
    dialogues have; None where one has no turn in it.

    Example:
        >>> mine, theirs = Ends("a", "x", 9.0, (2.0, 6.0)), Ends("b", "y", 9.0, (4.0, 8.9))
        >>> advantage(mine, theirs, [Unit(2.2, 3.0, 4), Unit(6.1, 7.0, 4)], lead=1.0, within=2.0)
        1.0
    """
    until = min(own.seconds, other.seconds)
    shares = []
    for ends in (own.ends, other.ends):
        inside = [end for end in ends if end + within <= until]
        if not inside:
            return None
        found = answers_to(inside, answers, lead, within)
        shares.append(1 - found.count(None) / len(inside))
    return shares[0] - shares[1]


def prepared(pairs: Pairs, parameters: Parameters) -> tuple[Ends, ...]:
    """The turns' ends of all dialogues; those of a damaged file are left out, and listed where it is sampled."""
    found = []
    for _, reference in pairs:
        try:
            found.append(ends_of(reference, parameters))
        except InputError:
            continue
    return tuple(found)


def followed(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``turns`` that are compared with those of enough other people, and the sum of their ``gain``: the mean advantage
    over all others, for each of them.
    """
    own = ends_of(reference, parameters)
    answers = units_of(prediction.timed_words(parameters["pause"]) or (), parameters["rest"])
    others = [other for other in parameters.plan if other.speaker != own.speaker]
    found = [advantage(own, other, answers, parameters["lead"], parameters["within"]) for other in others]
    gains = [gain for gain in found if gain is not None]
    if len(gains) < parameters["others"]:
        return {"turns": 0.0, "gain": 0.0}
    return {"turns": float(len(own.ends)), "gain": len(own.ends) * sum(gains) / len(gains)}


responsiveness = Metric(
    TurnSpec(
        name="responsiveness",
        title="Responsiveness",
        direction="higher",
        onsets=True,
        summary="how much oftener this speaker's turns are answered in time than other people's would be",
        minimum=-1.0,
        maximum=1.0,
        family="coupling",
        decimals=3,
        definition="Share of the speaker's turns that are answered within 2 s, less the share of other people's turns "
        "that the same answers would have met in time. 0 is chance.",
        pitfalls="Timing alone: saying anything at each stop of the speaker is responsive, more so than people, who "
        "overlap. Controls that wait for a stop win here: it does not measure listening. Other people's turns end in "
        "time for a true answer by chance too, so that even a perfect listener stays far below 1.",
        order=910,
        claim=no_listening("whoever says anything at each stop of the speaker is above people, who overlap"),
    ),
    followed,
    Ratio("gain", "turns", "too few dialogues of other people to compare an answer's times with"),
    prepared,
    parameters={**RULES, "lead": 1.0, "within": 2.0, "rest": 1.5, "others": 10},
    protocols=("strict",),
    audit=(
        may("word_drop", why="lost words shorten units and split them, which meets other turns as well"),
        strongest(
            "late_words",
            why="an answer that comes later than 2 s follows this speaker's turns no more than others', however late",
            within_absolute=0.1,
        ),
        strongest(
            "other_answer",
            why="another dialogue's answers follow another speaker's turns; of a few dialogues, they may meet them",
            within_absolute=0.1,
        ),
    ),
)
