"""Pronunciation: dictionary entries, inflection, weak forms and heteronyms against misaki's own answers."""

from __future__ import annotations

import json

import pytest

from omnibench.assets.lexicon import DATA, Accent, Lexicon, load_lexicon
from omnibench.errors import InputError
from omnibench.studio.g2p import join, phonemize
from omnibench.studio.script import read_scripts

ENTRIES: dict[str, str | dict[str, str]] = {
    # Copied from misaki 0.9.4, us_gold.json.
    "carry": "kˈɛɹi",
    "want": "wˈɑnt",
    "stop": "stˈɑp",
    "make": "mˈAk",
    "watch": "wˈɑʧ",
    "bus": "bˈʌs",
    "dog": "dˈɔɡ",
    "smart": "smˈɑɹt",
    "that": {"DEFAULT": "ðæt", "DT": "ðˈæt"},
    "read": {"DEFAULT": "ɹˈid", "VBN": "ɹˈɛd"},
    "used": {"DEFAULT": "jˈuzd", "VBD": "jˈust"},
    "live": {"DEFAULT": "lˈIv", "VERB": "lˈɪv"},
    "have": {"DEFAULT": "hæv", "None": "hˈæv"},
    "to": "tu",
    "in": "ɪn",
    "we": "wi",
    "apple": "ˈæpᵊl",
    "it": "ɪt",
    "music": "mjˈuzɪk",
    "the": "ði",
    "go": "ɡˈO",
    "eat": "ˈit",
    "know": "nˈO",
    "you": "ju",
    "can": {"DEFAULT": "kæn", "None": "kˈæn"},
    "is": "ɪz",
    "close": {"DEFAULT": "klˈOs", "NOUN": "klˈOz", "VERB": "klˈOz"},
}
US = Lexicon("us", ENTRIES)


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("carried", "kˈɛɹid"),
        ("carries", "kˈɛɹiz"),
        ("wanted", "wˈɑntᵻd"),
        ("stopped", "stˈɑpt"),
        ("stopping", "stˈɑpɪŋ"),
        ("making", "mˈAkɪŋ"),
        ("watches", "wˈɑʧᵻz"),
        ("buses", "bˈʌsᵻz"),
        ("dog's", "dˈɔɡz"),
        ("dogs'", "dˈɔɡz"),
        ("smartest", "smˈɑɹtᵻst"),
        ("eating", "ˈiɾɪŋ"),
        ("we'll", "wiᵊl"),
    ],
)
def test_inflection(word: str, phonemes: str) -> None:
    assert US.find(word) == phonemes


@pytest.mark.parametrize("word", ["xqzzy", "sted", "doggly"])
def test_an_unknown_word_is_named(word: str) -> None:
    with pytest.raises(InputError, match=f'"{word}"'):
        US.find(word)


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("the dog", "ðə dˈɔɡ"),
        ("the apple", "ði ˈæpᵊl"),
        ("to go, to eat", "tə ɡˈO, tʊ ˈit"),
        ("go to.", "ɡˈO tu."),
        ("go in", "ɡˈO ˈɪn"),
        ("we have", "wi hˈæv"),
        ("we have dogs", "wi hæv dˈɔɡz"),
        ("we read it", "wi ɹˈid ɪt"),
        ("I read it", "ˌI ɹˈɛd ɪt"),
        ("you read it", "ju ɹˈɛd ɪt"),
        ("can you read it", "kæn ju ɹˈid ɪt"),
        ("close the eat", "klˈOz ði ˈit"),
        ("it is close", "ɪt ɪz klˈOs"),
        ("we used to go", "wi jˈust tə ɡˈO"),
        ("we live", "wi lˈɪv"),
        ("live music", "lˈIv mjˈuzɪk"),
        ("that dog", "ðˈæt dˈɔɡ"),
        ("know that we go", "nˈO ðæt wi ɡˈO"),
        ("We go--", "wˌi ɡˈO—"),
        ("Mm-hm.", "ˌmmhˈəm."),
    ],
)
def test_words_in_context(text: str, phonemes: str) -> None:
    assert join(phonemize(text, US)) == phonemes


def test_words_keep_their_punctuation() -> None:
    assert [word.text for word in phonemize("Go, we know that--", US)] == ["Go,", "we", "know", "that--"]


@pytest.mark.parametrize("accent", ["us", "gb"])
def test_the_shipped_lexicon_alone_speaks_every_shipped_script(accent: Accent) -> None:
    shipped = Lexicon(accent, json.loads(DATA.read_text(encoding="utf-8"))[accent])
    full = load_lexicon(accent)
    for script in read_scripts():
        for line in script.lines:
            assert phonemize(line.text, shipped) == phonemize(line.text, full), line.text
