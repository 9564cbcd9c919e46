"""The audio-visual LLM in a dialogue: each step appends positions to the sequence and recomputes none."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import torch

from baselines.av_llm.config import Settings
from baselines.av_llm.network import AudioVisualLlm
from baselines.shared.faces import playable
from baselines.shared.listeners.answering import Design, Listener, VoicedSession
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class AvLlmSession(VoicedSession[Settings, AudioVisualLlm]):
    """The listener's side of one dialogue. Memory is bounded by ``window.frames``."""

    def __init__(self, listener: Listener[Settings, AudioVisualLlm], context: DialogueContext) -> None:
        super().__init__(listener, context)
        self._first = self._own = self.network.scale.standardise(self.first)[None]
        longest = 2 + math.ceil(self.codec.token_rate / context.fps)
        self._cache = self.network.new_cache(self.settings.window.frames * longest)
        self._lengths: deque[int] = deque()
        self._place = 0
        self._pending: list[int] = []

    def answer(self, frame: SpeakerFrame) -> ListenerFrame:
        """Face and sound of the next frame, and the words of what was said before."""
        network, then = self.network, frame.index + 1
        self._make_room()
        seen = network.seen(self._own, network.scale.standardise(self.face(frame)[None]), self._first)
        begin = self._place
        heard = network.heard(self.speech(frame)[None])
        state = self._append(torch.cat([self._embedded(self._pending), seen, heard]))
        face = playable(network.scale.restore(network.next_face(state, self._own))[0].numpy())
        codes: list[int] = []
        for _ in self.voice.tokens_of(then):
            if codes:
                state = self._append(self._embedded(codes[-1:]))
            codes.append(self.voice.draw(network.logits(state)[0].numpy()))
        self._pending = codes[-1:]
        self._lengths.append(self._place - begin)
        self._own = network.scale.standardise(torch.from_numpy(face))[None]
        return self.say(then, face, codes)

    def _append(self, embeddings: torch.Tensor) -> torch.Tensor:
        """The state ``(1, hidden)`` at the last of the new positions."""
        states = self.network.append(embeddings, self._place, self._cache)
        self._place += len(embeddings)
        return states[-1:]

    def _embedded(self, codes: list[int]) -> torch.Tensor:
        return self.network.embed(torch.tensor(codes, dtype=torch.long))

    def _make_room(self) -> None:
        window = self.settings.window
        if len(self._lengths) == window.frames:
            self._cache.forget(sum(self._lengths.popleft() for _ in range(window.hop)))


DESIGN: Final = Design(
    settings=Settings(),
    build=lambda settings, codes: AudioVisualLlm(settings.llm, codes),
    session=AvLlmSession,
)
