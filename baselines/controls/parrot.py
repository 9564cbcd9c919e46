"""``parrot``: gives the speaker's words, voice and face back, some seconds later.

Its words share the topic and its face is human and in sync with its voice: metrics on content have to see through it.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from baselines.controls.entry import ControlEntry
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word

CARD = ModelCard(
    name="parrot",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary="The speaker's own words, voice and face, two seconds later.",
    licence="Apache-2.0",
    group="Controls",
)
DELAY_SECONDS = 2.0


class ParrotSession:
    """Fills the clock's queues once with ``frames`` frames of waiting; everything heard then plays that much later.

    Args:
        context: of the dialogue.
        frames: the delay, at least 1.
    """

    def __init__(self, context: DialogueContext, frames: int) -> None:
        self._context, self._frames = context, frames
        self._shift = float(frames / context.fps)
        self._words: deque[Word] = deque()

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """What the speaker did in this frame, to be played after everything before it."""
        face, audio = frame.face[None], frame.audio
        if frame.index == 0:
            waiting = self._context.samples_before(self._frames) - self._context.samples_before(1)
            initial = frame.face if self._context.initial_face is None else self._context.initial_face
            face = np.concatenate([np.repeat(initial[None], self._frames - 1, axis=0), face])
            audio = np.concatenate([np.zeros(waiting, np.float32), audio])
        for word in frame.words:
            self._words.append(Word(word.text, word.start + self._shift, word.end + self._shift))
        return ListenerFrame(face=face, audio=audio, words=self._said(float((frame.index + 1) / self._context.fps)))

    def close(self) -> None:
        """Nothing to free."""

    def _said(self, now: float) -> tuple[Word, ...]:
        said: list[Word] = []
        while self._words and self._words[0].end <= now:
            said.append(self._words.popleft())
        return tuple(said)


class Parrot:
    """The control.

    Args:
        delay: seconds between the speaker and its echo; at least one frame.
    """

    card = CARD

    def __init__(self, delay: float = DELAY_SECONDS) -> None:
        self._delay = float(delay)

    def open(self, context: DialogueContext) -> ParrotSession:
        """Start to listen."""
        return ParrotSession(context, max(1, math.ceil(self._delay * context.fps)))


entry = ControlEntry(CARD, Parrot)
