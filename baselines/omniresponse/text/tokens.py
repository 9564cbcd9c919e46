"""The text tokenizer: words to sub-tokens, with the two chrono markers and the chat markers.

A fresh LLM has one trained on the training scripts; a pretrained LLM brings its own, to which markers are added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from baselines.omniresponse.text.backbones import named_backbone
from baselines.omniresponse.text.markers import LASTING, PAUSE, SPECIALS
from omnibench.errors import InputError

LETTERS: Final = " abcdefghijklmnopqrstuvwxyz'.,?!-"  # index 0 is "none"; everything else is spelled "none"
PHONEMES: Final = "AIOWYbdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹɾʃʊʌʤʧθᵊᵻ"  # misaki's American symbols, without stress and length
SYMBOLS: Final = len(LETTERS) + len(PHONEMES)
WORD_STARTS: Final = ("\u0120", "\u2581")  # signs for a leading space: byte-level BPE's, SentencePiece's
# Line breaks and other unprintable bytes, as byte-level BPE and SentencePiece write them.
_BLANKS: Final = re.compile("[\u0100-\u0120\u2581]|<0x")


class ChronoTokenizer:
    """Words to token ids and back. Equal JSON means equal tokenizer.

    Args:
        tokenizer: with all of ``SPECIALS``.
        sounds: words in lower case with their phonemes.
        markers: its own tokens that stand for some of ``SPECIALS``.
        backbone: the pretrained LLM that it is of, "" for one trained here.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        sounds: Mapping[str, str],
        markers: Mapping[str, str] | None = None,
        backbone: str = "",
    ) -> None:
        self._tokenizer, self._sounds, self.backbone = tokenizer, sounds, backbone
        found = {marker: tokenizer.token_to_id((markers or {}).get(marker, marker)) for marker in SPECIALS}
        self._specials = {marker: token for marker, token in found.items() if token is not None}
        if len(self._specials) < len(SPECIALS):
            missing = ", ".join(sorted(found.keys() - self._specials.keys()))
            raise InputError(f"The tokenizer lacks {missing}: it is not one of OmniResponse.")
        self.pause: int = self._specials[PAUSE]
        self.lasting: int = self._specials[LASTING]
        self.markers = (self.pause, self.lasting)
        self.size: int = tokenizer.get_vocab_size()
        first = tokenizer.encode("a", add_special_tokens=False).tokens
        # SentencePiece puts the blank before a word itself.
        self._blank = "" if first and first[0].startswith(WORD_STARTS[1]) else " "

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
    def extend(cls, tokenizer: Tokenizer, sounds: Mapping[str, str], markers: Mapping[str, str], backbone: str) -> Self:
        """A pretrained LLM's tokenizer with those of ``SPECIALS`` added that none of its own ``markers`` stands for."""
        new = [marker for marker in SPECIALS if marker not in markers]
        tokenizer.add_special_tokens([AddedToken(marker, special=True, normalized=False) for marker in new])
        return cls(tokenizer, sounds, markers, backbone)

    @classmethod
    def from_json(cls, text: str) -> ChronoTokenizer:
        """The tokenizer that ``to_json`` wrote; that of a pretrained LLM is read from its own files."""
        content = json.loads(text)
        if "backbone" in content:
            return borrowed_tokenizer(content["backbone"], content["sounds"])
        return cls(Tokenizer.from_str(json.dumps(content["pieces"])), content["sounds"])

    def to_json(self) -> str:
        """The tokenizer as JSON text: its ``pieces``, or whose it is, and the ``sounds`` of words."""
        if self.backbone:
            return json.dumps({"backbone": self.backbone, "sounds": self._sounds}, ensure_ascii=False)
        return json.dumps({"pieces": json.loads(self._tokenizer.to_str()), "sounds": self._sounds}, ensure_ascii=False)

    def encode_word(self, word: str) -> tuple[int, ...]:
        """Sub-tokens of one word with its punctuation; the first starts a word. Never empty for a word with a
        letter.
        """
        return tuple(self._tokenizer.encode(self._blank + word.strip(), add_special_tokens=False).ids)

    def encode_text(self, text: str) -> tuple[int, ...]:
        """Sub-tokens of running text."""
        return tuple(token for word in text.split() for token in self.encode_word(word))

    def pieces(self, text: str) -> list[int]:
        """Ids of a text as the tokenizer itself cuts it, markers and line breaks included."""
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found

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
            found[token] = (self._tokenizer.id_to_token(token) or "").startswith(WORD_STARTS)
        return found & self._speakable

    @cached_property
    def continues_word(self) -> NDArray[np.bool_]:
        """``(size,)``: whether a token goes on with a word (neither starts one nor is a marker)."""
        special = np.zeros(self.size, dtype=bool)
        special[list(self._specials.values())] = True
        return ~self.starts_word & ~special & self._speakable

    @cached_property
    def _speakable(self) -> NDArray[np.bool_]:
        """``(size,)``: whether a token can be part of a word; a pretrained LLM also knows line breaks and commands."""
        found = np.ones(self.size, dtype=bool)
        if self.backbone:
            for token in range(self.size):
                piece = self._tokenizer.id_to_token(token) or ""
                written = piece.lstrip("".join(WORD_STARTS))
                # A blank alone begins a word that goes on with a digit, say.
                found[token] = piece in WORD_STARTS or (
                    bool(written) and written.isprintable() and not _BLANKS.search(written)
                )
            found[list(self._tokenizer.get_added_tokens_decoder())] = False
        return found

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


def borrowed_tokenizer(backbone: str, sounds: Mapping[str, str]) -> ChronoTokenizer:
    """The tokenizer of a pretrained LLM by its name in backbones.py, with our markers.

    Raises:
        MissingError: its files are not on this machine.
        InputError: nobody has that name, or the files are not what they should be.
    """
    found = named_backbone(backbone)
    return ChronoTokenizer.extend(found.tokenizer(), sounds, found.markers, backbone)
