"""``frozen``: a photograph. The listener's initial face is held; there is no voice and there are no words at all.

It differs from ``silence`` in what it claims: silence is scored as an answer that says nothing, a photograph has
dashes for text and speech. FD rewards it (the paper's LSTM row, 6.51, is close to one), which is what this control is
there to show.
"""

from __future__ import annotations

from dataclasses import dataclass

from baselines.controls.entry import ControlEntry
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, Face, ListenerFrame, SpeakerFrame

CARD = ModelCard(
    name="frozen",
    version="1",
    kind="control",
    outputs=("face",),
    summary="The listener's initial face, held; no voice, no words.",
    inputs=(),
    licence="Apache-2.0",
    group="Controls",
)


@dataclass(frozen=True, slots=True)
class FrozenSession:
    """Answers with one face for ever."""

    face: Face | None

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The same face again."""
        return ListenerFrame(face=self.face)

    def close(self) -> None:
        """Nothing to free."""


class Frozen:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> FrozenSession:
        """Hold the initial face."""
        return FrozenSession(context.initial_face)


entry = ControlEntry(CARD, Frozen)
