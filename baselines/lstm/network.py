"""The LSTM baseline's network: one vector a frame in, the next frame's face and audio tokens out.

Source: OmniResponse (NeurIPS 2025), appendix: "takes visual-audio-text modalities of speaker as inputs, and outputs
listener's visual and audio modalities". Its own earlier output is no input.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from baselines.lstm.config import NetworkSettings
from baselines.shared.listeners.scales import ListenerNetwork
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH
from omnibench.media.face import FACE_DIM
from omnibench.types import Word

State = tuple[Tensor, Tensor] | None


class ListenerLstm(ListenerNetwork):
    """Raw speaker frames in; standardised faces and audio-token logits out.

    Args:
        settings: sizes.
        codes: audio tokens that there are.
    """

    def __init__(self, settings: NetworkSettings, codes: int) -> None:
        super().__init__()
        self.settings = settings
        self.words = nn.EmbeddingBag(settings.words, settings.word, mode="mean")
        self.dropout = nn.Dropout(settings.dropout)
        self.memory = nn.LSTM(
            2 * FACE_DIM + SPEECH_WIDTH + settings.word,
            settings.hidden,
            settings.layers,
            batch_first=True,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.face = nn.Linear(settings.hidden, FACE_DIM)
        self.sound = nn.Sequential(nn.Linear(settings.hidden + 1, settings.code), nn.GELU())
        self.codes = nn.Linear(settings.code, codes)

    def read(self, words: Sequence[Sequence[Word]]) -> Tensor:
        """``(n, word)`` of the words of ``n`` frames; zeros where there is none."""
        found = [word_bucket(word.text, self.settings.words) for frame in words for word in frame]
        ends = torch.tensor([0, *[len(frame) for frame in words]]).cumsum(0)
        return cast(Tensor, self.words(torch.tensor(found, dtype=torch.long), ends[:-1]))

    def forward(
        self, face: Tensor, speech: Tensor, words: Tensor, first: Tensor, state: State
    ) -> tuple[Tensor, Tensor, State]:
        """Hidden states ``(B, T, hidden)``, the next faces ``(B, T, 64)``, and the memory after the last frame.

        Args:
            face: ``(B, T, 64)`` of the speaker.
            speech: ``(B, T, 45)`` of the speaker.
            words: ``(B, T, word)`` of ``read``.
            first: ``(B, 64)``, the listener's first face.
            state: of the call before, None at a dialogue's start.
        """
        rest = self.scale.standardise(first)[:, None].expand(-1, face.shape[1], -1)
        parts = [self.scale.standardise(face), self.speech_scale.standardise(speech), words, rest]
        hidden, after = self.memory(self.dropout(torch.cat(parts, dim=-1)), state)
        return hidden, rest + self.face(hidden), after

    def sounds(self, hidden: Tensor, place: Tensor) -> Tensor:
        """Logits ``(n, codes)`` of audio tokens.

        Args:
            hidden: ``(n, hidden)`` of the frame before the token's.
            place: ``(n,)`` where in its frame a token begins, 0 to 1.
        """
        return cast(Tensor, self.codes(self.sound(torch.cat([hidden, place[:, None]], dim=-1))))


def word_bucket(text: str, buckets: int) -> int:
    """The bucket of a word, whatever its case and punctuation (the hashing trick, Weinberger et al. 2009)."""
    plain = "".join(letter for letter in text.lower() if letter.isalnum() or letter == "'")
    return zlib.crc32(plain.encode()) % buckets
