"""TempoVoice: audio tokens in step with the listener's text tokens (paper section 3.1, appendix B.4, equations 4 and
6).

The memory is the voiceprint, then one entry per frame: the hidden state at the listener's text position plus the
embedding of the token chosen from it, plus sinusoidal positions; besides, each query reads the letters of its word.
Queries are zero-initialised placeholders with the
same kind of positions; the embedding of the token before is added, which makes the decoding autoregressive. All times
count audio tokens from the segment's start.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.config import VoiceSettings
from baselines.omniresponse.network.articulation import MAX_AGE_SECONDS, Spelling, letter_distances
from baselines.omniresponse.network.attention import DecoderLayer, LayerCache, sinusoids
from baselines.omniresponse.network.segment import Codes

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


@dataclass(slots=True)
class VoiceState:
    """A running segment: the embeddings ``(codes, width)`` of the audio tokens, computed once, and each layer's
    past.
    """

    table: Tensor
    layers: list[LayerCache]


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters as a voice attends to them, the last slot being no letter: ``keys`` and ``values`` ``(n, 17, heads, d)``,
    ``here`` ``(n, 17)``, ``centres`` and ``lengths`` ``(n, 16)``.
    """

    keys: Tensor
    values: Tensor
    here: Tensor
    centres: Tensor
    lengths: Tensor

    def of(self, rows: Tensor) -> Letters:
        """The words of ``rows`` ``(m,)``."""
        return Letters(*(getattr(self, field.name).index_select(0, rows) for field in fields(self)))


class SpellingAttention(nn.Module):
    """Attention from an audio token to the letters of the word being said, and to nothing, where there are none."""

    def __init__(self, width: int, heads: int, letter: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(letter, 2 * width)
        self.nothing = nn.Parameter(torch.zeros(letter))
        self.output = nn.Linear(width, width)
        self.focus = nn.Parameter(torch.zeros(heads))
        self.phase = nn.Linear(heads, width)

    def read(self, spelling: Spelling) -> Letters:
        """Keys and values of the words' letters, a word a row."""
        rows, slots = spelling.here.shape
        nothing = self.nothing.expand(rows, 1, -1)
        projected = self.key_value(torch.cat([spelling.letters, nothing], dim=1))
        keys, values = projected.view(rows, slots + 1, 2, self.heads, -1).unbind(2)
        here = torch.cat([spelling.here, torch.ones_like(spelling.here[:, :1])], dim=1)
        return Letters(keys, values, here, spelling.centres, spelling.lengths)

    def forward(self, x: Tensor, letters: Letters, positions: Tensor) -> Tensor:
        """``(m, width)`` to add to ``x`` ``(m, width)``; ``letters`` holds the word of each."""
        query = self.query(self.norm(x)).view(len(x), self.heads, -1)
        scores = torch.einsum("mhd,mkhd->mhk", query, letters.keys) / query.shape[-1] ** 0.5
        away = letter_distances(positions, letters.centres, letters.lengths).clamp(-7.0, 7.0)
        away = torch.cat([away, torch.zeros_like(away[:, :1])], dim=1)[:, None]
        scores = scores - nn.functional.softplus(self.focus)[:, None] * away.square()
        weights = scores.masked_fill(~letters.here[:, None], float("-inf")).softmax(dim=-1)
        mixed = torch.einsum("mhk,mkhd->mhd", weights, letters.values).reshape(x.shape)
        return cast(Tensor, self.output(mixed) + self.phase((weights * away).sum(-1)))


class TempoVoice(nn.Module):
    """A transformer decoder over placeholder queries.

    Args:
        settings: sizes and bands.
        hidden: width of the LLM.
        levels: ``(codes, d)`` the numbers that the codec's tokens stand for (``token_levels``); tokens that share one
            share a part of their embedding.
        voiceprint: width of the codec's voiceprint.
        dropout: while training.
    """

    levels: Tensor
    features: Tensor
    voice_mean: Tensor
    voice_deviation: Tensor

    def __init__(self, settings: VoiceSettings, hidden: int, levels: Tensor, voiceprint: int, dropout: float) -> None:
        super().__init__()
        width = settings.width
        self.width, self.memory_band, self.token_band = width, settings.memory_band, settings.token_band
        features = _one_hot(levels)
        codes, parts = features.shape
        self.register_buffer("levels", levels, persistent=False)
        self.register_buffer("features", features, persistent=False)
        self.register_buffer("voice_mean", torch.zeros(voiceprint))
        self.register_buffer("voice_deviation", torch.ones(voiceprint))
        self.voice = nn.Linear(voiceprint, width)
        self.from_hidden = nn.Linear(hidden, width)
        # The voice can read before the LLM has anything to tell it (reading.py).
        nn.init.zeros_(self.from_hidden.weight)
        self.placeholder = nn.Parameter(torch.zeros(width))
        self.age = nn.Linear(width, width, bias=False)
        self.codes = nn.Parameter(torch.randn(codes, width) * 0.5 * width**-0.5)
        self.parts = nn.Parameter(torch.randn(parts, width) * 0.5 * width**-0.5)
        self.layers = nn.ModuleList(
            DecoderLayer(width, settings.heads, settings.mlp, settings.token_band, settings.memory_band, dropout)
            for _ in range(settings.layers)
        )
        self.spelling = SpellingAttention(width, settings.heads, settings.spelling)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(codes))

    def fit_voices(self, voiceprints: Tensor) -> None:
        """Take mean and deviation from ``(n, d)`` voiceprints of the training split."""
        self.voice_mean.copy_(voiceprints.mean(dim=0))
        self.voice_deviation.copy_(voiceprints.std(dim=0, correction=0).clamp(min=1e-3))

    def embeddings(self) -> Tensor:
        """``(codes, width)`` of the audio tokens: each its own, plus those of its parts. They also read the logits
        (tied).
        """
        return self.codes + self.features @ self.parts

    def new_state(self, voiceprint: Tensor) -> VoiceState:
        """A past that holds the voiceprint ``(d,)`` alone."""
        state = VoiceState(self.embeddings(), [LayerCache() for _ in self.layers])
        entry = self.voice((voiceprint - self.voice_mean) / self.voice_deviation)[None]
        for layer, past in zip(self.layers, state.layers, strict=True):
            cast(DecoderLayer, layer).remember(entry, torch.zeros(1, dtype=torch.long, device=entry.device), past)
        return state

    def remember(self, hidden: Tensor, speech: Tensor, times: Tensor, first: int, state: VoiceState) -> None:
        """Append the memory of frames.

        Args:
            hidden: ``(n, hidden)`` at the listener's text positions of frames ``first ...`` of the segment.
            speech: ``(n, width)`` embedding of the tokens chosen there.
            times: ``(n,)`` when the frames that those tokens stand for begin, in audio tokens.
            first: index of the first frame within the segment.
            state: the past; grows by ``n`` memory entries.
        """
        memory = self.memory(hidden, speech, times)
        order = torch.arange(first, first + len(memory), device=memory.device)
        for layer, past in zip(self.layers, state.layers, strict=True):
            cast(DecoderLayer, layer).remember(memory, order, past)

    def forward(
        self,
        codes: Codes,
        spelling: Spelling,
        first: int,
        state: VoiceState,
    ) -> Tensor:
        """Logits ``(m, codes)`` of audio tokens.

        Args:
            previous: ``(m,)`` the token before each.
            order: ``(m,)`` running index of each token.
            times: ``(m,)`` its time in audio tokens from the segment's start.
            ages: ``(m,)`` seconds since the current word or pause began.
            frames: ``(m,)`` its frame within the segment: the newest memory entry that it sees.
            spelling: of the words of frames ``first ...``.
            first: index of its first frame within the segment.
            state: the past; grows by ``m``.
        """
        letters = self.spelling.read(spelling).of(codes.frames - first)
        x = self.enter(codes.previous, codes.times, codes.ages, codes.positions, letters, state.table)
        for layer, past in zip(self.layers, state.layers, strict=True):
            x = layer(x, codes.order, past, memory_order=codes.frames)
        return self.leave(x, state.table)

    def enter(
        self, previous: Tensor, times: Tensor, ages: Tensor, positions: Tensor, letters: Letters, table: Tensor
    ) -> Tensor:
        """``(m, width)`` for the first layer, of the fields of ``Codes``; ``letters`` holds the word of each, ``table``
        the ``embeddings``.
        """
        age = sinusoids(ages.clamp(max=MAX_AGE_SECONDS) * 50.0, self.width)
        x = self.placeholder + sinusoids(times, self.width) + self.age(age) + table[previous] * self.width**0.5
        # A token knows what was spoken before it, and so which letter comes next.
        return cast(Tensor, x + self.spelling(x, letters, positions))

    def leave(self, x: Tensor, table: Tensor) -> Tensor:
        """Logits ``(m, codes)`` from the last layer's ``(m, width)``."""
        return cast(Tensor, self.norm(x) @ table.T + self.bias)

    def memory(self, hidden: Tensor, speech: Tensor, times: Tensor) -> Tensor:
        """Memory entries ``(n, width)``, of what ``remember`` takes."""
        return cast(Tensor, self.from_hidden(hidden) + speech + sinusoids(times, self.width))


def token_levels(codec: Codec) -> Tensor:
    """``(vocabulary, d)`` numbers that a scalar quantiser's tokens stand for, neighbours of which sound alike; nothing
    (d = 0) for other codecs.
    """
    quantiser = getattr(getattr(codec, "network", None), "quantiser", None)
    if quantiser is None or not hasattr(quantiser, "codes"):
        return torch.zeros(codec.vocabulary, 0)
    return cast(Tensor, quantiser.codes(torch.arange(codec.vocabulary)))


def _one_hot(levels: Tensor) -> Tensor:
    """``(codes, f)``: which of its values each of the ``(codes, d)`` numbers takes."""
    columns = [torch.unique(column, return_inverse=True)[1] for column in levels.T]
    return torch.cat([levels[:, :0], *(nn.functional.one_hot(column).float() for column in columns)], dim=1)
