"""Chrono-Text Markup: words to frames and back, and the speaker's side that is known only at a word's end."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from omniresponse_factory import small_tokenizer

from baselines.omniresponse.text.chrono import ChronoReader, SpeakerMarkup, chrono_tokens, read_words
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.text.wordform import WordFormReader
from omnibench.types import Word

TOKENIZER = small_tokenizer()
SPOKEN = ("Well,", "I", "think", "the", "market", "is", "good.", "family", "That's", "Mm-hm.", "home?")
RATES = st.sampled_from([Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(24)])


def names(tokens: np.ndarray) -> str:
    marks = {TOKENIZER.pause: "_", TOKENIZER.lasting: "~"}
    return "".join(marks.get(int(t), "A" if TOKENIZER.starts_word[t] else "a") for t in tokens)


@st.composite
def spaced_words(draw: st.DrawFn) -> list[Word]:
    """Words one after the other, each long enough for its sub-tokens, with or without a gap."""
    clock, words = draw(st.floats(0, 1)), []
    for text in draw(st.lists(st.sampled_from(SPOKEN), max_size=8)):
        length = len(TOKENIZER.encode_word(text)) / 23 + draw(st.floats(0.05, 0.6))
        words.append(Word(text, clock, clock + length))
        clock += length + draw(st.sampled_from([0.0, 0.01, 0.3, 1.0]))
    return words


@settings(max_examples=60, deadline=None)
@given(spaced_words(), RATES)
def test_words_come_back_to_one_frame(words: list[Word], fps: Fraction) -> None:
    frames = int((words[-1].end if words else 1) * fps) + 2
    markup = chrono_tokens(words, frames, fps, TOKENIZER, max_shift=12)
    assert markup.left_out == ()
    found = read_words(markup.tokens, fps, TOKENIZER)
    assert [w.text for w in found] == [w.text for w in words]
    for word, back in zip(words, found, strict=True):
        assert abs(back.start - word.start) * fps < 1 + 1e-6
        assert abs(back.end - word.end) * fps < 1 + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SPOKEN), st.floats(0, 3), st.floats(0, 0.5)), max_size=12), RATES)
def test_any_words_survive_in_order_or_are_returned(items: list[tuple[str, float, float]], fps: Fraction) -> None:
    words = sorted((Word(text, start, start + length) for text, start, length in items), key=lambda w: w.start)
    markup = chrono_tokens(words, int(4 * fps), fps, TOKENIZER, max_shift=12)
    kept = [w for w in words if w not in markup.left_out]
    found = read_words(markup.tokens, fps, TOKENIZER)
    assert [w.text for w in found] == [w.text for w in kept]
    for word, back in zip(kept, found, strict=True):
        assert -1 < (back.start - word.start) * fps < 12 + 1e-6


def test_markers_as_in_the_papers_figure_7() -> None:
    words = [Word("I", 0.2, 0.4), Word("think", 0.4, 0.6)]
    markup = chrono_tokens(words, 20, Fraction(25), TOKENIZER, 12)
    assert len(TOKENIZER.encode_word("think")) == 1
    assert names(markup.tokens) == "_____A~~~~A~~~~_____"


def test_a_word_with_more_sub_tokens_than_frames_shifts_the_next() -> None:
    long = "good.home?"
    pieces = len(TOKENIZER.encode_word(long))
    assert pieces > 2
    markup = chrono_tokens([Word(long, 0.0, 0.04), Word("I", 0.04, 0.2)], 12, Fraction(25), TOKENIZER, 12)
    assert names(markup.tokens).startswith("A" + "a" * (pieces - 1) + "A")
    assert [w.text for w in read_words(markup.tokens, Fraction(25), TOKENIZER)] == [long, "I"]


def test_words_of_the_same_frame_follow_each_other() -> None:
    words = [Word("I", 0.2, 0.5), Word("think", 0.2, 0.4)]
    markup = chrono_tokens(words, 12, Fraction(25), TOKENIZER, 12)
    assert names(markup.tokens) == "_____AA~~~__"


def test_overlapping_words_end_at_the_next_onset() -> None:
    words = [Word("I", 0.0, 0.4), Word("think", 0.2, 0.28)]
    markup = chrono_tokens(words, 12, Fraction(25), TOKENIZER, 12)
    assert names(markup.tokens) == "A~~~~A~_____"


def test_a_word_that_would_shift_too_far_or_past_the_end_is_returned() -> None:
    crowd = [Word("think", 0.0, 0.04)] * 6
    markup = chrono_tokens(crowd, 50, Fraction(25), TOKENIZER, max_shift=2)
    assert len(markup.left_out) == 3
    late = Word("market", 1.0, 1.2)
    assert chrono_tokens([late], 25, Fraction(25), TOKENIZER, 12).left_out == (late,)


def test_a_word_is_finished_by_the_token_after_it() -> None:
    reader = ChronoReader(Fraction(25), TOKENIZER)
    (word,), (pause, lasting) = [TOKENIZER.encode_word("think")], (TOKENIZER.pause, TOKENIZER.lasting)
    answers = [
        reader.push(token, frame) for frame, token in enumerate([pause, word[0], lasting, lasting, pause, pause])
    ]
    assert [len(a) for a in answers] == [0, 0, 0, 0, 1, 0]
    assert answers[4][0] == Word("think", 0.04, 0.16)


def test_the_speakers_word_enters_at_its_end_one_sub_token_a_frame() -> None:
    markup = SpeakerMarkup(TOKENIZER, activity_dbfs=-45)
    loud, quiet = np.full(640, 0.1, np.float32), np.zeros(640, np.float32)
    pieces = TOKENIZER.encode_word("good.home?")
    got = [markup.push((), loud), markup.push((Word("good.home?", 0.0, 0.05),), loud)]
    got += [markup.push((), quiet) for _ in range(len(pieces))]
    assert [token for token, _ in got] == [TOKENIZER.lasting, *pieces, TOKENIZER.pause]
    assert [text for _, text in got] == ["", "good.home?", *[""] * len(pieces)]


def test_word_forms_carry_letters_and_age_through_lasting() -> None:
    tokens = chrono_tokens([Word("Think", 0.08, 0.2)], 8, Fraction(25), TOKENIZER, 12).tokens
    forms = WordFormReader(TOKENIZER).read(tokens)
    spelled = ["".join(" abcdefghijklmnopqrstuvwxyz"[i] for i in row if i) for row in forms.letters]
    assert spelled[:2] == ["", ""]
    assert spelled[4] == "think"
    assert list(forms.ages[:2]) == [0, 1]
    assert list(forms.ages[2:5]) == [0, 1, 2]
    assert forms.heads[2] == forms.heads[4] == tokens[2]
    assert list(forms.ages[5:]) == [0, 1, 2]


@given(st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_survives_the_tokenizer(text: str) -> None:
    words = text.split()
    assert [TOKENIZER.decode(TOKENIZER.encode_word(word)) for word in words] == words


def test_the_tokenizer_survives_json() -> None:
    copy = ChronoTokenizer.from_json(TOKENIZER.to_json())
    assert copy.to_json() == TOKENIZER.to_json()
    assert copy.encode_text("I think so.") == TOKENIZER.encode_text("I think so.")
