"""Every reader of a stranger's JSON reads a document or says what is wrong with it: nothing else comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leaderboard.archive.formats.documents import transcript_faults
from leaderboard.entry import strict_json
from leaderboard.entry.limits import DEFAULT_LIMITS
from omnibench.datasets.checks import FileChecker
from omnibench.datasets.manifest import read_manifest
from omnibench.datasets.tracks import read_text, read_words
from omnibench.errors import InputError
from omnibench.files.checked import JsonFault, parse_json
from omnibench.files.decoding import TextFault, decoded, lines_of, parse_toml
from omnibench.files.journal import Journal
from omnibench.files.records import RunRecord
from omnibench.predictions.folder import Predictions
from omnibench.predictions.soundness import Length

GOOD = '{"text": "yes I do", "words": [{"text": "yes", "start": 0.6, "end": 0.7}]}'
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1")
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([10**19, 2**64, -(10**400), True, "1.5", "nan"]),
)
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
WORDS = st.fixed_dictionaries({}, optional={"text": VALUES, "start": VALUES, "end": VALUES, "x": VALUES})
DOCUMENTS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "text": st.one_of(TEXTS, VALUES),
            "words": st.one_of(st.lists(st.one_of(WORDS, VALUES), max_size=3), VALUES),
            "splits": VALUES,
            "model": VALUES,
        },
    ),
)


def written(document: Any, encoding: str, ending: str) -> bytes:
    """As a program of any kind writes it: what the encoding cannot hold as it stands in memory."""
    text = json.dumps(document, ensure_ascii=encoding != "utf-8") + ending
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


READERS: dict[str, Callable[[Path], object]] = {
    "a data set's words": read_words,
    "a data set's text": read_text,
    "verify": lambda path: FileChecker(path.parent).text(path),
    "an answer's words": lambda path: Predictions(path.parents[1]).words(path.stem),
    "an answer's text": lambda path: Predictions(path.parents[1]).text(path.stem),
    "a sent answer": lambda path: transcript_faults(path, Length(50, Fraction(25)), DEFAULT_LIMITS),
    "a manifest": read_manifest,
    "run.json": lambda path: RunRecord.read(path, "Run again."),
    "a journal": lambda path: Journal(path).entries(),
    "the board": lambda path: strict_json.markup_fault(strict_json.parse_json(path.read_bytes())),
    "TOML": lambda path: parse_toml(path.read_bytes()),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "text"
    folder.mkdir()
    return folder / "a.json"


@settings(max_examples=300, deadline=None)
@given(document=DOCUMENTS, encoding=st.sampled_from(ENCODINGS), ending=st.sampled_from(["", "\n", "\r\n", "\0", "x"]))
@example(document={"text": "yes \ud83d", "words": []}, encoding="utf-8-sig", ending="")
@example(document=10**4000, encoding="utf-8", ending="")
def test_nothing_but_the_projects_own_errors_comes_out(place: Path, document: Any, encoding: str, ending: str) -> None:
    place.write_bytes(written(document, encoding, ending))
    for read in READERS.values():
        told = ""
        try:
            read(place)
        except (InputError, TextFault) as error:
            told = str(error)
        assert told.encode() is not None  # it can stand in every file and on every terminal


@settings(max_examples=200, deadline=None)
@given(document=VALUES, encoding=st.sampled_from(ENCODINGS[:-1]))
def test_what_is_read_can_be_written_again_and_is_the_same(document: Any, encoding: str) -> None:
    try:
        found = parse_json(written(document, encoding, ""))
    except JsonFault:
        return
    again = json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    assert parse_json(again) == found == json.loads(json.dumps(document))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_marks_and_other_encodings_of_unicode_are_read(encoding: str) -> None:
    assert parse_json(GOOD.encode(encoding)) == json.loads(GOOD)
    if encoding not in ("utf-16-le", "utf-16-be"):
        assert parse_toml("# é\r\na = 1\r\n".encode(encoding)) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("yes", "yes\\ud83d", 1), r'field "text": half of a character \(a lone surrogate, U\+D83D\) .*4'),
        (GOOD.replace('"yes"', '"y\\udc00"'), r'field "words\[0\]\.text": half of a character'),
        (GOOD.replace("{", '{"\\ud83d": 1, ', 1), r'field "\(a key\)": half of a character'),
        (GOOD.replace("0.6", "NaN"), r'field "words\[0\]\.start": holds NaN, expected finite numbers'),
        (GOOD.replace("0.6", "1" + "0" * 400), r'field "words\[0\]\.start": the number 10000000000000000000… is too'),
        (GOOD.replace("0.6", "1" * 5000), r'field "words\[0\]\.start": the number 1{20}… is too large'),
        (GOOD.replace("0.6", "1e999"), r'field "words\[0\]\.start": the number 1e999 is too large'),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"text": "a", "text": "b"}', 'the key "text" is there twice'),
        (GOOD[:-9], "no complete JSON: .* at line 1, column"),
        (f"{GOOD}{GOOD}", "no complete JSON: Extra data at line 1"),
        ("", "empty: no complete JSON"),
        (b"\0" * 64, "no complete JSON"),
        (GOOD.replace("yes", "caf\xe9").encode("latin-1"), "not UTF-8 text at byte 13"),
        (b"\xed\xa0\xbd", "not UTF-8 text at byte 0"),
        (GOOD.replace("0.6", "0." + "6" * 5000), ""),
        (GOOD.replace("yes", "\\ud83d\\ude00"), ""),
    ],
)
def test_what_is_wrong_is_said_with_its_field(content: str | bytes, says: str) -> None:
    given = content if isinstance(content, bytes) else content.encode()
    if not says:
        assert parse_json(given)["text"]
        return
    with pytest.raises(JsonFault, match=says):
        parse_json(given)


def test_another_encoding_comes_with_the_line_that_converts_it() -> None:
    with pytest.raises(TextFault) as told:
        decoded(b"caf\xe9")
    assert told.value.cure == "Save it as UTF-8: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW."
    with pytest.raises(TextFault, match="UTF-16") as told:
        lines_of("{}\n".encode("utf-16"))
    assert "iconv -f UTF-16 -t UTF-8" in told.value.cure


@pytest.mark.parametrize("number", ["inf", "nan", "1e999", "1" * 30, "1" * 5000])
def test_toml_holds_no_number_that_a_run_cannot_keep(number: str) -> None:
    with pytest.raises(TextFault, match=r'field "a\.b\[0\]"|Exceeds the limit'):
        parse_toml(f"[a]\nb = [{number}]".encode())
