"""Who speaks: a spectrum to global tokens, and global tokens to the voiceprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from baselines.shared.codec.bicodec.ecapa import LATENT, VoiceFrames
from baselines.shared.codec.bicodec.perceiver import Resampler
from baselines.shared.codec.bicodec.sizes import BiCodecSizes

_MARGIN = 1e-3  # the outermost levels are reached a little before the bound's limit


class LevelQuantiser(nn.Module):
    """Finite scalar quantisation (F. Mentzer et al., 2023) of ``width`` numbers projected to a few, and back."""

    levels: Tensor
    place: Tensor

    def __init__(self, width: int, levels: Sequence[int]) -> None:
        super().__init__()
        self.project_in = nn.Linear(width, len(levels))
        self.project_out = nn.Linear(len(levels), width)
        counts = torch.tensor(list(levels))
        self.register_buffer("levels", counts, persistent=False)
        place = torch.cumprod(torch.cat([torch.ones_like(counts[:1]), counts[:-1]]), 0)
        self.register_buffer("place", place, persistent=False)

    def tokens(self, x: Tensor) -> Tensor:
        """``(...)`` int64 of ``(..., width)``."""
        half = (self.levels - 1) * (1 + _MARGIN) / 2
        offset = torch.where(self.levels % 2 == 0, 0.5, 0.0)
        bounded = (self.project_in(x) + (offset / half).atanh()).tanh() * half - offset
        digits = bounded.round().long() + self.levels // 2
        return (digits * self.place).sum(dim=-1)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(..., width)`` of ``(...)``."""
        middle = self.levels // 2
        digits = tokens[..., None] // self.place % self.levels
        return cast(Tensor, self.project_out((digits - middle) / middle))


class SpeakerEncoder(nn.Module):
    """A voice as ``global_tokens`` indices, and as the vector that they stand for."""

    def __init__(self, sizes: BiCodecSizes) -> None:
        super().__init__()
        self.speaker_encoder = VoiceFrames(sizes.mels)
        self.perceiver_sampler = Resampler(LATENT, sizes.speaker_latent, sizes.global_tokens)
        self.quantizer = LevelQuantiser(sizes.speaker_latent, sizes.levels)
        self.project = nn.Linear(sizes.speaker_latent * sizes.global_tokens, sizes.latent)

    def tokens(self, mel: Tensor) -> Tensor:
        """``(B, global_tokens)`` int64 of ``(B, mels, T)``."""
        frames = self.speaker_encoder(mel).transpose(1, 2)
        return self.quantizer.tokens(self.perceiver_sampler(frames))

    def forward(self, tokens: Tensor) -> Tensor:
        """The voiceprint ``(B, latent)`` of ``(B, global_tokens)``."""
        # Laid out with the token running fastest, as the published projection was trained.
        return cast(Tensor, self.project(self.quantizer(tokens).transpose(1, 2).flatten(1)))
