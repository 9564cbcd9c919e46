"""``metronome``: says "yeah" at every full second and nods with it, whoever speaks.

It never listens, and yet it is never late to answer and never misses the place for a "mm-hm": a metric of timing on
which it beats a model can be won by talking often enough. Its voice and its lips are a recording out of the train split
(``python -m baselines.controls.choose_reply --text Yeah.``).
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np

from baselines.controls.entry import ControlEntry
from baselines.controls.recordings import Reply, stored_reply
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, neutral_face, rotation
from omnibench.responder import ModelCard
from omnibench.types import Audio, DialogueContext, Face, ListenerFrame, SpeakerFrame, Word

CARD = ModelCard(
    name="metronome",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary='"Yeah" for 0.3 s at every full second, with a nod, whatever happens.',
    inputs=(),
    licence="Apache-2.0",
    trained_on=("mini",),
    group="Controls",
)
STORED = Path(__file__).with_suffix(".json")
SECONDS = Fraction(3, 10)
FADE_SECONDS = 0.02
NOD_DEGREES, NOD_SECONDS = 6.0, 0.6


class MetronomeSession:
    """Counts frames; the first beat is at one second.

    Args:
        context: of the dialogue.
        recorded: how one word sounds and looks.
    """

    def __init__(self, context: DialogueContext, recorded: Reply) -> None:
        self._context, self._recorded, self._said = context, recorded, 0
        self._rest = neutral_face() if context.initial_face is None else context.initial_face
        self._beat = _beat(recorded, context.sample_rate)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The next frame of the beat, and the word where it has just been said."""
        index = frame.index + 1
        words: tuple[Word, ...] = ()
        now = index / self._context.fps
        if self._said + 1 + SECONDS <= now:
            self._said += 1
            words = (Word("yeah", float(self._said), float(self._said + SECONDS)),)
        samples = np.arange(self._context.samples_before(index), self._context.samples_before(index + 1))
        rate = self._context.sample_rate
        audio = np.where(samples < rate, np.float32(0), self._beat[samples % rate])
        return ListenerFrame(face=self._face(now % 1) if now >= 1 else self._rest, audio=audio, words=words)

    def close(self) -> None:
        """Nothing to free."""

    def _face(self, since: Fraction) -> Face:
        """The face ``since`` seconds into the beat."""
        face, source = self._rest.copy(), int((self._recorded.words[0].start + float(since)) * self._recorded.fps)
        if since < SECONDS and source < len(self._recorded.face):
            face[EXPRESSION] = self._recorded.face[source, EXPRESSION]
        angle = math.radians(NOD_DEGREES) * math.sin(math.pi * min(float(since) / NOD_SECONDS, 1)) ** 2
        down = np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])
        face[list(ROTATION_COLUMNS)] = (down @ rotation(face)).ravel()
        return face


def _beat(recorded: Reply, rate: int) -> Audio:
    """One second ``(rate,)``: the word, faded in and out, and silence."""
    first, length, fade = int(recorded.words[0].start * rate), int(SECONDS * rate), int(FADE_SECONDS * rate)
    word = recorded.audio_at(rate)[first : first + length].copy()
    word[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    word[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.pad(word, (0, rate - len(word)))


class Metronome:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> MetronomeSession:
        """Start to count."""
        return MetronomeSession(context, stored_reply(STORED))


entry = ControlEntry(CARD, Metronome)
