"""UTMOSv2's network (Baba et al., SLT 2024, configuration ``fusion_stage3``): wav2vec 2.0 over 3 s of sound beside four
EfficientNets over mel spectra, each pooled by attention, joined by one linear layer.

Parameters bear the names of sarulab-speech/UTMOSv2 @cc2700d, so that its checkpoints load as they are: they hold every
weight, so neither timm, torchvision, torchaudio nor any other checkpoint is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibench.metrics.sound.efficientnet_v2 import CHANNELS, EfficientNetV2S

DOMAINS: Final = 10
"""Listening tests that the network was trained on; it is told which one to speak as."""

SARULAB: Final = 1
"""The listening test that ``predict`` of the package speaks as."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; the defaults are ``fusion_stage3``."""

    spectra: int = 4
    frames: int = 2
    wave_layers: int = 12


class _WaveEncoder(nn.Module):
    """wav2vec 2.0 base (Baevski et al. 2020), random until a state dict is loaded."""

    def __init__(self, layers: int) -> None:
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        super().__init__()
        self.model = Wav2Vec2Model(Wav2Vec2Config(num_hidden_layers=layers))

    def forward(self, waves: Tensor) -> tuple[Tensor, ...]:
        states: tuple[Tensor, ...] = self.model(waves, output_hidden_states=True).hidden_states
        return states


class _WaveBranch(nn.Module):
    HIDDEN: Final = 768

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.encoder = _WaveEncoder(layers)
        self.weights = nn.Parameter(functional.softmax(torch.randn(13), dim=0))
        self.attn = nn.ModuleList([nn.MultiheadAttention(self.HIDDEN, num_heads=8, batch_first=True)])

    def forward(self, waves: Tensor, domain: Tensor) -> Tensor:
        states = self.encoder(waves)
        # A shrunken encoder has fewer layers than there are weights.
        mixed = sum((s * w for s, w in zip(states, self.weights, strict=False)), torch.zeros_like(states[0]))
        attended, _ = self.attn[0](mixed, mixed, mixed)
        return torch.cat([attended.mean(1), mixed.amax(1), domain], dim=1)


class _SpectrumBranch(nn.Module):
    def __init__(self, spectra: int, frames: int) -> None:
        super().__init__()
        self.frames = frames
        self.backbones = nn.ModuleList([EfficientNetV2S() for _ in range(spectra)])
        self.weights = nn.Parameter(functional.softmax(torch.randn(spectra), dim=0))
        self.attn = nn.MultiheadAttention(2 * CHANNELS, num_heads=8, batch_first=True)

    def forward(self, spectra: Tensor, domain: Tensor) -> Tensor:
        joined = torch.cat([self._frame(part) for part in spectra.chunk(self.frames, dim=1)], dim=3)
        pooled = torch.cat([joined.mean(3), joined.amax(3)], dim=1)
        steps = pooled.transpose(1, 2)
        attended, _ = self.attn(steps, steps, steps)
        return torch.cat([attended.mean(1), pooled.amax(2), domain], dim=1)

    def _frame(self, spectra: Tensor) -> Tensor:
        """The weighted features of one excerpt's spectra ``(n, spectra, h, w)``."""
        weighted = [
            backbone(spectra[:, number, None].expand(-1, 3, -1, -1)) * weight
            for number, (backbone, weight) in enumerate(zip(self.backbones, self.weights, strict=True))
        ]
        return torch.stack(weighted).sum(0)


class UTMOSv2(nn.Module):
    """Waves ``(n, 48000)`` at 16 kHz and spectra ``(n, frames * spectra, h, w)`` to predicted ratings ``(n,)``.

    Waves are `omnibench.metrics.sound.utmosv2_inputs.standardised`.

    The spectra of the first excerpt come first. ``h`` and ``w`` are 512 in the published configuration.
    """

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        self.ssl = _WaveBranch(shape.wave_layers)
        self.spec_long = _SpectrumBranch(shape.spectra, shape.frames)
        self.fc = nn.Linear(2 * _WaveBranch.HIDDEN + 4 * CHANNELS + 3 * DOMAINS, 1)

    def forward(self, waves: Tensor, spectra: Tensor) -> Tensor:
        """Predicted mean opinion scores, 1 to 5."""
        none = waves.new_zeros(len(waves), DOMAINS)
        domain = functional.one_hot(torch.full((len(waves),), SARULAB, device=waves.device), DOMAINS).to(waves)
        features = [self.ssl(waves, none), self.spec_long(spectra, none), domain]
        scores: Tensor = self.fc(torch.cat(features, dim=1))
        return scores.squeeze(1)
