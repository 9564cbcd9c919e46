"""Script and voices to one time line: gaps, overlaps, backchannels, nods, cut-off turns, lead-in and tail."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.studio.people import Casting, Person, draw
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance, Turn
from omnibench.studio.script import Line, Role, Script
from omnibench.studio.voice import POWER_RATE, Phone, Utterance
from omnibench.types import Word

LEAD_IN: Final = (0.4, 0.8)
TAIL: Final = (0.6, 0.8)
# The shortest time with whole frames and whole samples: both at 25 and 30 a second, and at the 29.97 of NTSC.
GRIDS: Final = {Fraction(25): Fraction(1, 5), Fraction(30): Fraction(1, 5), Fraction(30000, 1001): Fraction(1001, 2000)}
SHORTEST: Final = 8.0
BACKCHANNEL_GAIN: Final = 10 ** (-3 / 20)
SAME_PERSON_GAP: Final = 0.15
NOD: Final = 0.95
"""How long a nod takes that is an answer of its own, in seconds."""

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
    """Speak all lines of a script with ``say`` and place them. As deterministic as ``say``.

    The casting's frame rate is one of :data:`GRIDS`.
    """
    placed = place(script, casting, say)
    tail = _between(TAIL, script.slug, "tail")
    duration = _whole(max(SHORTEST, max(p.end for p in placed) + tail), casting.fps)
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


def _whole(seconds: float, fps: Fraction) -> float:
    """The next duration with whole frames and samples; at most four decimals, so that it is written as it is."""
    grid = GRIDS[fps]
    return round(float(grid * math.ceil(seconds / float(grid) - 1e-9)), 4)


def place(script: Script, casting: Casting, say: Speak) -> tuple[Placed, ...]:
    """Give every line its start; a nod is an utterance without words.

    The first turn starts after a lead-in of 0.4-0.8 s, or its own gap if that is longer. A turn starts ``gap`` seconds
    after the turn before it ends; a backchannel when its word ends. A person who would talk over their own last
    words waits until 0.15 s after them.
    """
    placed: list[Placed] = []
    turn: Placed | None = None
    for line in script.lines:
        utterance = _nodded() if line.is_nod else say(line.text, casting.of(line.role), line.mood)
        if line.after_word is not None and turn is not None:
            start = turn.start + turn.utterance.words[line.after_word - 1].end
        elif turn is not None:
            start = turn.end + line.gap
        else:
            start = max(_between(LEAD_IN, script.slug, "lead-in"), line.gap)
        own = [p.end + SAME_PERSON_GAP for p in placed if p.line.role == line.role and not p.line.is_nod]
        start = round(max([start, *own]) * SAMPLE_RATE) / SAMPLE_RATE
        placed.append(Placed(line, start, utterance))
        if not line.is_backchannel:
            turn = placed[-1]
    return tuple(placed)


def one_side(person: str, placed: tuple[Placed, ...], duration: float) -> Part:
    """What a speaker says of lines that were placed by somebody else, on a track of ``duration`` seconds."""
    return _part("speaker", person, placed, duration)


def _nodded() -> Utterance:
    return Utterance(np.zeros(round(NOD * SAMPLE_RATE), np.float32), (), ())


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
            "nod" if p.line.is_nod else "backchannel" if p.line.is_backchannel else "turn",
            p.line.text,
        )
        for p in own
    )
    samples = round(duration * SAMPLE_RATE)
    return Part(person, turns, words, phones, _mix(own, samples), _mix_power(own, samples))


def _mix(own: list[Placed], samples: int) -> NDArray[np.int16]:
    """One person's utterances on a silent track ``(samples,)``; backchannels 3 dB softer."""
    track = np.zeros(samples, np.float32)
    for p in own:
        begin = round(p.start * SAMPLE_RATE)
        gain = BACKCHANNEL_GAIN if p.line.is_backchannel else 1.0
        track[begin : begin + len(p.utterance.audio)] += np.float32(gain) * p.utterance.audio
    return np.round(np.clip(track, -1.0, 1.0) * 32767).astype(np.int16)


def _mix_power(own: list[Placed], samples: int) -> NDArray[np.float64] | None:
    """The planned power of :func:`_mix`, ``(samples // 80 + 1,)``; None if any utterance has none."""
    said = [p for p in own if not p.line.is_nod]
    track = np.zeros(samples * POWER_RATE // SAMPLE_RATE + 1)
    grid = np.arange(len(track)) / POWER_RATE
    for p in said:
        if p.utterance.power is None:
            return None
        gain = BACKCHANNEL_GAIN**2 if p.line.is_backchannel else 1.0
        at = p.start + np.arange(len(p.utterance.power)) / POWER_RATE
        track += gain * np.interp(grid, at, p.utterance.power, left=0.0, right=0.0)
    return track if said else None


def _between(limits: tuple[float, float], *parts: str) -> float:
    low, high = limits
    return low + (high - low) * draw(*parts) / 2**48
