"""The embedding of what is being said at a frame: chosen token, word, letters, and time since the word began.

TempoVoice and the vision decoder both read it, so that voice and lips follow the same word. The letters are found by an
attention from the word's age: early frames look at its first letters, late ones at its last. TempoVoice also attends to
the word's letters themselves, for it knows which of them it has already spoken. So a word seen once in training can be
pronounced from its spelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.network.attention import sinusoids
from baselines.omniresponse.network.segment import Speech
from baselines.omniresponse.text.tokens import SYMBOLS
from baselines.omniresponse.text.wordform import LETTER_SLOTS

MAX_AGE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Spelling:
    """Letters in their context: ``letters`` ``(n, 16, letter)``, and which of the slots hold one ``(n, 16)``."""

    letters: Tensor
    here: Tensor
    centres: Tensor
    lengths: Tensor

    def distances(self, positions: Tensor) -> Tensor:
        """``(n, 16)`` from each letter's middle to ``positions`` ``(n,)``, in half lengths of the letter."""
        return letter_distances(positions, self.centres, self.lengths)


def letter_distances(positions: Tensor, centres: Tensor, lengths: Tensor) -> Tensor:
    """``(n, 16)`` from letters' middles ``(n, 16)`` to ``positions`` ``(n,)``, in half lengths of the letters."""
    return (positions[:, None] - centres) / (0.5 * lengths).clamp(min=0.02)


class Articulation(nn.Module):
    """Embeds word forms; ``hidden`` is the LLM's width, ``width`` the result's."""

    seconds: Tensor

    def __init__(self, hidden: int, letter: int, width: int) -> None:
        super().__init__()
        self.letter_width = letter
        self.register_buffer("seconds", torch.full((SYMBOLS,), 0.08))
        self.focus = nn.Parameter(torch.zeros(()))
        self.letters = nn.Embedding(SYMBOLS, letter)
        self.slots = nn.Embedding(LETTER_SLOTS, letter)
        self.context = nn.Conv1d(letter, letter, kernel_size=5, padding=2)
        self.key = nn.Linear(letter, letter)
        self.query = nn.Sequential(nn.Linear(2 * letter, letter), nn.GELU(), nn.Linear(letter, letter))
        self.spelled = nn.Linear(letter, width)
        self.token = nn.Linear(hidden, width)
        self.head = nn.Linear(hidden, width, bias=False)
        self.age = nn.Linear(letter, width, bias=False)

    def spell(self, letters: Tensor) -> Spelling:
        """The words' letters in context, from ``(n, 16)`` symbols, 0 past a word's end."""
        here = letters > 0
        spelled = torch.where(here[..., None], self.letters(letters) + self.slots.weight, 0.0)
        spelled = spelled + nn.functional.gelu(self.context(spelled.transpose(1, 2)).transpose(1, 2))
        lengths = self.seconds[letters] * here
        return Spelling(spelled, here, lengths.cumsum(-1) - 0.5 * lengths, lengths)

    def forward(self, token: Tensor, head: Tensor, spelling: Spelling, speech: Speech) -> Tensor:
        """Embeddings ``(n, width)``.

        Args:
            token: ``(n, hidden)`` LLM embedding of the frame's token.
            head: ``(n, hidden)`` LLM embedding of the current word's first sub-token, or of ``[PAUSE]``.
            spelling: of the current word.
            seconds: ``(n,)`` since the word or pause began.
        """
        age = sinusoids(speech.ages.clamp(max=MAX_AGE_SECONDS) * 50.0, self.letter_width)
        here, spelled = spelling.here, spelling.letters
        length = sinusoids(here.sum(1).float(), self.letter_width)
        query = self.query(torch.cat([age, length], dim=-1))
        scores = (self.key(spelled) @ query[..., None]).squeeze(-1) / self.letter_width**0.5
        scores = scores - nn.functional.softplus(self.focus) * spelling.distances(speech.positions).square().clamp(
            max=50.0
        )
        # A pause has no letters: all its weights stay 0 instead of becoming 0 / 0.
        weights = scores.masked_fill(~here, -1e4).softmax(dim=-1) * here
        mixed = (weights[:, None] @ spelled).squeeze(1)
        total = self.spelled(mixed) + self.token(token) + self.head(head) + self.age(age)
        return cast(Tensor, total)
