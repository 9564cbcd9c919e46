"""Other people's answers: read from plain text, timed from where the real answer starts, kept from models."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.alternatives import read_alternatives
from omnibench.errors import InputError
from omnibench.studio.alternatives import act_replies, answered_turns, read_replies
from omnibench.studio.difficulty import difficulty_of
from omnibench.studio.performance import Part, Performance, Turn
from omnibench.studio.script import SCRIPTS, parse_scripts, read_scripts
from omnibench.studio.voice import Utterance
from omnibench.types import Word

(SCRIPT,) = parse_scripts(
    "== one | talk | happy\nS +0: Good morning.\nL @1: Mm.\nL +0.2: And you?\nL +1: Well?\nS +0: Um, fine-- fine.\n"
    "L @1: [nod]\nL +0: Good.\n",
    "test",
    "x",
)
SPOKEN = {
    "speaker": (Turn(0.5, 1.5, "happy", "turn", "Good morning."), Turn(6.0, 7.0, "happy", "turn", "Um, fine-- fine.")),
    "listener": (
        Turn(1.0, 1.2, "happy", "backchannel", "Mm."),
        Turn(1.7, 2.5, "happy", "turn", "And you?"),
        Turn(4.0, 4.5, "happy", "turn", "Well?"),
        Turn(6.2, 6.2, "happy", "nod", "[nod]"),
        Turn(6.9, 7.5, "happy", "turn", "Good."),
    ),
}
PARTS = {role: Part(role, turns, (), (), np.zeros(0, np.int16)) for role, turns in SPOKEN.items()}
PERFORMANCE = Performance("one", "talk", "happy", "test", Fraction(25), 10.0, PARTS["speaker"], PARTS["listener"])


def test_answers_follow_the_speakers_turns() -> None:
    assert [(pair.turn, pair.answer) for pair in answered_turns(SCRIPT)] == [(0, 2), (4, 6)]


def test_replies_are_read_acted_and_read_back(tmp_path: Path) -> None:
    (tmp_path / "anna.txt").write_text("# a comment\n== one\n1 (sad): Not so well.\n2: Fine?\n")
    (tmp_path / "boris.txt").write_text("== one\n2: Oh.\n")
    replies = read_replies(tmp_path, [SCRIPT])["one"]
    assert [(reply.writer, reply.line.mood) for reply in replies[1]] == [("anna", "sad")]

    def say(text: str, mood: str) -> Utterance:
        return Utterance(np.zeros(16000, np.float32), (Word(text, 0.1, 0.9),), ())

    act_replies(tmp_path, "a", SCRIPT, PERFORMANCE, replies, say)
    first, second = read_alternatives(tmp_path, "a")
    assert (first.turn.end, first.answer.start, second.answer.start) == (1.5, 1.7, 6.9)
    assert first.replies[0].words[0].start == pytest.approx(1.8)
    assert [reply.text for reply in second.replies] == ["Fine?", "Oh."]
    assert read_alternatives(tmp_path, "b") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("== two\n1: Yes.", 'alternatives/a.txt:1: no dialogue "two"'),
        ("1: Yes.", "alternatives/a.txt:1: expected `== slug`"),
        ("== one\n3: Yes.", "no answered turn 3"),
        ("== one\n1: Yes.\n1: No.", "no answered turn 1 that is still open"),
        ("== one\n1 (cross): Yes.", 'unknown mood "cross"'),
    ],
)
def test_mistakes_are_told_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(InputError, match=said):
        read_replies(tmp_path, [SCRIPT])


def test_a_damaged_file_is_told_by_field(tmp_path: Path) -> None:
    folder = tmp_path / "alternatives"
    folder.mkdir()
    answer = {"turn": {"start": 2, "end": 1}, "answer": {"start": 0, "end": 1}, "replies": []}
    (folder / "a.json").write_text(json.dumps({"answers": [answer]}))
    with pytest.raises(InputError, match=r"answers\.0\.turn"):
        read_alternatives(tmp_path, "a")


def test_how_hard_a_dialogue_is() -> None:
    found = difficulty_of(SCRIPT, PERFORMANCE)
    assert found == {
        "overlap": 0.01 + 0.02,
        "backchannels": 12.0,
        "disfluency": 33.33,
        "level": "hard",
    }


def test_every_answered_turn_of_studio_has_two_more_answers() -> None:
    scripts = read_scripts(SCRIPTS / "studio", ("val", "test"))
    replies = read_replies(SCRIPTS / "studio" / "alternatives", scripts)
    for script in scripts:
        if script.split == "test":
            asked = range(1, len(answered_turns(script)) + 1)
            assert {n: len(replies[script.slug][n]) for n in asked} == dict.fromkeys(asked, 2), script.slug
