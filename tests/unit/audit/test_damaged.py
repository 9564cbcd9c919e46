"""What a condition does to a data set's speakers, counted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.audit.damaged import Reception, by_condition, errors_by_person, receive
from omnibench.audit.recognised import dialogues, main
from omnibench.conditions.catalogue import CONDITIONS
from omnibench.datasets.opening import open_dataset
from omnibench.metrics.text.word_error import WordErrors

LOW, HIGH, LOST = (CONDITIONS[name] for name in ("mute-low", "mute-high", "camera-lost-high"))


def test_frames_and_words_are_counted_without_a_recogniser_where_nothing_is_heard(tmp_path: Path) -> None:
    write_dataset(tmp_path, ids=("a",), seconds=12, fps=Fraction(10), modalities=("video", "vector", "text"))
    dialogue = open_dataset(str(tmp_path)).dialogue("test", "a")
    clean, high, lost = (receive(dialogue, condition) for condition in (None, HIGH, LOST))
    assert (clean.person, clean.errors, clean.frames) == ("a (speaker)", None, 120)
    assert (clean.other_faces, clean.withheld) == (0, 0)
    assert clean.words == len(dialogue.speaker.words)
    assert 0 < high.withheld < high.words == clean.words
    assert (high.other_faces, lost.other_faces, lost.withheld) == (0, 120, 0)


def test_a_table_pools_over_words_and_has_a_dash_for_what_is_left_alone() -> None:
    def one(condition: object, person: str, wrong: int, words: int, withheld: int = 0, faces: int = 0) -> Reception:
        heard = None if condition is LOST else WordErrors(wrong, 0, 0, words)
        return Reception(condition, person, heard, faces, 100, withheld, words)

    received = [
        one(None, "q02", 1, 40), one(LOW, "q02", 4, 40, 2), one(HIGH, "q02", 40, 40, 30), one(LOST, "q02", 0, 9, 0, 50),
        one(None, "q01", 0, 10), one(LOW, "q01", 1, 10, 0), one(HIGH, "q01", 2, 10, 10), one(LOST, "q01", 0, 9, 0, 99),
    ]  # fmt: skip
    assert by_condition(received)[2:] == [
        "| `clean` |  | 2.0 | – | – |",
        "| `mute` | low / high | 10.0 / 84.0 | – | 4.0 / 80.0 |",
        "| `camera-lost` | high | – | 74.5 | – |",
    ]
    assert errors_by_person(received) == [
        "| person | clean | mute-low | mute-high |",
        "|---|--:|--:|--:|",
        "| q01 | 0.0 | 10.0 | 20.0 |",
        "| q02 | 2.5 | 10.0 | 100.0 |",
    ]


def test_a_limit_takes_one_of_each_speaker_first() -> None:
    studio = open_dataset("studio")
    chosen = list(dialogues(studio, ["val"], 16))
    assert len({dialogue.identities["speaker"] for dialogue in chosen}) == 16
    assert [d.id for d in dialogues(studio, ["val"], None)] == list(studio.ids("val"))
    assert len({d.id for d in dialogues(studio, ["val"], 20)}) == 20


def test_a_condition_that_is_none_is_told_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mini", "--condition", "mute-hihg"]) == 2
    assert 'Did you mean "mute-high"?' in capsys.readouterr().err


def test_people_whom_nobody_names_are_heard_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_dataset(tmp_path, ids=("a",), seconds=1, modalities=("video", "vector", "text"))
    assert main([str(tmp_path), "--condition", "freeze-low", "--condition", "freeze-high"]) == 0
    printed = capsys.readouterr().out
    assert "1 dialogues, 1 speakers" in printed
    assert "| `freeze` | low / high |" in printed
