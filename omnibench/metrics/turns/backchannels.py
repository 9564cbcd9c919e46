"""Backchannels: how many a minute, and how many of them fall where the human listener's fall, as precision, recall and
F1, twice the right ones over the model's and the human's together.

A backchannel is a short unit of speech that leaves the floor with the speaker ("mm-hm": Yngve 1970;
`omnibench.features.turns.is_backchannel`), told by its timing alone and not by its words. A backchannel of the model is
*right* where one of the human listener's begins within ``window`` seconds of it, either way; each of the human's makes
one of the model's right. ``window`` is 0.5 s, the margin of Ward & Tsukahara 2000, with which most work on
backchannels since reports precision (right over the model's) and recall (right over the human's): survey of de Kok &
Heylen 2012.

Where a human says "mm-hm" is partly chance, and other people would do it elsewhere: even a good listener scores far
below 1 against one person. A model that never says it has a recall and an F1 of 0 and no precision. F1 is the one to
compare models by: precision alone is raised by rare, safe ones, recall by saying it all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from omnibench.metrics.base import Parameters, Ratio, Statistics, listens, may, notice, strongest
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard
from omnibench.metrics.turns.turn_rates import SPLIT, rates_of


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


def agreement(talk: Talk, parameters: Parameters) -> Statistics:
    """Backchannels that are ``right``, of the model's ``own`` and of the ``human``; and the two sides of F1."""
    own = [unit.start for unit in floor(talk, "own", parameters).backchannels]
    human = [unit.start for unit in floor(talk, "human", parameters).backchannels]
    right = float(matches(own, human, parameters["window"]))
    return {
        "right": right,
        "own": float(len(own)),
        "human": float(len(human)),
        "right_twice": 2 * right,
        "both": float(len(own) + len(human)),
    }


# The margin of Ward & Tsukahara 2000, either way.
_PARAMETERS: Final = {**RULES, "window": 0.5}
_LATE = strongest(
    "late_words", within=0.3, why="at chance level from the first grade on: all of them lie beyond the window of 0.5 s"
)
_OTHER = notice("other_answer", why="another dialogue's answers come when nobody asked")

backchannel_rate, heard_backchannel_rate = rates_of(
    lambda floor: len(floor.backchannels),
    TurnSpec(
        name="backchannel_rate",
        title="Backchannels",
        direction="none",
        onsets=True,
        summary="backchannels a minute",
        unit="/min",
        minimum=0.0,
        definition="Short units of speech a minute that leave the floor with the speaker, such as mm-hm.",
        pitfalls="Told by timing alone, not by words. No better direction: compare with the ground truth's own rate.",
        order=570,
    ),
)
backchannel_precision, heard_backchannel_precision = said_and_heard(
    TurnSpec(
        name="backchannel_precision",
        title="BC precision",
        direction="higher",
        onsets=True,
        summary="share of the model's backchannels near one of the human's",
        minimum=0.0,
        maximum=1.0,
        definition="Share of the model's backchannels within 0.5 s of one of the human listener's.",
        pitfalls="Where one person says mm-hm is partly chance: even a good listener scores far below 1. Rare, safe "
        "ones raise it: read F1, recall and rate with it.",
        order=580,
    ),
    agreement,
    Ratio("right", "own", "the answers hold no backchannel"),
    parameters=_PARAMETERS,
    audit=(may("word_drop", why=SPLIT), _LATE, _OTHER),
)
backchannel_recall, heard_backchannel_recall = said_and_heard(
    TurnSpec(
        name="backchannel_recall",
        title="BC recall",
        direction="higher",
        onsets=True,
        summary="share of the human's backchannels near one of the model's",
        minimum=0.0,
        maximum=1.0,
        definition="Share of the human listener's backchannels within 0.5 s of one of the model's.",
        pitfalls="Saying mm-hm all the time raises it: read precision and rate with it.",
        order=590,
    ),
    agreement,
    Ratio("right", "human", "the human listeners give no backchannel in these dialogues"),
    parameters=_PARAMETERS,
    audit=(notice("word_drop", why="less is spoken, and backchannels are lost with their words"), _LATE, _OTHER),
)
backchannel_f1, heard_backchannel_f1 = said_and_heard(
    TurnSpec(
        name="backchannel_f1",
        title="BC F1",
        direction="higher",
        onsets=True,
        summary="backchannels of model and human that are near one of the other's, as F1",
        minimum=0.0,
        maximum=1.0,
        definition="Harmonic mean of the share of the model's backchannels within 0.5 s of one of the human "
        "listener's, and of the share of the human's within 0.5 s of one of the model's.",
        pitfalls="Where one person says mm-hm is partly chance: even a good listener scores far below 1, and one who "
        "says it in a beat above 0.",
        order=575,
        claim=listens("saying it all the time loses what it gains: only who hears where one is due has both sides"),
    ),
    agreement,
    Ratio("right_twice", "both", "neither the answers nor the human listeners hold a backchannel"),
    parameters=_PARAMETERS,
    audit=(may("word_drop", why=SPLIT), _LATE, _OTHER),
)
