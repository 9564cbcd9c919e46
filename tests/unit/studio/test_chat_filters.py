"""What becomes of people's written chat: how it is written out, what is refused and why, and how it is acted."""

from __future__ import annotations

import pytest

from omnibench.studio.chat.acting import SHORTEST, act, pieces, seconds_of
from omnibench.studio.chat.corpus import Conversation, Said
from omnibench.studio.chat.filters import Counts, kept_of, sayable
from omnibench.studio.chat.laws import laws, slots
from omnibench.studio.chat.wording import joined, spoken
from omnibench.studio.script import parse_scripts

pytestmark = pytest.mark.needs("studio")

TALK = (
    "hey whats ur favorite movie",
    "i really like star wars!!! and i watch it every summer with my two brothers, its sooo good",
    "oh nice haha, we went to the beach last summer and it was really hot",
    "thats cool, did u swim a lot? i love the sea and the long evenings there :)",
    "yeah every day, and then we had ice cream with 3 friends from school",
    "sounds like a perfect day to me, i would like to do that again sometime soon",
    "wow you should, the water is so warm and there is nobody there in the morning",
    "lol",
    "ok i will ask my brothers, they always want to go somewhere else in the end",
)
LEAKS = frozenset({("went", "to", "the", "market", "again")})


def _conversation(*texts: str, people: int = 2) -> Conversation:
    turns = tuple(Said(number % 2, (text,)) for number, text in enumerate(texts))
    return Conversation("0123456789ab-test", people, turns)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("im 12!! dont u know that :)", "I'm twelve! Don't you know that?"),
        ("WHAT a day lol", "What a day."),
        ("its fun & i paid $1,500", "It's fun and I paid one thousand five hundred dollars."),
        ("born in 1984 or 2007", "Born in nineteen eighty four or two thousand seven."),
        ("id say the cat hurt its tail", "I'd say the cat hurt its tail."),
        ("hahaha :D", ""),
        ("the 21st, 50% off", "The twenty first, fifty percent off."),
        ("hi there:)", "Hi there."),
        ("some r&b", "Some rhythm and blues."),
    ],
)  # fmt: skip
def test_a_message_is_written_out_as_it_would_be_said(typed: str, said: str) -> None:
    assert spoken(typed, lambda word: True) == said


def test_messages_that_mend_and_go_on_are_joined() -> None:
    assert joined(["why note", "not*", "I like the", "sea", "Bye", "Bye"]) == ["why not", "I like the sea", "Bye"]
    assert joined(["Did you liek it there?", "Did you like it there?"]) == ["Did you like it there?"]


def test_what_is_kept_can_be_said_in_both_accents() -> None:
    assert sayable("They enjoyed a well-known movie, didn't they?")
    assert not any(map(sayable, ("My xqzt is good.", "Well ... yes.", "I 8 it.")))


def test_a_clean_conversation_is_kept_whole_and_laughter_is_not_said() -> None:
    counts = Counts()
    kept = kept_of(_conversation(*TALK), frozenset(), counts)
    assert kept is not None
    (stretch,) = kept.stretches
    assert stretch[0].text == "Hey what's your favorite movie?"
    assert [turn.person for turn in stretch] == [0, 1, 0, 1, 0, 1, 0], "two turns around laughter are one"
    assert counts.turns["nothing said"] == 1


@pytest.mark.parametrize(
    ("text", "rule", "answers"),
    [
        ("mail me at a.b@c.com", "personal data", 1),
        ("are you a chatbot", "the experiment and its medium", 1),
        ("i met kevin there", "a person's given name", 1),
        ("it is near provo", "the writers' school, church and place", 1),
        ("i was born there", "birth and age", 1),
        ("i'm only 21 you know", "birth and age", 1),
        ("i think nobody else is on", "the experiment and its medium", 1),
        ("we had seminary this morning", "the writers' school, church and place", 1),
        ("he is a minority there", "health, death and descent", 1),
        ("i am pretty conservative", "politics", 1),
        ("we should go on a date", "courtship", 1),
        ("my xqzt is good", "words without a pronunciation", 0),
        ("word " * 46, "more than 45 words", 0),
        ("and then i saw the.", "unfinished sentences", 0),
        ("that's. so nice of you", "unfinished sentences", 0),
        ("i like that one. for", "unfinished sentences", 0),
        ("you went to the market again", "a run of 5 words of a val or test script", 0),
    ],
)
def test_a_turn_is_taken_out_with_the_answer_to_what_it_says(text: str, rule: str, answers: int) -> None:
    counts = Counts()
    kept = kept_of(_conversation(*TALK[:4], text, *TALK[3:7]), LEAKS, counts)
    assert kept is not None
    assert [len(stretch) for stretch in kept.stretches] == ([4] if answers else [4, 4])
    assert (counts.turns[rule], counts.turns["answers to what is taken out"]) == (1, answers)


def test_what_was_sent_before_the_other_turn_was_read_is_taken_out_alone() -> None:
    conversation = _conversation(*TALK[:4], "oh i meant the other one", *TALK[3:7])
    turns = list(conversation.turns)
    turns[4] = Said(turns[4].person, turns[4].messages, crossed=True)
    counts = Counts()
    kept = kept_of(Conversation("0123456789ab-test", 2, tuple(turns)), LEAKS, counts)
    assert kept is not None
    assert [len(stretch) for stretch in kept.stretches] == [4, 4]
    assert counts.turns["sent before the other's turn was read"] == 1


def test_what_crossed_is_told_by_the_time_that_typing_takes() -> None:
    from omnibench.studio.chat.corpus import conversations

    chat = next(chat for chat in conversations() if chat.id.startswith("053c85bb"))
    crossed = [turn.messages[0] for turn in chat.turns if turn.crossed]
    assert "But I guess you could steal one since everyone is gone now" in crossed, "58 characters in a second"
    assert "Exactly." not in crossed, "8 characters in a second"


@pytest.mark.parametrize(
    ("conversation", "rule"),
    [
        (_conversation(*TALK, people=1), "not two people"),
        (_conversation(*TALK[:5]), "fewer than 6 turns"),
        (_conversation(*TALK, "oh shit"), "rudeness"),
        (_conversation(*TALK, "people suck"), "rudeness"),
        (_conversation(*["qzx xqz"] * 9), "more than 30 % of turns cannot be read aloud"),
    ],
)
def test_a_conversation_is_refused_whole(conversation: Conversation, rule: str) -> None:
    counts = Counts()
    assert kept_of(conversation, LEAKS, counts) is None
    assert counts.conversations[rule] == 1


def test_a_piece_is_acted_in_the_grammar_of_scripts_and_the_same_each_time() -> None:
    kept = kept_of(_conversation(*TALK), frozenset(), Counts())
    assert kept is not None
    (piece,) = pieces(kept)
    assert seconds_of(piece.turns) >= SHORTEST
    acted = [act(piece, f"slug-{number}") for number in range(20)]
    assert acted == [act(piece, f"slug-{number}") for number in range(20)]
    assert {script.lines[0].role for script in acted} == {"speaker", "listener"}
    lines = [line for script in acted for line in script.lines]
    assert {line.text for line in lines if line.is_backchannel} > {"[nod]"}, "said and nodded"
    assert {line.gap for line in lines} <= {*laws().after_question, *laws().after_statement, 0.0}
    for script in acted:
        marks = [f"@{line.after_word}" if line.is_backchannel else f"{line.gap:+}" for line in script.lines]
        written = [
            f"{line.role[0].upper()} {mark}: {line.text}" for line, mark in zip(script.lines, marks, strict=True)
        ]
        assert len(parse_scripts("\n".join([f"== {script.slug} | talk | happy", *written]), "train", "x")[0].lines)


def test_slots_are_ends_of_clauses_inside_a_turn() -> None:
    assert slots(("Well,", "I", "was", "at", "home,", "and", "slept.")) == [5]
