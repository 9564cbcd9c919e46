"""A line of text to Kokoro phonemes: senses of heteronyms, weak forms and sentence stress around the lexicon's entries.

The rules are misaki's (``en.py``, Apache-2.0) with its part-of-speech tagger replaced by cues in the words beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from omnibench.assets.lexicon import PRIMARY, SECONDARY, VOWELS, Entry, Lexicon, words_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONSONANTS: Final = frozenset("bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθT")
_VERB_CUES: Final = _words(
    """to will would can could should may might must do does did don't doesn't didn't can't couldn't won't wouldn't
    shouldn't i you we they i'll you'll we'll they'll he'll she'll it'll i'd you'd we'd they'd let's please never
    always just still also really and he she it what who"""
)
_PAST_CUES: Final = _words(
    """i've you've we've they've he's she's have has had haven't hasn't hadn't i he she it already was were been be
    being got ever never just"""
)
_SAYING: Final = _words(
    """think thought know knew say says said hope hoped so heard hear told tell mean means believe sure sorry glad
    afraid guess guessed noticed realized felt see saw wish wished bet promise promised feel happy worried find found
    remember remembered forgot sad sign proof idea shows showed way day time thing place one all everything
    now"""
)
_SUBJECTS: Final = _words("i you he she we they it the my your his her our their i'm you're it's we're they're")
_ADJECTIVE_NEXT: Final[dict[str, frozenset[str]]] = {
    "live": _words("music show shows band bands concert concerts game games news"),
}
_MARKS: Final = frozenset(",.?!;:—…")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as written (with punctuation), its phonemes, and the pause marks that follow it."""

    text: str
    phonemes: str
    marks: str


def phonemize(text: str, lexicon: Lexicon) -> tuple[SpokenWord, ...]:
    """The phonemes of every word of a line.

    Raises:
        omnibench.errors.InputError: a word without a pronunciation.
    """
    pairs = words_of(text)
    lowered = [word.lower() for word, _ in pairs]
    spoken: list[SpokenWord] = []
    following: bool | None = None
    for i in reversed(range(len(pairs))):
        word, punctuation = pairs[i]
        marks = "".join(m for m in punctuation.replace("--", "—").replace("...", "…") if m in _MARKS)
        if marks:
            following = None
        before = ("", "", *lowered[:i])[-2:]
        after = lowered[i + 1] if i + 1 < len(pairs) and not marks else ""
        phonemes = _pronounce(word, (before[0], before[1]), after, following, lexicon)
        following = _starts_with_vowel(phonemes, following)
        spoken.append(SpokenWord(word + punctuation, phonemes.replace("ɾ", "T").replace("ʔ", "t"), marks))
    return tuple(reversed(spoken))


def join(words: tuple[SpokenWord, ...]) -> str:
    """The phoneme string for the model: words and marks, one space between."""
    return " ".join(word.phonemes + word.marks for word in words)


def _pronounce(word: str, before: tuple[str, str], after: str, vowel_next: bool | None, lexicon: Lexicon) -> str:
    """Phonemes in context: the two words before, the one after; ``vowel_next`` is None before a pause."""
    lower = word.lower()
    if lower == "a":
        return "ɐ"
    if lower == "an":
        return "ɐn"
    if lower == "the":
        return "ði" if vowel_next else "ðə"
    if lower == "i":
        return SECONDARY + "I"
    if lower == "am" and vowel_next is not None:
        return "ɐm"
    if lower == "in" and vowel_next is None:
        return PRIMARY + "ɪn"
    if lower == "to" and vowel_next is not None:
        return "tʊ" if vowel_next else "tə"
    phonemes = _sense(lower, lexicon.find(word), before, after, vowel_next is None)
    capital = word != lower and word[1:] == word[1:].lower()
    return _with_secondary_stress(phonemes) if capital else phonemes


def _sense(word: str, entry: Entry, preceding: tuple[str, str], after: str, at_pause: bool) -> str:
    """The string of a heteronym that its neighbours suggest."""
    earlier, before = preceding
    if isinstance(entry, str):
        return entry
    if at_pause and "None" in entry:
        return entry["None"]
    if word == "that":
        conjunction = before in _SAYING or (bool(before) and after in _SUBJECTS)
        return entry["DEFAULT" if conjunction or "DT" not in entry else "DT"]
    if word == "used":
        return entry["VBD" if after == "to" and before not in {"is", "are", "was", "be", "it's"} else "DEFAULT"]
    if word == "read":
        told = before == "you" and earlier not in _VERB_CUES
        return entry["VBN" if told or before in _PAST_CUES else "DEFAULT"]
    if word == "close" and after in _SUBJECTS:
        return entry["VERB"]
    if word in _ADJECTIVE_NEXT:
        return entry["DEFAULT" if after in _ADJECTIVE_NEXT[word] else "VERB"]
    return entry["VERB"] if "VERB" in entry and before in _VERB_CUES else entry["DEFAULT"]


def _starts_with_vowel(phonemes: str, otherwise: bool | None) -> bool | None:
    return next((c in VOWELS for c in phonemes if c in VOWELS or c in _CONSONANTS), otherwise)


def _with_secondary_stress(phonemes: str) -> str:
    """Put a secondary stress before the first vowel of an unstressed word."""
    if PRIMARY in phonemes or SECONDARY in phonemes:
        return phonemes
    first = next((i for i, c in enumerate(phonemes) if c in VOWELS), None)
    return phonemes if first is None else phonemes[:first] + SECONDARY + phonemes[first:]
