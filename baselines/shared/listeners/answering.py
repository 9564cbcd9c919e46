"""What the small listeners share when they answer: building, loading, and the half of a session that all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.shared.checkpoints import Provenance, described, fill, load_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.listeners.own_words import OwnWords, require_recogniser
from baselines.shared.listeners.scales import ListenerNetwork
from baselines.shared.listeners.settings import ListenerSettings, VoicedSettings
from baselines.shared.listeners.voice import SpeakingVoice, chosen_codec, require_codec
from baselines.shared.original_checkpoints import is_original
from baselines.shared.speech_features import SpeechFeatures
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, Face, ListenerFrame, SpeakerFrame

S = TypeVar("S", bound=ListenerSettings)
V = TypeVar("V", bound=VoicedSettings)
N = TypeVar("N", bound=ListenerNetwork)


@dataclass(frozen=True)
class Listener(Generic[S, N]):
    """A network that can answer; ``codec`` gives the voice of one that has voiced settings."""

    network: N
    settings: S
    codec: TrainedCodec | None = None


@dataclass(frozen=True)
class Design(Generic[S, N]):
    """A kind of small listener.

    Attributes:
        settings: the defaults.
        build: a fresh network of settings and the number of audio tokens (0 without a voice).
        session: opens a dialogue; raises InputError for one that the model cannot serve.
        original: reads a checkpoint of the original code with changed settings, for models that have one.
        described: the card of a network that differs from the shipped one in more than its weights.
    """

    settings: S
    build: Callable[[S, int], N]
    session: Callable[[Listener[S, N], DialogueContext], ListenerSession[S, N]]
    original: Callable[[Path, Mapping[str, object]], tuple[N, S, Provenance]] | None = None
    described: Callable[[ModelCard, N], ModelCard] = lambda card, _network: card


class ListenerResponder(Generic[S, N]):
    """Opens sessions of one listener."""

    def __init__(self, card: ModelCard, design: Design[S, N], listener: Listener[S, N], origin: Provenance) -> None:
        parts: list[nn.Module] = [listener.network]
        if listener.codec is not None:
            parts.append(listener.codec.codec.network)
        count = sum(p.numel() for part in parts for p in part.parameters())
        card = design.described(described(card, count, origin), listener.network)
        if isinstance(listener.settings, VoicedSettings) and not listener.settings.text.recognise:
            card = replace(card, outputs=tuple(part for part in card.outputs if part != "words"))
        self.card, self.network, self._design, self._listener = card, listener.network, design, listener
        listener.network.eval().requires_grad_(False)

    def open(self, context: DialogueContext) -> ListenerSession[S, N]:
        """Start a dialogue. Raises InputError for a rate that the model or its codec cannot serve."""
        return self._design.session(self._listener, context)


class ListenerSession(Generic[S, N]):
    """The listener's side of one dialogue; a model adds ``answer``."""

    def __init__(self, listener: Listener[S, N], context: DialogueContext) -> None:
        self.network, self.settings = listener.network, listener.settings
        self._features = SpeechFeatures(context.sample_rate)
        face = context.initial_face
        self.first = listener.network.scale.mean if face is None else torch.from_numpy(np.asarray(face, np.float32))
        """``(64,)``: the listener's first face, or the mean face of the training split."""

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """What is heard and said at the next frame."""
        with torch.inference_mode():
            return self.answer(frame)

    def answer(self, frame: SpeakerFrame) -> ListenerFrame:
        """The model's own part of ``step``."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""

    def speech(self, frame: SpeakerFrame) -> Tensor:
        """The speaker's features ``(45,)``; every frame once, in order."""
        return torch.from_numpy(self._features.push(frame.audio))

    def face(self, frame: SpeakerFrame) -> Tensor:
        """The speaker's face ``(64,)``."""
        return torch.from_numpy(np.asarray(frame.face, np.float32))


class VoicedSession(ListenerSession[V, N]):
    """One that speaks in audio tokens, and whose words are recognised from its own sound."""

    def __init__(self, listener: Listener[V, N], context: DialogueContext) -> None:
        super().__init__(listener, context)
        if listener.codec is None:
            raise ValueError("a listener that speaks, without a codec")
        self.codec = listener.codec.codec
        self.voice = SpeakingVoice(listener.codec, context, self.settings.sampling)
        self._words = OwnWords(context.fps) if self.settings.text.recognise else None

    def say(self, frame: int, face: Face, codes: Sequence[int]) -> ListenerFrame:
        """The answer for ``frame`` with a face ``(64,)`` and audio tokens, and the words of what was said before."""
        audio = self.voice.speak(codes, frame)
        words = () if self._words is None else self._words.push(frame, audio)
        return ListenerFrame(face=face, audio=audio, words=words)


def load_listener(
    card: ModelCard, design: Design[S, N], path: Path, changes: Mapping[str, object]
) -> ListenerResponder[S, N]:
    """The model of a checkpoint, ours or the original code's; errors as those of the entry's ``build``."""
    if design.original is not None and is_original(path):
        network, settings, origin = design.original(path, changes)
        return ListenerResponder(card, design, Listener(network, settings), origin)
    stored = load_checkpoint(path, card.name, design.settings, changes, design.settings.run_time)
    codec = None
    if isinstance(stored.settings, VoicedSettings):
        if stored.settings.text.recognise:
            require_recogniser(card.name)
        codec = chosen_codec(stored.settings.voice)
        require_codec(codec, stored.notes.get("codec", ""), path, card.name)
    network = design.build(stored.settings, 0 if codec is None else codec.codec.vocabulary)
    fill(network, stored.tensors, path, card.name)
    return ListenerResponder(card, design, Listener(network, stored.settings, codec), stored.provenance)
