"""ViCo's listener in a dialogue: one step of the recurrent network per frame."""

from __future__ import annotations

from typing import Final

import torch

from baselines.shared.faces import playable
from baselines.shared.listeners.answering import Design, Listener, ListenerSession
from baselines.vico.config import Settings
from baselines.vico.network import Vico
from baselines.vico.original import load_original
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class VicoSession(ListenerSession[Settings, Vico]):
    """The listener's side of one dialogue; a step is constant work, however long the dialogue is."""

    def __init__(self, listener: Listener[Settings, Vico], context: DialogueContext) -> None:
        super().__init__(listener, context)
        with torch.inference_mode():
            self._state = self.network.begin(self.first[None])

    def answer(self, frame: SpeakerFrame) -> ListenerFrame:
        """The face of the next frame."""
        speech, face = self.speech(frame)[None, None], self.face(frame)[None, None]
        scores, self._state = self.network(speech, face, self._state)
        return ListenerFrame(face=playable(self.network.scale.restore(scores[0, 0]).numpy()))


DESIGN: Final = Design(
    settings=Settings(),
    build=lambda settings, _codes: Vico(settings.network),
    session=VicoSession,
    original=load_original,
)
