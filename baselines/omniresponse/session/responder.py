"""OmniResponse as a ``Responder``: weights loaded once, a session per dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import torch
from torch import Tensor

from baselines.omniresponse.network.checkpoint import Checkpoint
from baselines.omniresponse.session.streaming import StreamingGroup, StreamingSession
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext


class OmniResponder:
    """Opens streaming sessions of one checkpoint, whose network is moved to ``device``."""

    def __init__(self, card: ModelCard, checkpoint: Checkpoint, device: str = "cpu") -> None:
        self.card = replace(card, parameters=checkpoint.parameters, trained_on=(checkpoint.provenance.trained_on,))
        self.checkpoint = checkpoint
        checkpoint.model.to(device)

    def open(self, context: DialogueContext) -> StreamingSession:
        """Start a dialogue in the voice of the reference, or in the mean voice of the training split.

        Raises:
            InputError: a frame rate or audio rate that the codec cannot serve.
        """
        return self.open_batch([context])[0]

    def open_batch(self, contexts: Sequence[DialogueContext]) -> StreamingGroup:
        """Start dialogues that are stepped together; frame rates and lengths may differ.

        Raises:
            InputError: a frame rate or audio rate that the codec cannot serve.
        """
        part = self.checkpoint
        return StreamingGroup(part.model, part.tokenizer, part.codec, contexts, [self._voice(c) for c in contexts])

    def conditions(self, fps: Fraction) -> dict[str, str]:
        """What figures of speed have to be read with."""
        settings = self.checkpoint.model.settings
        window = settings.window
        return {
            "configuration": settings.name,
            "window": f"{window.frames} frames ({float(window.frames / fps):.1f} s), hop {window.hop}",
            "precision": settings.runtime.precision,
            "weights": f"trained on {self.checkpoint.provenance.trained_on}",
        }

    def _voice(self, context: DialogueContext) -> Tensor:
        model, codec = self.checkpoint.model, self.checkpoint.codec
        if context.voice_reference is not None and context.sample_rate == codec.sample_rate:
            return codec.voiceprint(torch.from_numpy(context.voice_reference))
        return model.voice.voice_mean.cpu()
