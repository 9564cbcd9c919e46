"""TempoVoice: audio tokens in step with the listener's text tokens (paper section 3.1, appendix B.4, equations 4 and 6).

The memory is the voiceprint, then one entry per frame: the hidden state at the listener's text position plus the embedding
of the token chosen from it, plus sinusoidal positions. Queries are zero-initialised placeholders with the same kind of
positions; the embedding of the token before is added, which makes the decoding autoregressive. All times count audio tokens
from the segment's start.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.articulation import MAX_AGE_SECONDS
from baselines.omniresponse.attention import DecoderLayer, LayerCache, sinusoids
from baselines.omniresponse.config import VoiceSettings


class TempoVoice(nn.Module):
    """A transformer decoder over placeholder queries."""

    def __init__(self, settings: VoiceSettings, hidden: int, codes: int, voiceprint: int, dropout: float) -> None:
        super().__init__()
        width = settings.width
        self.width, self.memory_band, self.token_band = width, settings.memory_band, settings.token_band
        self.voice = nn.Linear(voiceprint, width)
        self.from_hidden = nn.Linear(hidden, width)
        self.placeholder = nn.Parameter(torch.zeros(width))
        self.age = nn.Linear(width, width, bias=False)
        self.codes = nn.Embedding(codes, width)
        nn.init.normal_(self.codes.weight, std=width**-0.5)
        self.layers = nn.ModuleList(
            DecoderLayer(width, settings.heads, settings.mlp, settings.token_band, settings.memory_band, dropout)
            for _ in range(settings.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(codes))

    def new_cache(self, voiceprint: Tensor) -> list[LayerCache]:
        """A past that holds the voiceprint ``(d,)`` alone."""
        cache = [LayerCache() for _ in self.layers]
        entry = self.voice(voiceprint)[None]
        for layer, past in zip(self.layers, cache, strict=True):
            cast(DecoderLayer, layer).remember(entry, torch.zeros(1, dtype=torch.long, device=entry.device), past)
        return cache

    def remember(
        self, hidden: Tensor, speech: Tensor, times: Tensor, first: int, cache: list[LayerCache]
    ) -> None:
        """Append the memory of frames.

        Args:
            hidden: ``(n, hidden)`` at the listener's text positions of frames ``first ...`` of the segment.
            speech: ``(n, width)`` embedding of the tokens chosen there.
            times: ``(n,)`` when the frames that those tokens stand for begin, in audio tokens.
            first: index of the first frame within the segment.
            cache: the past; grows by ``n`` memory entries.
        """
        memory = self.from_hidden(hidden) + speech + sinusoids(times, self.width)
        order = torch.arange(first, first + len(memory), device=memory.device)
        for layer, past in zip(self.layers, cache, strict=True):
            cast(DecoderLayer, layer).remember(memory, order, past)

    def forward(
        self, previous: Tensor, order: Tensor, times: Tensor, ages: Tensor, frames: Tensor, cache: list[LayerCache]
    ) -> Tensor:
        """Logits ``(m, codes)`` of audio tokens.

        Args:
            previous: ``(m,)`` the token before each.
            order: ``(m,)`` running index of each token.
            times: ``(m,)`` its time in audio tokens from the segment's start.
            ages: ``(m,)`` seconds since the current word or pause began.
            frames: ``(m,)`` its frame within the segment: the newest memory entry that it sees.
            cache: the past; grows by ``m``.
        """
        age = sinusoids(ages.clamp(max=MAX_AGE_SECONDS) * 50.0, self.width)
        x = self.placeholder + sinusoids(times, self.width) + self.age(age) + self.codes(previous) * self.width**0.5
        for layer, past in zip(self.layers, cache, strict=True):
            x = layer(x, order, past, memory_order=frames)
        return cast(Tensor, self.norm(x) @ self.codes.weight.T + self.bias)

    def trim(self, cache: list[LayerCache]) -> None:
        """Drop what the bands no longer reach; the voiceprint stays."""
        for past in cache:
            past.own.trim(self.token_band - 1)
            past.memory.trim(self.memory_band - 1, pinned=1)
