"""The heard twins of the metrics of turns: recordings cut into dialogues whose numbers are known, and sounds that say
nothing. Whether a unit holds a word is a recogniser's matter; what follows from it is shown on units.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.features.sound import RATE
from omnibench.features.store import FeatureStore
from omnibench.features.turns import Unit, floor_of
from omnibench.metrics.base import METRICS, Parameters
from omnibench.metrics.given import GivenAnswer, GivenDialogue, GivenTrack
from omnibench.metrics.protocol import load_protocol
from omnibench.types import Word

SECONDS = 14
installed = pytest.mark.needs("recogniser")


@cache
def said(name: str, role: str, first: int, last: int) -> np.ndarray:
    """Words ``first`` to ``last`` of somebody in mini's val split, cut out of the recording."""
    track = getattr(open_dataset("mini").dialogue("val", name), role)
    start, end = track.words[first].start, track.words[last].end
    return np.asarray(track.audio(round(start * RATE), round(end * RATE)), np.float32)


def answer() -> np.ndarray:
    """``Can you grow anything else this year?``"""
    return said("mini-1002", "listener", 2, 8)


def track(*placed: tuple[float, np.ndarray]) -> np.ndarray:
    """Sounds at their seconds on a silent track."""
    samples = np.zeros(SECONDS * RATE, np.float32)
    for start, sound in placed:
        samples[round(start * RATE) : round(start * RATE) + len(sound)] += sound
    return samples


def hum(seconds: float) -> np.ndarray:
    """A closed mouth: harmonics of 120 Hz below one low formant."""
    time = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 120 * k * time) / (k * (1 + ((120 * k - 250) / 80) ** 2)) for k in range(1, 30))
    return (0.3 * voice / np.abs(voice).max()).astype(np.float32)


@dataclass
class Case:
    """A speaker who asks twice, ends at 3 and at 9 s, and a human who answers 0.5 s later; ``own`` is the model's."""

    folder: Path
    own: np.ndarray
    words: tuple[Word, ...] = ()
    rules: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> float:
        question = said("mini-1002", "speaker", 0, 5)
        ends = [3.0 - len(question) / RATE, 9.0 - len(question) / RATE]
        speaker = {"audio": (track(*((end, question) for end in ends)), RATE)}
        human = {"audio": (track((3.5, answer()), (9.5, answer())), RATE)}
        reference = GivenDialogue(
            "drawn", GivenTrack(speaker, "speaker"), GivenTrack(human, "human"), Fraction(25), float(SECONDS)
        )
        given = GivenAnswer({"audio": (self.own, RATE), "words": self.words, "text": ""}, "answer")
        metric = METRICS.get(name)
        values = {**load_protocol("strict").metrics[name].values, **self.rules}
        rules = Parameters("strict", values, FeatureStore(self.folder))
        return metric.aggregate([metric.sample(given, reference, rules)], rules)  # type: ignore[arg-type]


@installed
def test_an_answer_is_heard_when_it_sounds(tmp_path: Path) -> None:
    late = Case(tmp_path, track((4.0, answer()), (10.0, answer())))
    assert late.value("heard_answered_2s") == 1.0
    assert late.value("heard_unanswered") == 0.0
    assert late.value("heard_floor_transfer_offset") == pytest.approx(1.0, abs=0.06)
    assert late.value("heard_fto_wasserstein") == pytest.approx(0.5, abs=0.06)
    assert late.value("heard_response_delay") == pytest.approx(1.0, abs=0.06)
    assert late.value("heard_gap_rate") == pytest.approx(2 * 60 / SECONDS)
    assert late.value("heard_overlap_rate") == late.value("heard_backchannel_rate") == 0.0
    half = Case(tmp_path, track((4.0, answer())))
    # Corrected for chance: moved round the 14 s, the answer is in time for each turn for 3 s.
    chance = 3 / SECONDS
    assert half.value("heard_answered_2s") == pytest.approx((1 / 2 - chance) / (1 - chance), abs=0.04)
    assert half.value("heard_unanswered") == 0.5


@installed
@pytest.mark.parametrize("sound", ["silence", "hum", "tone", "noise"])
def test_what_holds_no_word_answers_nothing_whatever_its_words_claim(sound: str, tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    made = {
        "silence": 0 * time,
        "hum": hum(2.0),
        "tone": 0.3 * np.sin(2 * np.pi * 300 * time),
        "noise": 0.1 * np.random.default_rng(0).standard_normal(time.size),
    }[sound].astype(np.float32)
    claimed = tuple(Word("yes", start, start + 2.0) for start in (3.5, 9.5))
    assert Case(tmp_path, track((3.5, made), (9.5, made)), claimed).value("heard_answered_2s") == 0.0


def test_what_takes_no_recogniser_is_measured_without(tmp_path: Path) -> None:
    once = Case(tmp_path, track((4.0, answer())))
    assert once.value("heard_talk_ratio") == pytest.approx(0.5, abs=0.02)
    assert once.value("heard_false_speech") == 0.0
    # The windows end 2 s after the human: what is said from 13 s on lies outside of both.
    end = 9.5 + len(answer()) / RATE + 2.0
    wrong = Case(tmp_path, track((0.0, answer()), (end, answer()[: round((SECONDS - end) * RATE)])))
    assert wrong.value("heard_false_speech") > 0.5 * 60 / SECONDS


@pytest.mark.parametrize(("claimed", "error"), [(4.0, 0.0), (4.5, 0.5), (7.0, 2.0)])
def test_words_are_as_far_from_their_sound_as_they_claim(claimed: float, error: float, tmp_path: Path) -> None:
    words = tuple(Word("yes", start, start + 1.0) for start in (claimed, claimed + 6.0))
    case = Case(tmp_path, track((4.0, answer()), (10.0, answer())), words)
    assert case.value("word_time_error") == pytest.approx(error, abs=0.04)
    assert replace(case, own=track()).value("word_time_error") == 2.0


def test_a_voice_without_a_word_is_a_backchannel_where_it_is_as_short_as_one() -> None:
    speaker = [Unit(0.0, 10.0, 9)]
    short, long, word = Unit(2.0, 2.8, 0), Unit(4.0, 6.0, 0), Unit(9.5, 12.0, 1)
    found = floor_of(speaker, [short, long, word], 0.5, 1.0, 3)
    assert found.backchannels == (short,)
    assert found.turns == (word,)
    assert [transfer.offset for transfer in found.transfers] == [-0.5]
    late = Unit(10.5, 11.0, 0)
    assert floor_of(speaker, [late], 0.5, 1.0, 3).transfers == ()
