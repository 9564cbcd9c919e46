"""``constant_reply``: says the same thing whenever the speaker comes to a stop. The best single reply there is.

Which one was chosen on the train split alone, by ``python -m baselines.controls.choose_reply``: the listener turn
whose words have the highest mean ROUGE-L against all other dialogues' listeners. Its voice and face are the recording
it comes from. A metric on which it beats a model says that the model has not learnt to listen.
"""

from __future__ import annotations

from pathlib import Path

from baselines.controls.entry import ControlEntry
from baselines.controls.hearing import Ear
from baselines.controls.recordings import Reply, ReplyPlayer, stored_reply
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

CARD = ModelCard(
    name="constant_reply",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary="The same recorded reply whenever the speaker stops, chosen on the train split.",
    inputs=("audio",),
    licence="Apache-2.0",
    trained_on=("mini",),
    group="Controls",
)
STORED = Path(__file__).with_suffix(".json")
PAUSE_SECONDS = 0.6
SPEECH_SECONDS = 0.3


class ConstantReplySession:
    """Waits for the speaker to stop and replies; deaf while it speaks."""

    def __init__(self, context: DialogueContext, reply: Reply) -> None:
        self._reply, self._player = reply, ReplyPlayer(context)
        self._ear = Ear(context.fps, SPEECH_SECONDS, PAUSE_SECONDS)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """One frame of waiting or of the reply."""
        if not self._player.playing and self._ear.hear(frame.audio):
            self._player.start(self._reply, frame.index + 1)
        return self._player.frame(frame.index + 1)

    def close(self) -> None:
        """Nothing to free."""


class ConstantReply:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> ConstantReplySession:
        """Start to wait."""
        return ConstantReplySession(context, stored_reply(STORED))


entry = ControlEntry(CARD, ConstantReply)
