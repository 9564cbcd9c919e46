"""Word to phonemes: a pruned pronouncing lexicon, and the rules that inflect, reduce and choose among its entries.

The entries come from misaki's American and British dictionaries (Apache-2.0). ``lexicon.json`` holds the words
of the scripts, so that a rebuild needs nothing else; behind it stand misaki's full dictionaries, where hibari-tts (of
the extra ``[studio]``) or misaki is installed. Phonemes are the symbols of Kokoro's vocabulary. Suffix rules follow
misaki's ``en.py``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeAlias

from omnibench.errors import InputError

Accent = Literal["us", "gb"]
ACCENTS: Final[tuple[Accent, ...]] = ("us", "gb")
Entry: TypeAlias = str | dict[str, str]
DATA: Final = Path(__file__).with_name("lexicon.json")

SECONDARY: Final = "ˌ"
PRIMARY: Final = "ˈ"
VOWELS: Final = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
_TWO_SOUNDS: Final = frozenset("AIOQWYʤʧ")
_VOWEL_LETTERS: Final = frozenset("aeiou")
_FLAPPING: Final = frozenset("AIOWYiuæɑəɛɪɹʊʌ")

# Hummed answers, spelt so that the synthesiser hums them in every voice: two nasals with a breath between.
INTERJECTIONS: Final[dict[str, str]] = {
    "mm-hm": "ˌmmhˈəm",
    "mm-hmm": "ˌmmhˈəm",
    "mm": "ˈmm",
    "hmm": "hmˈm",
    "uh-huh": "ʌhˈʌ",
}
_CLITICS: Final = (("'ll", "ᵊl"), ("'ve", "əv"), ("'re", "əɹ"), ("'d", "d"))


@dataclass(frozen=True)
class Lexicon:
    """Pronunciations of one accent; ``entries`` maps a word to phonemes or to one string per sense."""

    accent: Accent
    entries: Mapping[str, Entry]

    def find(self, word: str) -> Entry:
        """The entry of a word without punctuation, inflected if only its stem is listed.

        Raises:
            InputError: a word that neither the lexicon nor the rules know; the message names it.
        """
        entry = self.look_up(word)
        if entry is None:
            raise InputError(
                f'No pronunciation for the word "{word}" ({self.accent}). Use a plainer word, or install the full '
                "dictionaries (`pip install 'omnibench[studio]'`)."
            )
        return entry

    def look_up(self, word: str) -> Entry | None:
        """As `find`; None for a word that neither the lexicon nor the rules know."""
        interjection = INTERJECTIONS.get(word.lower())
        if interjection is not None:
            return interjection
        for form in (word.lower(), word, word.lower().capitalize()):
            if form in self.entries:
                return self.entries[form]
        lower = word.lower()
        if lower.endswith("s'"):
            return self.look_up(word[:-1])
        if lower.endswith("'s") and (owner := self.look_up(word[:-2])) is not None:
            return self._plural(_default(owner))
        for suffix, phonemes in _CLITICS:
            if lower.endswith(suffix) and (stem := self.look_up(word[: -len(suffix)])) is not None:
                return _default(stem) + (_voiced_d(_default(stem)) if suffix == "'d" else phonemes)
        return self._inflected(lower) or self._compound(word.split("-"))

    def _compound(self, parts: list[str]) -> str | None:
        """Words of two letters and more, joined by hyphens; as in misaki the lighter ones lose their main stress."""
        if len(parts) < 2:
            return None
        found = [self.look_up(part) if len(part) > 1 or part.lower() == "a" else None for part in parts]
        said = [_default(entry) for entry in found if entry is not None]
        if len(said) < len(parts):
            return None
        if sum(PRIMARY in one for one in said) > (len(said) + 1) // 2:
            lightest = sorted(range(len(said)), key=lambda i: (PRIMARY in said[i], _weight(said[i])))
            for i in lightest[: len(said) // 2]:
                said[i] = said[i].replace(PRIMARY, SECONDARY)
        return "".join(said)

    def _inflected(self, word: str) -> str | None:
        for suffix, stems, ending in (
            ("s", (word[:-1], word[:-2], word[:-3] + "y"), self._plural),
            ("d", (word[:-1], word[:-2], word[:-3] + "y", word[:-3]), self._past),
            ("ing", (word[:-3], word[:-3] + "e", word[:-4], word[:-4] + "ie"), self._progressive),
            ("er", (word[:-1], word[:-2], word[:-3], word[:-3] + "y"), self._comparative),
            ("est", (word[:-3], word[:-2], word[:-4], word[:-4] + "y"), self._superlative),
        ):
            if word.endswith(suffix) and not word.endswith(("ss", "dd")):
                for stem in stems:
                    if len(stem) > 1 and _spells(stem, word) and stem in self.entries:
                        return ending(_default(self.entries[stem]))
        return None

    def _plural(self, stem: str) -> str:
        if stem[-1] in "ptkfθ":
            return stem + "s"
        if stem[-1] in "szʃʒʧʤ":
            return stem + self._weak_i + "z"
        return stem + "z"

    def _past(self, stem: str) -> str:
        if stem[-1] in "pkfθʃsʧ":
            return stem + "t"
        if stem[-1] == "t" and self.accent == "us" and stem[-2] in _FLAPPING:
            return stem[:-1] + "ɾᵻd"
        return stem + (self._weak_i + "d" if stem[-1] in "td" else "d")

    def _progressive(self, stem: str) -> str:
        return self._before_vowel(stem) + "ɪŋ"

    def _comparative(self, stem: str) -> str:
        return self._before_vowel(stem) + ("əɹ" if self.accent == "us" else "ə")

    def _superlative(self, stem: str) -> str:
        return self._before_vowel(stem) + self._weak_i + "st"

    def _before_vowel(self, stem: str) -> str:
        if stem[-1] == "t" and self.accent == "us" and stem[-2] in _FLAPPING:
            return stem[:-1] + "ɾ"
        linking_r = "ɹ" if self.accent == "gb" and stem[-1] in "əː" and not stem.endswith(("iː", "uː")) else ""
        return stem + linking_r

    @property
    def _weak_i(self) -> str:
        return "ᵻ" if self.accent == "us" else "ɪ"


def words_of(text: str) -> list[tuple[str, str]]:
    """Split a text at its spaces into (word, punctuation after it) pairs, like ``("know", ".")``."""
    pairs = []
    for token in text.split():
        match = re.fullmatch(r"(.*?[A-Za-z]'?)([.,!?;:-]*)", token)
        if match is None:
            raise InputError(f'"{token}" holds no word that can be spoken; remove it from the script.')
        pairs.append((match[1], match[2]))
    return pairs


@cache
def load_lexicon(accent: Accent) -> Lexicon:
    """The lexicon of an accent: the shipped words, behind them misaki's full dictionaries where they are installed."""
    entries: dict[str, Entry] = dict(misaki_entries(accent))
    if DATA.exists():
        entries |= json.loads(DATA.read_text(encoding="utf-8"))[accent]
    return Lexicon(accent, entries)


@cache
def shipped_lexicon(accent: Accent) -> Lexicon:
    """The shipped words alone: the same on every machine."""
    return Lexicon(accent, json.loads(DATA.read_text(encoding="utf-8"))[accent])


def misaki_entries(accent: Accent) -> dict[str, Entry]:
    """misaki's dictionaries, the hand-checked one over the generated one; empty where nobody has them.

    hibari-tts, of the extra ``[studio]``, carries the same files as misaki and needs no more than numpy.
    """
    merged: dict[str, Entry] = {}
    for quality in ("silver", "gold"):
        merged |= json.loads(_dictionary(accent, quality))
    return merged


@cache
def dictionaries_sha256() -> str:
    """Of misaki's dictionaries as they are here: equal ones pronounce equally."""
    digest = hashlib.sha256()
    for accent in ACCENTS:
        for quality in ("silver", "gold"):
            digest.update(_dictionary(accent, quality).encode())
    return digest.hexdigest()


def _dictionary(accent: Accent, quality: str) -> str:
    """One of misaki's files as JSON, an empty object where neither package is installed."""
    packed, plain = (_folder(package) for package in ("hibari", "misaki"))
    if packed is not None:
        return gzip.decompress((packed / "assets" / f"lexicon_{accent}_{quality}.json.gz").read_bytes()).decode()
    if plain is not None:
        return (plain / "data" / f"{accent}_{quality}.json").read_text(encoding="utf-8")
    return "{}"


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _default(entry: Entry) -> str:
    return entry if isinstance(entry, str) else entry["DEFAULT"]


def _voiced_d(stem: str) -> str:
    return "ᵻd" if stem[-1] in "td" else "d"


def _weight(phonemes: str) -> int:
    """How heavy a word is: a symbol that is two sounds counts twice."""
    return sum(2 if symbol in _TWO_SOUNDS else 1 for symbol in phonemes)


def _spells(stem: str, word: str) -> bool:
    """Whether ``word`` is a regular spelling of an inflected ``stem``: carries, enjoyed, stopped, making, happier."""
    if stem.endswith("e"):
        before_i = (
            (stem[:-2] + "y",) if stem.endswith("ie") else (stem[:-1], stem) if stem[-2] in "eoy" else (stem[:-1],)
        )
        return word in (stem + "s", stem + "d", stem + "r", stem + "st", *(form + "ing" for form in before_i))
    doubled = stem + stem[-1]
    changed = stem[:-1] + "i" if stem.endswith("y") and stem[-2:-1] not in _VOWEL_LETTERS else stem
    progressive = (stem + "ing", doubled + "ing")
    endings = (form + ending for form in (changed, doubled) for ending in ("ed", "er", "est"))
    return word in (stem + "s", stem + "'s", changed + "es", *progressive, *endings)
