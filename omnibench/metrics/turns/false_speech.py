"""False speech: seconds a minute in which the model speaks although the human listener had nothing to say there.

Every unit of the human listener (backchannels included) opens a window in which the model may speak: from ``lead``
seconds before the end of the speaker turn that it answers, or before its own start where it answers none, to
``patience`` seconds after its end. What the model says outside all windows is counted. A silent model scores 0, as
people do: read it beside ``answered_2s``. Blind to what is said inside the windows. Heard
(``heard_false_speech``), every stretch of a voice counts, with words or without: a hum is no answer, and no silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.features.turns import Unit, outside, transfers
from omnibench.metrics.base import Parameters, Ratio, Statistics, blind, notice
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard


def windows(
    speaker: Sequence[Unit], listener: Sequence[Unit], lead: float, patience: float
) -> list[tuple[float, float]]:
    """Where a listener may speak, ``(start, end)`` in seconds, one window for each unit of the human listener.

    Example:
        >>> windows([Unit(0.0, 2.0, 6)], [Unit(3.0, 4.0, 3)], lead=0.5, patience=1.0)
        [(1.5, 5.0)]
    """
    turn_end = {transfer.after: transfer.before.end for transfer in transfers(speaker, listener)}
    return [(min(u.start, turn_end.get(u, u.start)) - lead, u.end + patience) for u in listener]


def windows_of(talk: Talk, parameters: Parameters) -> list[tuple[float, float]]:
    """The `windows` of a dialogue; the speaker's backchannels are no turns that open one earlier."""
    turns = floor(talk, "human", parameters).speaker
    return windows(turns, talk.units("human"), parameters["lead"], parameters["patience"])


def spoken_outside(talk: Talk, parameters: Parameters) -> Statistics:
    """``false`` seconds and the ``minutes`` of the dialogue."""
    allowed = windows_of(talk, parameters)
    return {"false": outside(talk.spans("own"), allowed), "minutes": talk.minutes}


false_speech, heard_false_speech = said_and_heard(
    TurnSpec(
        name="false_speech",
        title="False speech",
        direction="lower",
        summary="seconds a minute that the model speaks where the human listener had nothing to say",
        unit="s/min",
        minimum=0.0,
        maximum=60.0,
        definition="Seconds a minute that the model speaks where the human listener had nothing to say.",
        pitfalls="Silence has the best value, 0: read it beside the share of answered turns.",
        order=595,
    ),
    spoken_outside,
    Ratio("false", "minutes"),
    parameters={**RULES, "lead": 1.0, "patience": 2.0},
    audit=(
        blind("word_drop", within_absolute=1e-9, why="silence is never false speech: read it beside answered_2s"),
        notice("late_words", why="this is what they are for: an answer that comes too late"),
        notice("other_answer", why="another dialogue's answers come when nobody asked"),
    ),
    recognised=False,
)
