"""ViCo's listener as a ``Responder``: one step of the recurrent network per frame."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from baselines.shared.checkpoints import Provenance, described, fill, load_checkpoint
from baselines.shared.faces import playable
from baselines.shared.original_checkpoints import is_original
from baselines.shared.speech_features import SpeechFeatures
from baselines.vico.config import Settings
from baselines.vico.network import Vico
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class VicoResponder:
    """Opens sessions of one network."""

    def __init__(self, card: ModelCard, network: Vico, origin: Provenance) -> None:
        count = sum(p.numel() for p in network.parameters())
        self.card = described(card, count, origin)
        self.network = network.eval().requires_grad_(False)

    def open(self, context: DialogueContext) -> VicoSession:
        """Start a dialogue from the listener's first face, or from the mean face of the training split."""
        return VicoSession(self.network, context)


class VicoSession:
    """The listener's side of one dialogue; a step is constant work, however long the dialogue is."""

    def __init__(self, network: Vico, context: DialogueContext) -> None:
        self._network = network
        self._features = SpeechFeatures(context.sample_rate)
        face = context.initial_face
        first = network.scale.mean if face is None else torch.from_numpy(np.asarray(face, np.float32))
        with torch.inference_mode():
            self._state = network.begin(first[None])

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The face of the next frame."""
        speech = torch.from_numpy(self._features.push(frame.audio))
        face = torch.from_numpy(np.asarray(frame.face, np.float32))
        with torch.inference_mode():
            scores, self._state = self._network(speech[None, None], face[None, None], self._state)
            answer = self._network.scale.restore(scores[0, 0]).numpy()
        return ListenerFrame(face=playable(answer))

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""


def load_responder(card: ModelCard, path: Path, changes: Mapping[str, object]) -> VicoResponder:
    """The responder of a checkpoint, ours or the original code's; errors as those of the entry's ``build``."""
    if is_original(path):
        from baselines.vico.original import load_original

        return VicoResponder(card, *load_original(path, changes))
    stored = load_checkpoint(path, card.name, Settings(), changes, ())
    network = Vico(stored.settings.network)
    fill(network, stored.tensors, path, card.name)
    return VicoResponder(card, network, stored.provenance)
