"""Relevance on dialogues about one thing each, where it is plain what answers whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.datasets.stopwords import STOPWORDS
from omnibench.errors import MetricError
from omnibench.metrics.coupling.relevance import Turn, answers_so_far, bounded, relevance
from omnibench.metrics.coupling.said import Token, added, base, said_by, tokens
from omnibench.metrics.protocol import load_protocol
from omnibench.types import Dialogue, Word

TOPICS = """
I boiled the soup for an hour | that kitchen must smell of garlic
my dog barks at the postman | puppies need a leash
the train was late again | passengers stood on the platform
she plays the violin | what an orchestra
our football team lost | the goalkeeper missed every penalty
the doctor gave me pills | nurses in that hospital
I planted some tulips | gardening needs watering
the bank raised interest | mortgages and loans
he painted the wall | brushes and colours
we flew over the ocean | airports and pilots
the baby cried all night | diapers and a cradle
I baked a cake | butter and flour
her wedding was in June | the bride and groom
snow covered the road | winter is freezing
my laptop crashed | software and keyboards
the priest spoke softly | church and prayer
he caught a trout | fishermen use hooks
the judge sent him away | a lawyer in court
I read that novel | the author writes chapters
the farmer sold his cows | milk and hay
we climbed the peak | mountains and ropes
the actor forgot his lines | theatre and audiences
she sewed a dress | fabric and needles
my tooth hurts | the dentist drills
""".strip().splitlines()
FPS = Fraction(25)


@dataclass
class Person:
    """A track that has words and a length."""

    words: tuple[Word, ...]
    frames: int = 250


@dataclass
class Answer:
    """What a model said; nobody kept when its words came."""

    words: tuple[Word, ...]

    def timed_words(self, pause: float) -> tuple[Word, ...]:
        return self.words


def said(text: str, start: float) -> tuple[Word, ...]:
    """A word every 0.3 s."""
    return tuple(Word(word, start + 0.3 * n, start + 0.3 * n + 0.25) for n, word in enumerate(text.split()))


def dialogues(human: str | None) -> list[tuple[Dialogue, str, str]]:
    found = []
    for number, line in enumerate(TOPICS):
        heard, reply = (part.strip() for part in line.split("|"))
        tracks = Person(said(heard, 0.0)), Person(said(human if human is not None else reply, 3.0))
        people = {"speaker": f"s{number}", "listener": "l"}
        found.append((Dialogue(f"d{number}", FPS, 16_000, *tracks, people), heard, reply))  # type: ignore[arg-type]
    return found


def value(answers: Callable[[str, str], str], count: int = len(TOPICS), human: str | None = None) -> float:
    """Relevance of what ``answers`` makes of what was heard and of a fitting reply, which is the human listener's
    unless ``human`` is.
    """
    parameters = load_protocol("strict").metrics["relevance"]
    pairs = [(Answer(said(answers(heard, reply), 3.0)), d) for d, heard, reply in dialogues(human)[:count]]
    planned = replace(parameters, plan=relevance.plan(pairs, parameters))  # type: ignore[misc, arg-type]
    return relevance.aggregate([relevance.sample(*pair, planned) for pair in pairs], planned)  # type: ignore[arg-type]


def function_words_out(text: str) -> str:
    return " ".join(word for word in text.split() if word not in STOPWORDS)


def test_who_names_what_goes_with_it_is_near_and_who_repeats_is_at_chance() -> None:
    assert value(lambda heard, reply: reply) > 0.8
    assert value(lambda heard, reply: heard) == 0.5  # nothing is left of a parrot
    assert value(lambda heard, reply: "") == 0.5
    assert value(lambda heard, reply: heard.upper().replace(" ", "- ") + "!") == 0.5
    assert value(lambda heard, reply: "the market is quite busy today") == pytest.approx(0.5, abs=0.05)
    assert value(lambda heard, reply: heard.replace("o", "оо").replace("a", "aaa")) == 0.5


def test_a_list_of_words_is_no_answer() -> None:
    assert value(lambda heard, reply: function_words_out(reply)) == 0.5


def test_nobody_is_nearer_than_people_are() -> None:
    away = "yes the one that never did"
    assert value(lambda heard, reply: reply, human=away) <= value(lambda heard, reply: away, human=away) < 0.7


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_bounded_area_lies_between_chance_and_the_humans_on_either_side(own: float, human: float) -> None:
    found = bounded(own, human)
    assert abs(found - 0.5) <= max(human - 0.5, 0.0)
    assert min(own, 0.5) <= found <= max(own, 0.5)
    assert bounded(1 - own, human) == pytest.approx(1 - found)  # chance stays where it is
    assert bounded(human, human) == max(human, 0.5)


def test_too_few_others_are_no_number() -> None:
    with pytest.raises(MetricError, match="too few turns of other people"):
        value(lambda heard, reply: reply, count=15)


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("Soup", False),
        ("soups?", False),
        ("soup's", False),
        ("boiling", False),
        ("canine", True),
        ("auto", False),  # a synonym of "cars"
        ("soupboil", False),  # glued
        ("sooup", False),  # misspelled
        ("sоup", False),  # with a Cyrillic o
        ("kitchen", True),
    ],
)
def test_what_of_an_answer_is_its_own(word: str, left: bool) -> None:
    speech = tokens(said("I boiled some soup near the cars", 0.0))
    assert bool(added(tokens([Word(word, 4.0, 4.4)]), speech, 1.0)) is left


def test_a_word_is_the_speakers_from_a_moment_before_it_is_begun() -> None:
    speech = tokens([Word("soup", 5.0, 5.5)])
    assert [bool(added([Token("soup", end - 0.3, end)], speech, 1.0)) for end in (3.9, 4.1, 9.0)] == [
        True,
        False,
        False,
    ]


@given(
    st.lists(st.sampled_from(["soup", "boiled", "cars", "autos", "the", "kitchens", "misspeled", "dog"])),
    st.integers(0, 8),
)
def test_nothing_that_was_said_is_left(words: list[str], cut: int) -> None:
    speech = tokens(said(" ".join(words[:cut]), 0.0))
    left = added(tokens(said(" ".join(words), 60.0)), speech, 1.0)
    assert not {base(token.text) for token in left} & said_by(speech)


def test_a_turn_without_news_counts_as_not_answered() -> None:
    turns = [Turn("d", "s", end, ("soup",), said_by(tokens(said("soup", 0.0)))) for end in (1.0, 5.0, 9.0)]
    answer = tokens([Word("kitchen", 1.5, 2.0), Word("soup", 5.5, 6.0), Word("garlic", 9.5, 10.0)])
    found = answers_so_far(turns, tokens(said("soup", 0.0)), answer, lead=1.0, window=100)
    assert found == [("kitchen",), (), ("kitchen", "garlic")]
