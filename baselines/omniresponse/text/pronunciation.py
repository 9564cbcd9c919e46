"""How the words of the training transcripts sound, which half an hour of speech does not teach from their spelling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from baselines.omniresponse.text.tokens import PHONEMES
from omnibench.assets.lexicon import shipped_lexicon

WEAK_FORMS: Final = {"a": "ɐ", "an": "ən", "the": "ðə", "i": "I", "am": "ɐm", "to": "tə"}
"""Words whose entry is how they sound by themselves, as they sound in a sentence."""


def pronunciations(texts: Iterable[str]) -> dict[str, str]:
    """American phonemes, without stress and length, of the words that the studio's lexicon knows; sorted by word."""
    lexicon = shipped_lexicon("us")
    words = {word.strip('.,?!;:-"').lower() for text in texts for word in text.split()}
    found = {}
    for word in sorted(words):
        entry = WEAK_FORMS.get(word) or lexicon.look_up(word)
        spoken = entry["DEFAULT"] if isinstance(entry, dict) else entry or ""
        if sounds := "".join(symbol for symbol in spoken if symbol in PHONEMES):
            found[word] = sounds
    return found
