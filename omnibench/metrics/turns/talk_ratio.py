"""Talk ratio: seconds the answers speak for every second that the human listeners speak, over the corpus.

1 is as talkative as the humans; there is no better direction, since a model may be right to say less. Blind to when and
what: read it beside ``answered_2s`` and ``false_speech``. Time comes from word times, pauses between words left out;
heard (``heard_talk_ratio``), from every stretch of a voice, with words or without.
"""

from __future__ import annotations

from omnibench.features.turns import seconds_in
from omnibench.metrics.base import Parameters, Ratio, Statistics, blind, may, notice
from omnibench.metrics.turns.floor import Talk, TurnSpec, said_and_heard


def seconds_spoken(talk: Talk, parameters: Parameters) -> Statistics:
    """``spoken`` and ``reference_spoken``, seconds."""
    return {"spoken": seconds_in(talk.spans("own")), "reference_spoken": seconds_in(talk.spans("human"))}


talk_ratio, heard_talk_ratio = said_and_heard(
    TurnSpec(
        name="talk_ratio",
        title="Talk ratio",
        direction="none",
        summary="seconds the answers speak per second that the human listeners speak",
        minimum=0.0,
        definition="Seconds the answers speak for every second that the human listeners speak, over the corpus. 1 is "
        "as talkative as they.",
        pitfalls="No better direction: a model may be right to say less. Blind to when and to what.",
        order=500,
    ),
    seconds_spoken,
    Ratio("spoken", "reference_spoken", "the human listeners say nothing in these dialogues"),
    parameters={},
    audit=(
        notice("word_drop", why="less is spoken, and backchannels are lost with their words"),
        blind(
            "late_words", "other_answer", within=1e-9, why="seconds spoken over all dialogues, whenever and by whomever"
        ),
    ),
    shifted=may("audio_shift", why="seconds spoken, whenever; what runs over the end of the clip is lost"),
    recognised=False,
)
