"""The text tokenizer: byte-level BPE with the two chrono markers and the chat markers, behind a small interface.

The tiny configuration trains its own on the training scripts; a pretrained LLM brings its own file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from omnibench.errors import InputError

PAUSE: Final = "[PAUSE]"
LASTING: Final = "[LASTING]"
SYSTEM: Final = "<|system|>"
USER: Final = "<|user|>"
ASSISTANT: Final = "<|assistant|>"
END: Final = "<|end|>"
SPECIALS: Final = (PAUSE, LASTING, SYSTEM, USER, ASSISTANT, END)
LETTERS: Final = " abcdefghijklmnopqrstuvwxyz'.,?!-"  # index 0 is "none"; everything else is spelled "none"
PHONEMES: Final = "AIOWYbdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹɾʃʊʌʤʧθᵊᵻ"  # misaki's American symbols, without stress and length
SYMBOLS: Final = len(LETTERS) + len(PHONEMES)
WORD_START: Final = "\u0120"  # byte-level BPE's sign for a leading space


class ChronoTokenizer:
    """Words to token ids and back. Equal JSON means equal tokenizer.

    Args:
        tokenizer: with all of ``SPECIALS``.
        sounds: words in lower case with their phonemes.
    """

    def __init__(self, tokenizer: Tokenizer, sounds: Mapping[str, str]) -> None:
        self._tokenizer, self._sounds = tokenizer, sounds
        found = {marker: tokenizer.token_to_id(marker) for marker in SPECIALS}
        self._specials = {marker: token for marker, token in found.items() if token is not None}
        if len(self._specials) < len(SPECIALS):
            missing = ", ".join(sorted(found.keys() - self._specials.keys()))
            raise InputError(f"The tokenizer lacks {missing}: it is not one of OmniResponse.")
        self.pause: int = self._specials[PAUSE]
        self.lasting: int = self._specials[LASTING]
        self.size: int = tokenizer.get_vocab_size()

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary: int, sounds: Mapping[str, str]) -> ChronoTokenizer:
        """Learn ``vocabulary`` entries (fewer when the texts are few) from ``texts``; deterministic."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=list(SPECIALS),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        tokenizer.train_from_iterator(list(texts), trainer)
        return cls(tokenizer, sounds)

    @classmethod
    def from_json(cls, text: str) -> ChronoTokenizer:
        """The tokenizer that ``to_json`` wrote."""
        content = json.loads(text)
        return cls(Tokenizer.from_str(json.dumps(content["pieces"])), content["sounds"])

    def to_json(self) -> str:
        """The tokenizer as JSON text: its ``pieces`` and the ``sounds`` of words."""
        return json.dumps({"pieces": json.loads(self._tokenizer.to_str()), "sounds": self._sounds}, ensure_ascii=False)

    def encode_word(self, word: str) -> tuple[int, ...]:
        """Sub-tokens of one word with its punctuation; the first starts a word. Never empty for a word with a
        letter.
        """
        return tuple(self._tokenizer.encode(" " + word.strip(), add_special_tokens=False).ids)

    def encode_text(self, text: str) -> tuple[int, ...]:
        """Sub-tokens of running text."""
        return tuple(token for word in text.split() for token in self.encode_word(word))

    def special(self, marker: str) -> int:
        """The id of one of ``SPECIALS``."""
        return self._specials[marker]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of sub-tokens, without outer blanks."""
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text.strip()

    @cached_property
    def starts_word(self) -> NDArray[np.bool_]:
        """``(size,)``: whether a token starts a new word."""
        found = np.zeros(self.size, dtype=bool)
        for token in range(self.size):
            found[token] = (self._tokenizer.id_to_token(token) or "").startswith(WORD_START)
        return found

    @cached_property
    def continues_word(self) -> NDArray[np.bool_]:
        """``(size,)``: whether a token goes on with a word (neither starts one nor is a marker)."""
        special = np.zeros(self.size, dtype=bool)
        special[list(self._specials.values())] = True
        return ~self.starts_word & ~special

    @cached_property
    def spelling(self) -> tuple[tuple[int, ...], ...]:
        """Per token the symbols that say how it sounds; empty for markers.

        A whole word that is known has its phonemes (``len(LETTERS)`` and up), any other token its characters, case
        folded (indices into ``LETTERS``).
        """
        specials = set(self._specials.values())
        spelled = []
        for token in range(self.size):
            text = "" if token in specials else self.decode([token]).lower()
            sounds = self._sounds.get(text, "") if self.starts_word[token] else ""
            letters = tuple(max(LETTERS.find(c), 0) for c in text if not c.isspace())
            spelled.append(tuple(len(LETTERS) + PHONEMES.index(c) for c in sounds) or letters)
        return tuple(spelled)
