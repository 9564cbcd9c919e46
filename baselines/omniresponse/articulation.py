"""The embedding of what is being said at a frame: chosen token, word, letters, and time since the word began.

TempoVoice and the vision decoder both read it, so that voice and lips follow the same word. The letters are found by an
attention from the word's age: early frames look at its first letters, late ones at its last. That lets a word seen once
in training be pronounced from its spelling.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.attention import sinusoids
from baselines.omniresponse.tokens import LETTERS
from baselines.omniresponse.wordform import LETTER_SLOTS

MAX_AGE_SECONDS = 3.0


class Articulation(nn.Module):
    """Embeds word forms; ``hidden`` is the LLM's width, ``width`` the result's."""

    def __init__(self, hidden: int, letter: int, width: int) -> None:
        super().__init__()
        self.letter_width = letter
        self.letters = nn.Embedding(len(LETTERS), letter)
        self.slots = nn.Embedding(LETTER_SLOTS, letter)
        self.context = nn.Conv1d(letter, letter, kernel_size=5, padding=2)
        self.key = nn.Linear(letter, letter)
        self.query = nn.Sequential(nn.Linear(2 * letter, letter), nn.GELU(), nn.Linear(letter, letter))
        self.spelled = nn.Linear(letter, width)
        self.token = nn.Linear(hidden, width)
        self.head = nn.Linear(hidden, width, bias=False)
        self.age = nn.Linear(letter, width, bias=False)

    def forward(self, token: Tensor, head: Tensor, letters: Tensor, seconds: Tensor) -> Tensor:
        """Embeddings ``(n, width)``.

        Args:
            token: ``(n, hidden)`` LLM embedding of the frame's token.
            head: ``(n, hidden)`` LLM embedding of the current word's first sub-token, or of ``[PAUSE]``.
            letters: ``(n, 16)`` indices into ``LETTERS`` of the current word, 0 past its end.
            seconds: ``(n,)`` since the word or pause began.
        """
        age = sinusoids(seconds.clamp(max=MAX_AGE_SECONDS) * 50.0, self.letter_width)
        here = letters > 0
        spelled = self.letters(letters) + self.slots.weight
        spelled = torch.where(here[..., None], spelled, 0.0)
        spelled = spelled + nn.functional.gelu(self.context(spelled.transpose(1, 2)).transpose(1, 2))
        length = sinusoids(here.sum(1).float(), self.letter_width)
        query = self.query(torch.cat([age, length], dim=-1))
        scores = (self.key(spelled) @ query[..., None]).squeeze(-1) / self.letter_width**0.5
        # A pause has no letters: all its weights stay 0 instead of becoming 0 / 0.
        weights = scores.masked_fill(~here, -1e4).softmax(dim=-1) * here
        mixed = (weights[:, None] @ spelled).squeeze(1)
        total = self.spelled(mixed) + self.token(token) + self.head(head) + self.age(age)
        return cast(Tensor, total)
