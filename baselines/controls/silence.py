"""``silence``: a neutral face in the listener's head position, a voice track of zeros and no word.

The floor of every text and speech metric: a metric on which it does well rewards saying nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baselines.controls.entry import ControlEntry
from omnibench.media.face import EXPRESSION
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, Face, ListenerFrame, SpeakerFrame

CARD = ModelCard(
    name="silence",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary="Neutral face, silent audio, no words.",
    inputs=(),
    licence="Apache-2.0",
    group="Controls",
)


@dataclass(frozen=True, slots=True)
class SilenceSession:
    """Answers with one face and as many zero samples as the next frame has."""

    context: DialogueContext
    face: Face | None

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """A frame of silence."""
        before = self.context.samples_before
        return ListenerFrame(
            face=self.face, audio=np.zeros(before(frame.index + 2) - before(frame.index + 1), np.float32)
        )

    def close(self) -> None:
        """Nothing to free."""


class Silence:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> SilenceSession:
        """Relax the initial face; without one the clock's own neutral face stays."""
        if context.initial_face is None:
            return SilenceSession(context, None)
        face = context.initial_face.copy()
        face[EXPRESSION] = 0.0
        return SilenceSession(context, face)


entry = ControlEntry(CARD, Silence)
