"""Pronunciation: dictionary entries, inflection, weak forms and heteronyms against misaki's own answers."""

from __future__ import annotations

import hashlib
import json

import pytest

from omnibench.assets.lexicon import DATA, Accent, Lexicon, load_lexicon
from omnibench.errors import InputError
from omnibench.studio.events.lines import all_lines
from omnibench.studio.g2p import join, phonemize
from omnibench.studio.script import SCRIPTS, read_scripts

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
    "enjoy": "ɪnʤˈY",
    "happy": "hˈæpi",
    "nice": "nˈIs",
    "big": "bˈɪɡ",
    "die": "dˈI",
    "see": "sˈi",
    "well": "wˈɛl",
    "known": "nˈOn",
    "full": "fˈʊl",
    "time": "tˈIm",
    "good": "ɡˈʊd",
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
        # What misaki 0.9.4 lists for these: us_gold.json, us_silver.json.
        ("smarter", "smˈɑɹɾəɹ"),
        ("nicer", "nˈIsəɹ"),
        ("bigger", "bˈɪɡəɹ"),
        ("happiest", "hˈæpiᵻst"),
        ("biggest", "bˈɪɡᵻst"),
        ("dying", "dˈIɪŋ"),
        # Listed nowhere: by the same rules.
        ("smartest", "smˈɑɹɾᵻst"),
        ("enjoyed", "ɪnʤˈYd"),
        ("enjoys", "ɪnʤˈYz"),
        ("happier", "hˈæpiəɹ"),
        ("seeing", "sˈiɪŋ"),
        ("well-known", "wˌɛlnˈOn"),
        ("full-time", "fˌʊltˈIm"),
        ("eating", "ˈiɾɪŋ"),
        ("we'll", "wiᵊl"),
    ],
)
def test_inflection(word: str, phonemes: str) -> None:
    assert US.find(word) == phonemes


@pytest.mark.parametrize("word", ["xqzzy", "sted", "doggly", "enjoied", "happyer", "w-well", "known-", "well-xqzzy"])
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


# Of what was said when the shipped recordings were made.
SAID = {
    "us": "c16e7853a6efbf26a66eb968d01a9ef2ebdbd8add384c3d8f21d2da0e5c9e56f",
    "gb": "d012bc175f9a98564ee088448880b605cc993814bdf9254c1379fa200cd61bd6",
}


@pytest.mark.needs("studio")
@pytest.mark.parametrize("accent", ["us", "gb"])
def test_the_lines_of_the_shipped_data_sets_are_pronounced_as_they_were(accent: Accent) -> None:
    scripts = [*read_scripts(), *read_scripts(SCRIPTS / "studio", ("val", "test"))]
    lines = [line.text for script in scripts for line in script.lines if not line.is_nod]
    lines += [text for texts in all_lines().values() for text in texts]
    said = "\n".join(join(phonemize(line, load_lexicon(accent))) for line in lines)
    assert hashlib.sha256(said.encode()).hexdigest() == SAID[accent]
