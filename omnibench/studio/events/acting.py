"""A plan is acted: lines become speech, moves and sounds get their seconds, and the windows their places."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.files.event_records import Anchor, Cue, EventRecord, Window
from omnibench.studio.events.moves import Timed, moved
from omnibench.studio.events.plan import Line, Moment, Plan, Side, Times, placed
from omnibench.studio.events.sounds import sound
from omnibench.studio.events.splicing import leaving, waiting
from omnibench.studio.events.triggered import HEARD, LEVEL, WAIT
from omnibench.studio.faces import animate
from omnibench.studio.people import Person, draw
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance
from omnibench.studio.script import Line as Spoken
from omnibench.studio.timeline import Placed, one_side
from omnibench.studio.voice import Utterance

Say = Callable[[str, Person, str], Utterance]

GRID: Final = 0.2
SHORTEST: Final = 6.0
TAIL: Final = 0.4
"""Seconds after the last thing that counts."""
BEHIND: Final = 10 ** (-13 / 20)
"""A voice in the background against the speaker's: 13 dB softer, and without what is above 2.4 kHz."""
_MUFFLED: Final = 2400.0
_FULL_SCALE: Final = 32767


@dataclass(frozen=True, slots=True)
class Acted:
    """One recording: the speaker's side with its sound ``(n,)`` int16, and the face ``(T, 64)``."""

    part: Part
    audio: NDArray[np.int16]
    face: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Situation:
    """A plan that was acted. ``insertion`` is the condition as a manifest has it."""

    record: EventRecord
    main: Acted
    duration: float
    inserted: Acted | None = None
    insertion: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts: the speaker, somebody in the background, and frames a second; ``name`` draws faces and noises."""

    name: str
    speaker: Person
    behind: Person
    fps: Fraction


def act(plan: Plan, cast: Cast, say: Say) -> Situation:
    """Speak a plan's lines and give everything its time."""
    main, over = _spoken(plan.main, cast, say)
    times = {"clip": main.times}
    inserted = None
    if plan.inserted is not None:
        inserted, _ = _spoken(plan.inserted, cast, say)
        times["insertion"] = inserted.times

    def seconds(moment: Moment, anchor: Anchor) -> float:
        return max(0.0, times[anchor].of(moment))

    windows = tuple(
        Window(
            rule=one.rule,
            acts=one.acts,
            start=seconds(one.start, one.anchor),
            end=seconds(one.end, one.anchor),
            anchor=one.anchor,
        )
        for one in plan.asked
        if seconds(one.end, one.anchor) > seconds(one.start, one.anchor)
    )
    cue = plan.cue
    record = EventRecord(
        kind=plan.kind,
        variant=plan.variant,
        cue=Cue(
            what=cue.what,
            start=seconds(cue.start, cue.anchor),
            end=seconds(cue.end, cue.anchor),
            anchor=cue.anchor,
        ),
        windows=windows,
        triggered=inserted is not None,
    )
    in_clip = [over, *(window.end for window in windows if window.anchor == "clip")]
    if inserted is None or plan.since is None:
        duration = _whole(max(in_clip) + TAIL)
        return Situation(record, _acted(main, cast, duration, "main"), duration)
    since = main.times.of(plan.since)
    after = max(window.end for window in windows if window.anchor == "insertion") + TAIL
    duration = _whole(since + WAIT + after)
    condition = {"heard": HEARD, "level": LEVEL, "since": since, "until": round(duration - after, 4)}
    rest, fps = _whole(duration - since, shortest=0.0), float(cast.fps)
    first, then = _acted(main, cast, duration, "main"), _acted(inserted, cast, rest, "inserted")
    still, held = waiting(first.face, fps, since)
    there = replace(then, face=leaving(then.face, fps, held))
    return Situation(record, replace(first, face=still), duration, there, condition)


@dataclass(frozen=True, slots=True)
class _Spoken:
    side: Side
    times: Times
    said: tuple[Utterance, ...]
    talks: tuple[Utterance, ...]


def _spoken(side: Side, cast: Cast, say: Say) -> tuple[_Spoken, float]:
    """The lines said and placed, and when the last thing is over."""
    said = tuple(say(line.text, cast.speaker, line.mood) for line in side.lines)
    talks = tuple(say(talk.text, cast.behind, "neutral") for talk in side.talks)
    times = placed(side, {line.text: one.duration for line, one in zip(side.lines, said, strict=True)})
    over = [end for _, end in times.lines]
    over += [times.of(move.end) for move in side.moves]
    over += [times.of(one.start) + one.seconds for one in side.sounds]
    over += [times.of(talk.start) + one.duration for talk, one in zip(side.talks, talks, strict=True)]
    return _Spoken(side, times, said, talks), max(over)


def _whole(seconds: float, shortest: float = SHORTEST) -> float:
    return round(GRID * math.ceil(max(seconds, shortest) / GRID - 1e-9), 1)


def _acted(spoken: _Spoken, cast: Cast, duration: float, name: str) -> Acted:
    side, times = spoken.side, spoken.times
    part = _part_of(spoken, cast.speaker.id, duration)
    nobody = one_side("", (), duration)
    performance = Performance(cast.name, "", _mood(side.lines), "test", cast.fps, duration, part, nobody)
    face = animate(performance, "speaker", cast.fps, draw(cast.name, name, "face") % 2**32)
    way = 1 if draw(cast.name, name, "side") % 2 else -1
    moves = [Timed(move.name, times.of(move.start), times.of(move.end), way) for move in side.moves]
    return Acted(part, _mixed(spoken, part, f"{cast.name}|{name}"), moved(face, float(cast.fps), moves))


def _mood(lines: tuple[Line, ...]) -> str:
    return lines[0].mood if lines else "neutral"


def _part_of(spoken: _Spoken, person: str, duration: float) -> Part:
    found = []
    for line, (start, _), one in zip(spoken.side.lines, spoken.times.lines, spoken.said, strict=True):
        written = Spoken("speaker", line.mood, line.text, after_word=1 if line.backchannel else None)
        found.append(Placed(written, start, one))
    return one_side(person, tuple(found), duration)


def _mixed(spoken: _Spoken, part: Part, name: str) -> NDArray[np.int16]:
    """The speaker's speech with the noises and the voices behind it."""
    track = part.audio.astype(np.float64) / _FULL_SCALE
    for i, one in enumerate(spoken.side.sounds):
        rng = np.random.default_rng(draw(name, "sound", str(i)))
        _add(track, spoken.times.of(one.start), sound(one.name, one.seconds, rng))
    for talk, said in zip(spoken.side.talks, spoken.talks, strict=True):
        _add(track, spoken.times.of(talk.start), BEHIND * _muffled(said.audio))
    return np.round(np.clip(track, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)


def _add(track: NDArray[np.float64], start: float, wave: NDArray[np.float64]) -> None:
    begin = round(start * SAMPLE_RATE)
    kept = wave[: max(0, len(track) - begin)]
    track[begin : begin + len(kept)] += kept


def _muffled(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """As through a room: low-passed, with a few echoes."""
    from scipy.signal import butter, sosfilt

    dull = sosfilt(butter(4, _MUFFLED, fs=SAMPLE_RATE, output="sos"), audio.astype(np.float64))
    heard = np.pad(dull, (0, SAMPLE_RATE // 4))
    for delay, gain in ((0.023, 0.5), (0.041, 0.35), (0.067, 0.25), (0.103, 0.15)):
        shift = round(delay * SAMPLE_RATE)
        heard[shift : shift + len(dull)] += gain * dull
    return np.asarray(heard)
