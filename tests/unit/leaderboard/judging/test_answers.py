"""Words, sound, lips and voices of answers: constructed cases with known figures, and six attacks on real people."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from forged_answers import ATTACKS, write_answers

from leaderboard.judging.answers import Answers
from leaderboard.judging.other_words import Texts
from leaderboard.judging.recordings import Recordings
from leaderboard.judging.sound_and_words import Delay, unheard, wordless
from leaderboard.judging.voices import Voices
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.types import Word

NAMES = open_dataset("mini").ids("val")[:10]


@pytest.mark.parametrize(
    ("voice", "lost"),
    [([], 2), ([(0.0, 9.0)], 0), ([(1.9, 2.0)], 1), ([(2.2, 3.2)], 0), ([(2.3, 3.1)], 2)],
)
def test_words_without_a_voice_near_them(voice: list[tuple[float, float]], lost: int) -> None:
    """A voice may be three quarters of a second before or after a word."""
    assert unheard([Word("a", 1.0, 1.5), Word("b", 3.9, 4.0)], voice) == lost


def test_the_energy_of_a_sound_without_words() -> None:
    """Two bursts of the same energy: one said, the other not; what is no voice is wordless wherever it is."""
    level = np.zeros(1001)
    level[100:200] = level[700:800] = 0.1
    said = [Word("well", 1.0, 2.0)]
    assert wordless(level, said, [(1.0, 2.0), (7.0, 8.0)]) == pytest.approx(0.5)
    assert wordless(level, said, []) == 1.0
    assert wordless(level, [*said, Word("yes", 7.0, 8.0)], [(1.0, 2.0), (7.0, 8.0)]) == 0.0
    # A room's noise, 40 dB below, weighs a hundredth of a thousandth of a second's speech, however long it lasts.
    share = wordless(np.maximum(level, 0.004), [*said, Word("yes", 7.0, 8.0)], [(1.0, 2.0), (7.0, 8.0)])
    assert share is not None
    assert share < 0.01
    assert wordless(np.zeros(1001), said, []) is None


@pytest.mark.parametrize("lag", [-1.5, -0.5, 0.0, 0.5, 1.5])
def test_a_constant_lag_is_found_with_its_sign(lag: float) -> None:
    draw, found = np.random.default_rng(0), Delay.none()
    for _ in range(6):
        starts = 2.0 + np.cumsum(draw.uniform(0.6, 2.0, 8))
        words = [Word("a", float(start), float(start) + 0.4) for start in starts]
        found.add(words, [(word.start + lag, word.end + lag) for word in words], 22.0)
    where, there, straight = found.found()
    assert where == pytest.approx(lag, abs=0.021)
    assert there > 0.9
    assert (there > straight + 0.2) == (lag != 0)
    assert Delay.none().found() == (0.0, 0.0, 0.0)


def test_words_of_another_dialogue_and_words_that_are_hard_to_hear() -> None:
    """Exchanged words are as near to any dialogue's; half-heard ones are nearest to their own, and are let alone."""
    said = [" ".join(np.random.default_rng(seed).choice(list("abcdefghij"), 12)) for seed in range(8)]
    own, exchanged, mumbled = Texts(), Texts(), Texts()
    for place, text in enumerate(said):
        own.add(str(place), text, text)
        exchanged.add(str(place), text, said[(place + 1) % 8])
        mumbled.add(str(place), text, " ".join(w if i % 3 == 0 else "zzz" for i, w in enumerate(text.split())))
    assert (own.error_rate(), own.nearer_than_others()) == (0.0, 1.0)
    assert exchanged.error_rate() > 0.6
    assert exchanged.nearer_than_others() == pytest.approx(0.5, abs=0.15)
    assert mumbled.error_rate() == pytest.approx(2 / 3)
    assert mumbled.nearer_than_others() > 0.7
    assert own.unlooked() is None
    few = Texts()
    few.add("a", "mm-hm, five words are not enough", "")
    assert "it takes 50" in str(few.unlooked())


def test_a_recording_is_found_where_it_is_played_and_the_listeners_own_is_left_out() -> None:
    mini = open_dataset("mini")
    recordings = Recordings.of(mini, "val")
    dialogue = mini.dialogue("val", NAMES[0])
    sound = dialogue.listener.audio()
    late = np.concatenate([np.zeros(12_345, np.float32), 0.3 * sound])
    played = recordings.played(late, dialogue.sample_rate, NAMES[1])
    assert played is not None
    assert played.recording == f"{NAMES[0]} (listener)"
    assert played.differ < 0.1
    assert played.later == pytest.approx(12_345 / dialogue.sample_rate, abs=0.0125)
    own = recordings.played(late, dialogue.sample_rate, NAMES[0])
    assert own is None or own.differ > 0.25


def _voices(mine: list[int], references: list[int]) -> Voices:
    """Unit vectors of people 0 to 3, who are nothing like one another."""
    people = np.eye(4, dtype=np.float32)
    names = [str(place) for place in range(len(mine))]
    return Voices(
        {name: people[who] for name, who in zip(names, mine, strict=True)},
        {name: (f"p{who}", people[who]) for name, who in zip(names, references, strict=True)},
    )


def test_voices_of_the_references_of_others_and_of_ones_own() -> None:
    people = [0, 1, 2, 0, 1, 2]
    assert _voices(people, people).flag() is None
    flag = _voices([1, 2, 0, 1, 2, 0], people).flag()
    assert flag is not None
    assert (flag["kind"], len(flag["dialogues"])) == ("another_voice", 6)
    assert _voices(people, people).margins() == dict.fromkeys("012345", 1.0)
    # One voice of its own, which is nobody's, is what a model may have.
    assert _voices([3] * 6, people).flag() is None
    assert "one voice" in _voices([3] * 6, people).check()
    assert "it takes 6" in _voices(people[:5], people[:5]).check()


@cache
def _fresh() -> Answers:
    return Answers(open_dataset("mini"), "val")


def _looked(folder: Path) -> Answers:
    found, answers = _fresh().afresh(), Predictions(folder)
    for name in NAMES:
        found.add(answers.sample(name), found.dataset.dialogue("val", name))
    return found


def _kinds(found: Answers) -> set[str]:
    return {str(flag["kind"]) for flag in found.flags()}


@pytest.mark.parametrize(
    ("attack", "kind"),
    [
        ("silent", "said_without_sound"),
        ("noise", "sound_without_words"),
        ("other_voice", "plays_a_recording"),
        ("delayed", "sound_off_words"),
        ("frozen_lips", "lips_off_sound"),
    ],
)
def test_an_attack_on_people_is_flagged(attack: str, kind: str, tmp_path: Path) -> None:
    folder = write_answers(tmp_path / "run", open_dataset("mini"), "val", NAMES, ATTACKS[attack])
    assert kind in _kinds(_looked(folder))


@pytest.mark.needs("recogniser")
def test_words_of_other_dialogues_are_flagged(tmp_path: Path) -> None:
    folder = write_answers(tmp_path / "run", open_dataset("mini"), "val", NAMES, ATTACKS["swapped"])
    assert "sound_says_other_words" in _kinds(_looked(folder))


def test_people_are_not_flagged_with_or_without_a_part(tmp_path: Path) -> None:
    """A model without words, sound or face claims none, and is told so."""
    folder = write_answers(tmp_path / "run", open_dataset("mini"), "val", NAMES, ATTACKS["none"])
    whole = _looked(folder)
    assert whole.flags() == []
    assert whole.checks()["lips_off_sound"] == whole.checks()["said_without_sound"] == "checked"
    for part, kind, reason in (
        ("text", "sound_without_words", "claims no words"),
        ("vector", "lips_off_sound", "without a face"),
        ("audio", "said_without_sound", "without sound"),
    ):
        shutil.copytree(folder, tmp_path / part)
        shutil.rmtree(tmp_path / part / part)
        found = _looked(tmp_path / part)
        assert found.flags() == []
        assert reason in found.checks()[kind]
