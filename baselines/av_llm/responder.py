"""The audio-visual LLM as a ``Responder``: each step appends positions to the sequence and recomputes none."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from baselines.av_llm.config import RUN_TIME, Settings
from baselines.av_llm.network import AudioVisualLlm
from baselines.shared.checkpoints import Provenance, described, fill, load_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.faces import playable
from baselines.shared.own_words import OwnWords, require_recogniser
from baselines.shared.speech_features import SpeechFeatures
from baselines.shared.voice import SpeakingVoice, chosen_codec, require_codec
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class AvLlmResponder:
    """Opens sessions of one network."""

    def __init__(
        self, card: ModelCard, network: AudioVisualLlm, codec: TrainedCodec, settings: Settings, origin: Provenance
    ) -> None:
        count = sum(p.numel() for part in (network, codec.codec.network) for p in part.parameters())
        outputs = card.outputs if settings.text.recognise else ("face", "audio")
        self.card = replace(described(card, count, origin), outputs=outputs)
        self.network, self.codec, self.settings = network.eval().requires_grad_(False), codec, settings

    def open(self, context: DialogueContext) -> AvLlmSession:
        """Start a dialogue in the voice of the reference. Raises InputError for a rate that the codec cannot serve."""
        return AvLlmSession(self.network, self.codec, self.settings, context)


class AvLlmSession:
    """The listener's side of one dialogue. Memory is bounded by ``window.frames``."""

    def __init__(
        self, network: AudioVisualLlm, codec: TrainedCodec, settings: Settings, context: DialogueContext
    ) -> None:
        self._network, self._window = network, settings.window
        self._features = SpeechFeatures(context.sample_rate)
        self._voice = SpeakingVoice(codec, context, settings.sampling)
        self._text = OwnWords(context.fps) if settings.text.recognise else None
        face = context.initial_face
        first = network.scale.mean if face is None else torch.from_numpy(np.asarray(face, np.float32))
        self._first = self._own = network.scale.standardise(first)[None]
        longest = 2 + math.ceil(codec.codec.token_rate / context.fps)
        self._cache = network.new_cache(settings.window.frames * longest)
        self._lengths: deque[int] = deque()
        self._place = 0
        self._pending: list[int] = []

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Face and sound of the next frame, and the words of what was said before."""
        with torch.inference_mode():
            return self._step(frame)

    def _step(self, frame: SpeakerFrame) -> ListenerFrame:
        network, then = self._network, frame.index + 1
        self._make_room()
        speech = torch.from_numpy(self._features.push(frame.audio))[None]
        other = network.scale.standardise(torch.from_numpy(np.asarray(frame.face, np.float32))[None])
        seen = network.seen(self._own, other, self._first)
        begin = self._place
        state = self._append(torch.cat([self._embedded(self._pending), seen, network.heard(speech)]))
        face = playable(network.scale.restore(network.next_face(state, self._own))[0].numpy())
        codes: list[int] = []
        for _ in self._voice.tokens_of(then):
            if codes:
                state = self._append(self._embedded(codes[-1:]))
            codes.append(self._voice.draw(network.logits(state)[0].numpy()))
        self._pending = codes[-1:]
        self._lengths.append(self._place - begin)
        self._own = network.scale.standardise(torch.from_numpy(face))[None]
        audio = self._voice.speak(codes, then)
        said = () if self._text is None else self._text.push(then, audio)
        return ListenerFrame(face=face, audio=audio, words=said)

    def _append(self, embeddings: torch.Tensor) -> torch.Tensor:
        """The state ``(1, hidden)`` at the last of the new positions."""
        states = self._network.append(embeddings, self._place, self._cache)
        self._place += len(embeddings)
        return states[-1:]

    def _embedded(self, codes: list[int]) -> torch.Tensor:
        return self._network.embed(torch.tensor(codes, dtype=torch.long))

    def _make_room(self) -> None:
        if len(self._lengths) == self._window.frames:
            self._cache.forget(sum(self._lengths.popleft() for _ in range(self._window.hop)))

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""


def load_responder(card: ModelCard, path: Path, changes: Mapping[str, object]) -> AvLlmResponder:
    """The responder of a checkpoint; errors as those of the entry's ``build``."""
    stored = load_checkpoint(path, card.name, Settings(), changes, RUN_TIME)
    settings = stored.settings
    if settings.text.recognise:
        require_recogniser(card.name)
    codec = chosen_codec(settings.voice)
    require_codec(codec, stored.notes.get("codec", ""), path, card.name)
    network = AudioVisualLlm(settings.llm, codec.codec.vocabulary)
    fill(network, stored.tensors, path, card.name)
    return AvLlmResponder(card, network, codec, settings, stored.provenance)
