"""``mirror``: the speaker's own face, one frame later; no voice, no words.

Its face is human, moves with the speaker, and answers nothing: a metric on which it beats a model takes a moving face
for a listening one, or an imitation for a reaction.
"""

from __future__ import annotations

from baselines.controls.entry import ControlEntry
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

CARD = ModelCard(
    name="mirror",
    version="1",
    kind="control",
    outputs=("face",),
    summary="The speaker's own face, one frame later; no voice, no words.",
    inputs=("face",),
    licence="Apache-2.0",
    group="Controls",
)


class MirrorSession:
    """Answers each frame with the face in it."""

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The face that was just seen."""
        return ListenerFrame(face=frame.face)

    def close(self) -> None:
        """Nothing to free."""


class Mirror:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> MirrorSession:
        """Start to look."""
        return MirrorSession()


entry = ControlEntry(CARD, Mirror)
