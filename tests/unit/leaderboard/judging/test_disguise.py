"""Ground truth in disguise is found over a split; honest answers, other people's replies and single hits are not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from disguises import FACES, SOUNDS, WORDS

from leaderboard.judging import disguise
from leaderboard.judging.alike_faces import face_likeness
from leaderboard.judging.alike_sound import bands_of, sound_likeness
from leaderboard.judging.disguise import Alikeness, Comparison, Kind, Level
from leaderboard.judging.shared_words import rarity_among, shared_information
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue

FOUND = 4
"""Dialogues of mini's val split that are compared here; all of them by tests/benchmarks/bench_disguised_truth.py."""


@pytest.fixture(scope="module")
def mini() -> DataSet:
    return open_dataset("mini")


@pytest.fixture(scope="module")
def dialogues(mini: DataSet) -> list[Dialogue]:
    return [mini.dialogue("val", name) for name in mini.ids("val")[:FOUND]]


def _reached(kind: Kind, likenesses: list[float | None], level: int) -> bool:
    return all(likeness is not None and likeness >= kind.levels[level].value for likeness in likenesses)


@pytest.mark.parametrize("title", ["one in 5 replaced", "one in 7 replaced", "reordered", "30% deleted"])
def test_words_in_disguise(mini: DataSet, dialogues: list[Dialogue], title: str) -> None:
    rarity = rarity_among(dialogue.listener.text for dialogue in mini.dialogues("val"))
    found = [
        shared_information(
            " ".join(WORDS[title](d.listener.text.split(), np.random.default_rng(i))),
            d.listener.text,
            d.speaker.text,
            rarity,
        )
        for i, d in enumerate(dialogues)
    ]
    assert _reached(disguise.WORDS, found, 0)


@pytest.mark.parametrize("title", ["speed x 1.06", "tempo x 0.87", "pitch +3 semitones", "noise at 5 dB", "1 s late"])
def test_sound_in_disguise(dialogues: list[Dialogue], title: str) -> None:
    found = []
    for number, d in enumerate(dialogues[:3]):
        human, draw = d.listener.audio(), np.random.default_rng(number)
        other = SOUNDS[title](human.astype(float), d.sample_rate, d.listener.words, draw)[: len(human)]
        found.append(sound_likeness(bands_of(other, d.sample_rate), bands_of(human, d.sample_rate)))
    assert _reached(disguise.SOUND, found, 0)


@pytest.mark.parametrize(
    "title", ["smooth noise of 0.25 sd", "white noise of 0.5 sd", "2 s late", "scaled, a third upside down",
              "only the mouth", "only the head", "pace x 1.06"]
)  # fmt: skip
def test_faces_in_disguise(dialogues: list[Dialogue], title: str) -> None:
    found = []
    for number, d in enumerate(dialogues):
        human, fps = d.listener.face(), float(d.fps)
        other = FACES[title](human.astype(float), fps, np.random.default_rng(number)).astype(np.float32)
        found.append(face_likeness(other, human, fps))
    assert _reached(disguise.FACES, found, 0)


def test_other_peoples_replies_are_not_alike(mini: DataSet, dialogues: list[Dialogue]) -> None:
    rarity = rarity_among(dialogue.listener.text for dialogue in mini.dialogues("val"))
    for one, other in pairwise(dialogues[:3]):
        found = disguise.alike(
            disguise.person_of(one), disguise.person_of(other), other.speaker.text, float(other.fps), rarity
        )
        for kind in disguise.KINDS:
            assert found[kind.flag] < kind.levels[1].value


def test_words_of_the_speaker_and_small_words_prove_nothing() -> None:
    replies = ["Hm. Wow, pumpkins and cherries and barley?", "Hm. No.", "Hm. Really?", "Hm. I see.", "Wow. I see."]
    rarity = rarity_among(replies)
    alone = shared_information("pumpkins barley", replies[0], "", rarity)
    echoed = shared_information("pumpkins barley", replies[0], "we grow pumpkins and barley", rarity)
    small = shared_information("Hm. Wow.", replies[0], "", rarity)
    assert alone is not None
    assert echoed is None
    assert small is not None
    assert small < alone / 2
    assert shared_information("Hm.", "Hm.", "", rarity) is None
    assert shared_information("", replies[0], "", rarity) is None


KIND = Kind("shares_ground_truth_words", "Alike", (Level(0.5, 0.02), Level(0.4, 0.05)))


def _answers(alike: int, of: int, value: float = 0.6) -> Alikeness:
    return Alikeness(KIND, {f"d{i}": value if i < alike else 0.1 for i in range(of)})


@pytest.mark.parametrize(
    ("alike", "of", "raised"),
    [(24, 24, True), (6, 24, True), (4, 24, False), (2, 2, False), (3, 3, True), (1, 140, False)],
)
def test_a_split_is_flagged_where_chance_cannot_do_it(alike: int, of: int, raised: bool) -> None:
    flag = _answers(alike, of).flag()
    assert (flag is not None) == raised
    if flag is not None:
        assert flag["dialogues"] == [f"d{i}" for i in range(alike)]
        assert f"in {alike} of {of} dialogues the likeness is 0.50 or more" in flag["message"]


def test_a_lower_level_takes_more_dialogues() -> None:
    assert _answers(24, 24, 0.45).flag() is not None
    assert _answers(6, 24, 0.45).flag() is None


def test_levels_are_higher_where_people_are_alike_among_themselves() -> None:
    assert Alikeness(KIND, {f"d{i}": 0.6 for i in range(24)}, [0.58, 0.59, 0.6]).flag() is None


def test_what_cannot_be_compared_is_said() -> None:
    assert _answers(0, 2).check() == "not looked for: 2 dialogues can be compared, and it takes 3"
    assert _answers(0, 3).check() == "checked"


def test_long_dialogues_are_compared_in_pieces() -> None:
    """Two minutes at 25 frames per second, three per cent slower: the end is 3.6 s late."""
    draw = np.random.default_rng(0)
    human = np.cumsum(draw.normal(size=(3000, 64)), axis=0).astype(np.float32)
    slower = FACES["pace x 0.94"](human.astype(float), 25.0, draw)
    likeness, other = (face_likeness(f, human, 25.0) for f in (slower, human[::-1]))
    assert likeness is not None
    assert likeness > 0.9
    assert other is not None
    assert other < 0.55


def test_lost_faces_and_silence_are_no_evidence(dialogues: list[Dialogue], tmp_path: Path) -> None:
    human = dialogues[0].listener.face().copy()
    lost = human.copy()
    lost[20:60] = np.nan
    assert face_likeness(human, lost, 25.0) is not None
    assert face_likeness(np.zeros_like(human), human, 25.0) is None
    quiet, speech = np.zeros((400, 22)), bands_of(dialogues[0].listener.audio(), dialogues[0].sample_rate)
    assert sound_likeness(quiet, speech) is None
    assert sound_likeness(speech, quiet) is None
    comparison = Comparison(open_dataset("mini"), "val")
    (tmp_path / "text").mkdir()
    comparison.add(Predictions(tmp_path).sample(dialogues[0].id), dialogues[0])
    assert comparison.flags() == []
    assert set(comparison.checks()) == {kind.flag for kind in disguise.KINDS}
