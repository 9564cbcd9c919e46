"""OmniResponse as a ``Responder``: weights loaded once, a session per dialogue."""

from __future__ import annotations

from dataclasses import replace

import torch

from baselines.omniresponse.checkpoint import Checkpoint
from baselines.omniresponse.streaming import StreamingSession
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext


class OmniResponder:
    """Opens streaming sessions of one checkpoint."""

    def __init__(self, card: ModelCard, checkpoint: Checkpoint) -> None:
        self.card = replace(card, parameters=checkpoint.parameters, trained_on=(checkpoint.provenance.trained_on,))
        self.checkpoint = checkpoint

    def open(self, context: DialogueContext) -> StreamingSession:
        """Start a dialogue in the voice of the reference, or in the mean voice of the training split.

        Raises:
            InputError: a frame rate or audio rate that the codec cannot serve.
        """
        model, codec = self.checkpoint.model, self.checkpoint.codec
        voiceprint = model.voice.voice_mean
        if context.voice_reference is not None and context.sample_rate == codec.sample_rate:
            voiceprint = codec.voiceprint(torch.from_numpy(context.voice_reference))
        return StreamingSession(model, self.checkpoint.tokenizer, codec, context, voiceprint)
