"""The codec's network: a convolutional encoder that sees both ways, finite scalar quantisation, a recurrent decoder.

Quantisation is FSQ (F. Mentzer et al., 2023): each of a few numbers is rounded to one of a few levels, so that every
index can be used and neighbours sound alike. Index 0 is kept for silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import torch
from torch import Tensor, nn

from baselines.shared.codec.features import FRAME_WIDTH, FRAMES_PER_TOKEN, VOICEPRINT_WIDTH

SILENCE: Final = 0
_TOKEN_WIDTH: Final = FRAME_WIDTH * FRAMES_PER_TOKEN


class ScalarQuantiser(nn.Module):
    """Rounds (..., D) numbers to ``levels``; gradients pass straight through."""

    levels: Tensor

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("levels", torch.tensor(list(levels), dtype=torch.int64))

    @property
    def vocabulary(self) -> int:
        """Number of indices, silence included."""
        return 1 + prod(int(level) for level in self.levels)

    def forward(self, values: Tensor) -> Tensor:
        """Codes in [-1, 1] for unbounded (..., D) values."""
        span = (self.levels - 1).to(values.dtype)
        scaled = torch.sigmoid(values) * span
        return (scaled + (scaled.round() - scaled).detach()) * 2 / span - 1

    def index(self, codes: Tensor) -> Tensor:
        """(...) int64 indices from 1 of (..., D) codes."""
        digits = ((codes + 1) * (self.levels - 1) / 2).round().long()
        place = torch.cumprod(torch.cat([torch.ones_like(self.levels[:1]), self.levels[:-1]]), 0)
        return (digits * place).sum(dim=-1) + 1

    def codes(self, indices: Tensor) -> Tensor:
        """(..., D) codes of (...) indices; silence gives those of index 1."""
        place = torch.cumprod(torch.cat([torch.ones_like(self.levels[:1]), self.levels[:-1]]), 0)
        digits = ((indices - 1).clamp_min(0)[..., None] // place) % self.levels
        return digits.float() * 2 / (self.levels - 1) - 1


class _Block(nn.Module):
    """A residual convolution over time, five tokens wide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Conv1d(width, width, 5, padding=2)

    def forward(self, values: Tensor) -> Tensor:
        mixed = self.mix(nn.functional.gelu(self.norm(values)).transpose(1, 2)).transpose(1, 2)
        return values + mixed


class Encoder(nn.Module):
    """(B, 2 N, FRAME_WIDTH) frames and (B, VOICEPRINT_WIDTH) to unbounded (B, N, D) values; sees 8 tokens each way."""

    def __init__(self, width: int, depth: int, out: int) -> None:
        super().__init__()
        self.enter = nn.Linear(_TOKEN_WIDTH, width)
        self.voice = nn.Linear(VOICEPRINT_WIDTH, width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(depth))
        self.leave = nn.Linear(width, out)

    def forward(self, frames: Tensor, voice: Tensor) -> Tensor:
        values = self.enter(frames.flatten(1).view(len(frames), -1, _TOKEN_WIDTH)) + self.voice(voice)[:, None]
        for block in self.blocks:
            values = block(values)
        return torch.as_tensor(self.leave(nn.functional.gelu(values)))


class Decoder(nn.Module):
    """(B, N, D) codes, (B, N) silence and a voice to (B, 2 N, FRAME_WIDTH); strictly left to right."""

    def __init__(self, codes: int, width: int, layers: int) -> None:
        super().__init__()
        self.enter = nn.Linear(codes + 1, width)
        self.voice = nn.Linear(VOICEPRINT_WIDTH, width)
        self.memory = nn.GRU(width, width, layers, batch_first=True)
        self.mix = nn.Linear(2 * width, width)
        self.leave = nn.Linear(width, _TOKEN_WIDTH)

    def forward(
        self, codes: Tensor, silent: Tensor, voice: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Frames, and the memory (layers, B, width) after the last token."""
        heard = torch.cat([codes * ~silent[..., None], silent[..., None].to(codes.dtype)], dim=-1)
        entered = nn.functional.gelu(self.enter(heard) + self.voice(voice)[:, None])
        remembered, state = self.memory(entered, state)
        mixed = nn.functional.gelu(self.mix(torch.cat([entered, remembered], dim=-1)))
        return self.leave(mixed).view(len(codes), -1, FRAME_WIDTH), state


class CodecNetwork(nn.Module):
    """Encoder, quantiser and decoder, and the statistics that standardise voiceprints."""

    voice_mean: Tensor
    voice_scale: Tensor

    def __init__(
        self, levels: Sequence[int], encoder_width: int, encoder_depth: int, decoder_width: int, decoder_layers: int
    ) -> None:
        super().__init__()
        self.quantiser = ScalarQuantiser(levels)
        self.encoder = Encoder(encoder_width, encoder_depth, len(levels))
        self.decoder = Decoder(len(levels), decoder_width, decoder_layers)
        self.register_buffer("voice_mean", torch.zeros(VOICEPRINT_WIDTH))
        self.register_buffer("voice_scale", torch.ones(VOICEPRINT_WIDTH))

    def standardised(self, voiceprint: Tensor) -> Tensor:
        """(B, VOICEPRINT_WIDTH) as the network wants it."""
        return (voiceprint - self.voice_mean) / self.voice_scale

    def forward(self, frames: Tensor, silent: Tensor, voiceprint: Tensor) -> Tensor:
        """Frames back from their own codes, for training."""
        voice = self.standardised(voiceprint)
        decoded, _ = self.decoder(self.quantiser(self.encoder(frames, voice)), silent, voice)
        return torch.as_tensor(decoded)
