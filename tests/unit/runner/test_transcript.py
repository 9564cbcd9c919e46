"""When a listener learns the speaker's words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from omnibench.datasets.transcript import parse_transcript
from omnibench.errors import UsageError
from omnibench.types import Word


def test_oracle_tells_a_word_in_the_frame_of_its_end() -> None:
    words = (Word("a", 0.0, 0.2), Word("b", 0.2, 0.21), Word("c", 0.05, 0.0))
    assert parse_transcript("oracle").schedule(words, Fraction(25)) == {4: (words[0],), 5: (words[1],), 0: (words[2],)}


def test_a_delay_shifts_every_word() -> None:
    transcript = parse_transcript("delayed:400")
    assert transcript.frame_of(Word("a", 0.0, 0.2), Fraction(25)) == 14
    assert transcript.frame_of(Word("a", 0.0, 0.2), Fraction(30)) == 17
    assert str(transcript) == "delayed:400"


@pytest.mark.parametrize("text", ["", "delayed", "delayed:-1", "delayed:1.5", "asr", "delayed:60001"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match='expected "oracle" or "delayed:MS"'):
        parse_transcript(text)
