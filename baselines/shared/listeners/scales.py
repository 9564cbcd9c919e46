"""Scales on which networks see what they are given; fitted on the training split, kept in the checkpoint."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from baselines.shared.faces import FaceScale
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH


class SpeechScale(nn.Module):
    """Speech features to standard scores of the training split."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int = SPEECH_WIDTH) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    def fit(self, features: Tensor) -> None:
        """Take mean and deviation from ``(n, width)``; what never changes gets the deviation 1."""
        self.mean.copy_(features.double().mean(0))
        deviation = features.double().std(0)
        self.deviation.copy_(torch.where(deviation > 1e-6, deviation, 1.0))

    def standardise(self, features: Tensor) -> Tensor:
        """``(..., width)`` as standard scores."""
        return (features - self.mean) / self.deviation


class ListenerNetwork(nn.Module):
    """A network with the scales of the faces and the speech features that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.speech_scale = FaceScale(), SpeechScale()
