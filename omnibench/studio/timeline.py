"""Script and voices to one time line: gaps, overlaps, backchannels, cut-off turns, lead-in and tail."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.studio.people import Casting, Person, draw
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance, Turn
from omnibench.studio.script import Line, Role, Script
from omnibench.studio.voice import Phone, Utterance
from omnibench.types import Word

LEAD_IN: Final = (0.4, 0.8)
TAIL: Final = (0.6, 0.8)
GRID: Final = 0.2
SHORTEST: Final = 8.0
BACKCHANNEL_GAIN: Final = 10 ** (-3 / 20)
SAME_PERSON_GAP: Final = 0.15

Speak = Callable[[str, Person, str], Utterance]


@dataclass(frozen=True, slots=True)
class Placed:
    """An utterance at its place; ``start`` in seconds, on a whole sample."""

    line: Line
    start: float
    utterance: Utterance

    @property
    def end(self) -> float:
        """Seconds; when the sound ends."""
        return self.start + self.utterance.duration


def perform(script: Script, casting: Casting, say: Speak) -> Performance:
    """Speak all lines of a script with ``say`` and place them. As deterministic as ``say``."""
    placed = place(script, casting, say)
    tail = _between(TAIL, script.slug, "tail")
    end = max(SHORTEST, max(p.end for p in placed) + tail)
    duration = round(GRID * math.ceil(end / GRID - 1e-9), 1)
    return Performance(
        script.slug,
        script.topic,
        script.mood,
        script.split,
        casting.fps,
        duration,
        _part("speaker", casting.speaker.id, placed, duration),
        _part("listener", casting.listener.id, placed, duration),
    )


def place(script: Script, casting: Casting, say: Speak) -> tuple[Placed, ...]:
    """Give every line its start.

    The first turn starts after a lead-in of 0.4-0.8 s, or its own gap if that is longer. A turn starts ``gap`` seconds
    after the turn before it ends; a backchannel when its word ends. A person who would talk over their own last
    words waits until 0.15 s after them.
    """
    placed: list[Placed] = []
    turn: Placed | None = None
    for line in script.lines:
        utterance = say(line.text, casting.of(line.role), line.mood)
        if line.after_word is not None and turn is not None:
            start = turn.start + turn.utterance.words[line.after_word - 1].end
        elif turn is not None:
            start = turn.end + line.gap
        else:
            start = max(_between(LEAD_IN, script.slug, "lead-in"), line.gap)
        own = [p.end + SAME_PERSON_GAP for p in placed if p.line.role == line.role]
        start = round(max([start, *own]) * SAMPLE_RATE) / SAMPLE_RATE
        placed.append(Placed(line, start, utterance))
        if not line.is_backchannel:
            turn = placed[-1]
    return tuple(placed)


def one_side(person: str, placed: tuple[Placed, ...], duration: float) -> Part:
    """What a speaker says of lines that were placed by somebody else, on a track of ``duration`` seconds."""
    return _part("speaker", person, placed, duration)


def _part(role: Role, person: str, placed: tuple[Placed, ...], duration: float) -> Part:
    own = sorted((p for p in placed if p.line.role == role), key=lambda p: p.start)
    words = tuple(
        Word(w.text, round(p.start + w.start, 4), round(p.start + w.end, 4)) for p in own for w in p.utterance.words
    )
    phones = tuple(
        Phone(f.symbol, round(p.start + f.start, 4), round(p.start + f.end, 4)) for p in own for f in p.utterance.phones
    )
    turns = tuple(
        Turn(
            round(p.start, 4),
            round(p.end, 4),
            p.line.mood,
            "backchannel" if p.line.is_backchannel else "turn",
            p.line.text,
        )
        for p in own
    )
    return Part(person, turns, words, phones, _mix(own, round(duration * SAMPLE_RATE)))


def _mix(own: list[Placed], samples: int) -> NDArray[np.int16]:
    """One person's utterances on a silent track ``(samples,)``; backchannels 3 dB softer."""
    track = np.zeros(samples, np.float32)
    for p in own:
        begin = round(p.start * SAMPLE_RATE)
        gain = BACKCHANNEL_GAIN if p.line.is_backchannel else 1.0
        track[begin : begin + len(p.utterance.audio)] += np.float32(gain) * p.utterance.audio
    return np.round(np.clip(track, -1.0, 1.0) * 32767).astype(np.int16)


def _between(limits: tuple[float, float], *parts: str) -> float:
    low, high = limits
    return low + (high - low) * draw(*parts) / 2**48
