"""The LSTM baseline in a dialogue: one step of the network per frame, sound from the codec."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from baselines.lstm.config import Settings
from baselines.lstm.network import ListenerLstm, State
from baselines.shared.faces import playable
from baselines.shared.listeners.answering import Design, Listener, VoicedSession
from baselines.shared.listeners.voice import token_places
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class LstmSession(VoicedSession[Settings, ListenerLstm]):
    """The listener's side of one dialogue; a step is constant work, but for the recognition of what was said."""

    def __init__(self, listener: Listener[Settings, ListenerLstm], context: DialogueContext) -> None:
        super().__init__(listener, context)
        self._state: State = None

    def answer(self, frame: SpeakerFrame) -> ListenerFrame:
        """Face and sound of the next frame, and the words of what was said before."""
        network, then = self.network, frame.index + 1
        tokens = np.array(self.voice.tokens_of(then), dtype=np.int64)
        place = torch.from_numpy(token_places(self.voice.schedule, tokens, np.full(len(tokens), then)))
        seen, speech, words = self.face(frame)[None, None], self.speech(frame)[None, None], network.read([frame.words])
        hidden, scores, self._state = network(seen, speech, words[None], self.first[None], self._state)
        logits = network.sounds(hidden[0].expand(len(tokens), -1), place).numpy()
        face = playable(network.scale.restore(scores[0, 0]).numpy())
        return self.say(then, face, [self.voice.draw(row) for row in logits])


DESIGN: Final = Design(
    settings=Settings(),
    build=lambda settings, codes: ListenerLstm(settings.network, codes),
    session=LstmSession,
)
