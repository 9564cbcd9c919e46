"""What conditions do to a data set's speakers: words that a recogniser gets wrong, faces and words that are lost.

The listener who comes back in an echo is the recorded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from scipy.signal import resample_poly

from omnibench.conditions.base import differ
from omnibench.conditions.catalogue import CLEAN, DAMAGES, Condition
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.transcript import Transcript
from omnibench.features.recogniser import RATE, transcribe
from omnibench.metrics.text.word_error import WordErrors, pooled
from omnibench.types import Audio, Dialogue, samples_before


@dataclass(frozen=True, slots=True)
class Reception:
    """One speaker under one condition, None for none: the errors of a recogniser, None where the condition leaves the
    sound alone; of ``frames`` those whose face is another than was recorded; of ``words`` those never handed over.
    """

    condition: Condition | None
    person: str
    errors: WordErrors | None
    other_faces: int
    frames: int
    withheld: int
    words: int


def person_of(dialogue: Dialogue, role: str) -> str:
    """Who plays a role; of people whom nobody names, each is one of their own."""
    return dialogue.identities.get(role, f"{dialogue.id} ({role})")


def receive(dialogue: Dialogue, condition: Condition | None) -> Reception:
    """Hear and see the speaker of a dialogue through a condition.

    Raises:
        InputError: a recording cannot be read.
        MissingError: there is sound to hear, and no recogniser.
    """
    damage = (lambda frame, _: frame) if condition is None else condition.on(dialogue)
    given = list(speaker_frames(dialogue, Transcript(), images=False))
    got = [damage(frame, heard) for frame, heard in zip(given, _listener(dialogue), strict=True)]
    text, errors = dialogue.speaker.text, None
    if text and dialogue.speaker.has_audio and (condition is None or "audio" in condition.damages):
        sound = np.concatenate([frame.audio for frame in got])
        errors = pooled([(text, transcribe(resample_poly(sound, RATE, dialogue.sample_rate)))])
    return Reception(
        condition=condition,
        person=person_of(dialogue, "speaker"),
        errors=errors,
        other_faces=sum(differ(a, b, ("face",)) for a, b in zip(given, got, strict=True)),
        frames=len(got),
        withheld=sum(len(a.words) - len(b.words) for a, b in zip(given, got, strict=True)),
        words=sum(len(frame.words) for frame in given),
    )


def _listener(dialogue: Dialogue) -> Iterator[Audio]:
    """The listener's sound, frame by frame; silence where there is none."""
    ends = [samples_before(index, dialogue.fps, dialogue.sample_rate) for index in range(dialogue.frames + 1)]
    found = dialogue.listener.audio(0, ends[-1]) if dialogue.listener.has_audio else np.zeros(0, np.float32)
    return iter(np.split(np.pad(found, (0, ends[-1] - len(found))), ends[1:-1]))


def by_condition(received: Sequence[Reception]) -> list[str]:
    """The lines of a table, one a kind of condition, its levels beside each other; in percent."""
    lines = ["| condition | levels | word errors (%) | other faces (%) | words withheld (%) |", "|---|---|--:|--:|--:|"]
    for kind, group in groupby(dict.fromkeys(one.condition for one in received), _kind):
        levels = list(group)
        own = [[one for one in received if one.condition == level] for level in levels]
        touched = ("audio",) if kind == CLEAN else DAMAGES[kind]
        cells = [
            " / ".join(_percent(*count(each)) for each in own) if part in touched else "–" for part, count in _COUNTS
        ]
        lines.append(f"| `{kind}` | {' / '.join(one.level for one in levels if one)} | {' | '.join(cells)} |")
    return lines


def errors_by_person(received: Sequence[Reception]) -> list[str]:
    """The lines of a table: word errors in percent, one line a person, one column a condition that changes the
    sound.
    """
    heard = [one for one in received if one.errors is not None]
    columns = list(dict.fromkeys(one.condition for one in heard))
    lines = [f"| person | {' | '.join(str(one or CLEAN) for one in columns)} |", f"|---|{'--:|' * len(columns)}"]
    for person in sorted({one.person for one in heard}):
        own = [[one for one in heard if (one.person, one.condition) == (person, column)] for column in columns]
        lines.append(f"| {person} | {' | '.join(_percent(*_errors(each)) for each in own)} |")
    return lines


def _kind(condition: Condition | None) -> str:
    return CLEAN if condition is None else condition.kind


def _errors(received: Iterable[Reception]) -> tuple[int, int]:
    found = [one.errors for one in received if one.errors is not None]
    return sum(one.errors for one in found), sum(one.words for one in found)


def _faces(received: Iterable[Reception]) -> tuple[int, int]:
    return sum(one.other_faces for one in received), sum(one.frames for one in received)


def _withheld(received: Iterable[Reception]) -> tuple[int, int]:
    return sum(one.withheld for one in received), sum(one.words for one in received)


_COUNTS: Final = (("audio", _errors), ("face", _faces), ("words", _withheld))


def _percent(some: int, of: int) -> str:
    return f"{100 * some / of:.1f}" if of else "–"
