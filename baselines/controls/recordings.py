"""Recorded turns that controls play: cut out of a data set, stored beside a control, and replayed in time."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from omnibench.files.atomic import write_bytes, write_text
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, neutral_face
from omnibench.types import Audio, Dialogue, DialogueContext, Face, ListenerFrame, Word

MARGIN_SECONDS: Final = 0.08
EXPRESSION_COLUMNS: Final = tuple(range(EXPRESSION.stop))
EXPRESSION_AND_HEAD: Final = (*EXPRESSION_COLUMNS, *ROTATION_COLUMNS)
"""What of a recorded face is replayed; where the head is stays the session's own, since cameras differ."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A recorded turn: words relative to its start, samples at ``sample_rate``, faces ``(k, 64)`` at ``fps``."""

    words: tuple[Word, ...]
    audio: Audio
    sample_rate: int
    face: Face
    fps: Fraction

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return len(self.audio) / self.sample_rate

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(word.text for word in self.words)

    def audio_at(self, rate: int) -> Audio:
        """The samples at another rate."""
        if rate == self.sample_rate:
            return self.audio
        from scipy.signal import resample_poly

        ratio = Fraction(rate, self.sample_rate)
        resampled: Audio = resample_poly(self.audio, ratio.numerator, ratio.denominator).astype(np.float32)
        return resampled


def cut(dialogue: Dialogue, words: Sequence[Word]) -> Reply:
    """What the listener of a dialogue does while it says ``words``, and `MARGIN_SECONDS` before and after, in whole
    frames.
    """
    track, rate, fps = dialogue.listener, dialogue.sample_rate, dialogue.fps
    first = max(0, int((words[0].start - MARGIN_SECONDS) * fps))
    last = min(dialogue.frames, int((words[-1].end + MARGIN_SECONDS) * fps) + 1)
    begin = float(first / fps)
    timed = tuple(Word(w.text, round(w.start - begin, 4), round(w.end - begin, 4)) for w in words)
    audio = track.audio(round(first * rate / fps), round(last * rate / fps))
    return Reply(timed, audio, rate, track.face(first, last), fps)


def store(reply: Reply, target: Path, **more: object) -> None:
    """Write a turn's words to ``target``, a JSON file with ``more``, and its voice and face beside it."""
    import soundfile

    from omnibench.media.audio import to_pcm16

    voice, faces = io.BytesIO(), io.BytesIO()
    soundfile.write(voice, to_pcm16(reply.audio), reply.sample_rate, format="FLAC")
    np.savez_compressed(faces, face=reply.face)
    write_bytes(target.with_suffix(".flac"), voice.getvalue())
    write_bytes(target.with_suffix(".npz"), faces.getvalue())
    words = [{"text": word.text, "start": word.start, "end": word.end} for word in reply.words]
    record = {"text": reply.text, "words": words, "fps": str(reply.fps), **more}
    write_text(target, json.dumps(record, indent=1) + "\n")


@cache
def stored_reply(stored: Path) -> Reply:
    """The turn that `store` left beside a control."""
    from omnibench.media.audio import audio_info, read_audio

    record = json.loads(stored.read_text(encoding="utf-8"))
    voice = stored.with_suffix(".flac")
    with np.load(stored.with_suffix(".npz"), allow_pickle=False) as arrays:
        face = arrays["face"].astype(np.float32)
    words = tuple(Word(word["text"], word["start"], word["end"]) for word in record["words"])
    return Reply(words, read_audio(voice), audio_info(voice).sample_rate, face, Fraction(record["fps"]))


class ReplyPlayer:
    """Plays one reply at a time, and between them rests in silence.

    Args:
        context: of the dialogue.
        columns: what of the recorded face is shown; the rest is the initial face's.
    """

    def __init__(self, context: DialogueContext, columns: Sequence[int] = EXPRESSION_COLUMNS) -> None:
        self._context, self._columns = context, list(columns)
        self._rest = neutral_face() if context.initial_face is None else context.initial_face
        self._reply: Reply | None = None
        self._audio = np.zeros(0, np.float32)
        self._began = self._said = 0

    @property
    def playing(self) -> bool:
        """Whether a reply is under way."""
        return self._reply is not None

    def start(self, reply: Reply, index: int) -> None:
        """Play ``reply`` from frame ``index`` on."""
        self._reply, self._audio = reply, reply.audio_at(self._context.sample_rate)
        self._began, self._said = index, 0

    def stop(self) -> None:
        """Leave the rest of the reply unsaid."""
        self._reply = None

    def frame(self, index: int) -> ListenerFrame:
        """Frame ``index``: of the reply, or of the rest."""
        context, reply, face = self._context, self._reply, self._rest.copy()
        count = context.samples_before(index + 1) - context.samples_before(index)
        if reply is None:
            return ListenerFrame(face=face, audio=np.zeros(count, np.float32))
        offset = context.samples_before(index) - context.samples_before(self._began)
        audio = self._audio[offset : offset + count]
        source = int((index - self._began) * reply.fps / context.fps)
        if source < len(reply.face):
            face[self._columns] = reply.face[source, self._columns]
        words = self._finished(reply, float(index / context.fps), float(self._began / context.fps))
        if (index - self._began) / context.fps >= reply.seconds:
            self._reply = None
        return ListenerFrame(face=face, audio=np.pad(audio, (0, count - len(audio))), words=words)

    def _finished(self, reply: Reply, now: float, began: float) -> tuple[Word, ...]:
        finished = []
        while self._said < len(reply.words) and began + reply.words[self._said].end <= now:
            word = reply.words[self._said]
            finished.append(Word(word.text, began + word.start, began + word.end))
            self._said += 1
        return tuple(finished)
