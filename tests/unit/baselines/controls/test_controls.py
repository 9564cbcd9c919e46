"""Controls: each answers what its name says, known beforehand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from baselines.controls.choose_reply import best_turn, shortest, turns
from baselines.controls.constant_reply import ConstantReplySession
from baselines.controls.frozen import Frozen
from baselines.controls.ground_truth import GroundTruth
from baselines.controls.ground_truth_rendered import GroundTruthRendered
from baselines.controls.metronome import Metronome
from baselines.controls.parrot import Parrot
from baselines.controls.recordings import Reply
from baselines.controls.shuffled_ground_truth import ShuffledGroundTruth, derangement
from baselines.controls.silence import Silence
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError
from omnibench.media.face import EXPRESSION
from omnibench.metrics.face.nods import nods
from omnibench.responder import MODELS, ModelOptions
from omnibench.runner.building import Model, open_sessions
from omnibench.runner.clock import PlayedFrame, Player
from omnibench.runner.context import make_context, opaque_id
from omnibench.runner.oracle import SplitOracle
from omnibench.types import DialogueContext, SpeakerFrame, Word, samples_before

NAMES = (
    "constant_reply",
    "echo",
    "frozen",
    "ground_truth",
    "ground_truth_rendered",
    "metronome",
    "mirror",
    "parrot",
    "reflex",
    "shuffled_ground_truth",
    "silence",
)
MIXED_RATES = {"a": Fraction(25), "b": Fraction(30), "c": Fraction(30000, 1001)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    root = tmp_path_factory.mktemp("mixed")
    for name, fps in MIXED_RATES.items():
        write_dataset(root, ids=(name,), fps=fps, seconds=3.0, seed=ord(name))
    return open_dataset(str(root))


def converse(data: DataSet, name: str, model: Model, seed: int = 0) -> tuple[Player, list[PlayedFrame]]:
    dialogue, played = data.dialogue("test", name), []
    player = Player(dialogue, make_context(data, "test", dialogue, seed), model.card, Transcript(), played.append)
    session = open_sessions(model, [player.context], SplitOracle(data, "test", seed))[0]
    while player.advance(session.step):
        pass
    session.close()
    return player, played


def faces(played: list[PlayedFrame]) -> np.ndarray:
    return np.stack([frame.face for frame in played])


def audio(played: list[PlayedFrame]) -> np.ndarray:
    return np.concatenate([frame.audio for frame in played])


@pytest.mark.parametrize("name", MIXED_RATES)
def test_ground_truth_is_the_recording_from_frame_1_on(data: DataSet, name: str) -> None:
    listener = data.dialogue("test", name).listener
    player, played = converse(data, name, GroundTruth())
    assert player.words == list(listener.words)
    np.testing.assert_array_equal(faces(played), listener.face())
    first = samples_before(1, MIXED_RATES[name], 16_000)
    np.testing.assert_array_equal(audio(played)[first:], listener.audio()[first : len(audio(played))])
    assert not audio(played)[:first].any()
    pictures = list(listener.images())
    assert all(np.array_equal(frame.image, pictures[frame.index]) for frame in played[1:])
    assert player.lateness.face == player.lateness.audio == player.lateness.image == 0


def test_rendered_ground_truth_shows_no_pictures(data: DataSet) -> None:
    _, played = converse(data, "a", GroundTruthRendered())
    assert all(frame.image is None for frame in played)
    np.testing.assert_array_equal(faces(played), data.dialogue("test", "a").listener.face())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [2, 3, 24])
def test_derangement_leaves_nobody_in_place(count: int, seed: int) -> None:
    order = derangement(count, seed)
    assert sorted(order) == list(range(count))
    assert all(order[i] != i for i in range(count))
    assert order == derangement(count, seed)


def test_one_dialogue_cannot_be_shuffled() -> None:
    with pytest.raises(InputError, match="two dialogues or more"):
        derangement(1, 0)


@pytest.mark.parametrize("name", MIXED_RATES)
def test_shuffled_truth_is_in_time_whatever_its_frame_rate(data: DataSet, name: str) -> None:
    """The words of the other dialogue's listener, at their own seconds, with the lips that go with them."""
    names = list(MIXED_RATES)
    other = data.dialogue("test", names[derangement(3, 0)[names.index(name)]])
    player, played = converse(data, name, ShuffledGroundTruth())
    own = data.dialogue("test", name)
    ends = [word.end for word in other.listener.words if word.end <= float(own.frames / own.fps)]
    assert [word.end for word in player.words] == ends
    moments = [int(frame.index * other.fps / own.fps) for frame in played]
    expected = other.listener.face()[np.minimum(moments, other.frames - 1)]
    np.testing.assert_array_equal(faces(played)[1:], expected[1:])


def test_silence_is_neutral_silent_and_wordless(data: DataSet) -> None:
    player, played = converse(data, "a", Silence())
    assert player.words == []
    assert not audio(played).any()
    assert len(audio(played)) == samples_before(player.frames, Fraction(25), 16_000)
    assert not faces(played)[1:, EXPRESSION].any()
    np.testing.assert_array_equal(faces(played)[1:, 52:], np.repeat(faces(played)[:1, 52:], player.frames - 1, axis=0))
    assert player.lateness.audio == 0


def test_frozen_is_a_photograph_without_a_voice(data: DataSet) -> None:
    _, played = converse(data, "b", Frozen())
    np.testing.assert_array_equal(faces(played), np.repeat(data.dialogue("test", "b").listener.face(0, 1), 90, axis=0))
    assert all(frame.audio is None for frame in played)


@pytest.mark.parametrize("name", MIXED_RATES)
def test_parrot_repeats_the_speaker_after_its_delay(data: DataSet, name: str) -> None:
    fps, speaker = MIXED_RATES[name], data.dialogue("test", name).speaker
    player, played = converse(data, name, Parrot(delay=0.5))
    late = -(-fps.numerator // (2 * fps.denominator))
    np.testing.assert_array_equal(faces(played)[late:], speaker.face()[: player.frames - late])
    voice = audio(played)[samples_before(late, fps, 16_000) :]
    np.testing.assert_array_equal(voice, speaker.audio()[: len(voice)])
    shifted = [word.end + float(late / fps) for word in speaker.words]
    assert [word.end for word in player.words] == pytest.approx([e for e in shifted if e <= player.frames / fps])


@pytest.mark.parametrize("name", MIXED_RATES)
def test_metronome_says_yeah_at_every_full_second(data: DataSet, name: str) -> None:
    """Its word, its voice and its nod come together, and nothing else does."""
    fps = MIXED_RATES[name]
    player, played = converse(data, name, Metronome())
    assert player.words == [Word("yeah", 1.0, 1.3), Word("yeah", 2.0, 2.3)]
    assert player.lateness.face == player.lateness.audio == 0
    loud = np.abs(audio(played)[:48_000]).reshape(-1, 800).max(axis=1) > 0.001
    assert np.flatnonzero(loud).tolist() == [*range(20, 26), *range(40, 46)]
    assert nods(faces(played), fps, 3.0) == pytest.approx([1.3, 2.3], abs=1.1 / float(fps))
    quiet = [frame.index for frame in played if frame.index / fps % 1 >= 0.3 or frame.index < fps]
    still = np.repeat(faces(played)[:1, EXPRESSION], len(quiet), axis=0)
    np.testing.assert_array_equal(faces(played)[quiet][:, EXPRESSION], still)
    assert np.ptp(faces(played)[:, 25]) > 0.05


def reply(fps: Fraction = Fraction(25)) -> Reply:
    face = np.zeros((10, 64), np.float32)
    face[:, 25] = np.linspace(0.1, 1, 10)
    return Reply((Word("I", 0.1, 0.15), Word("see.", 0.15, 0.35)), np.full(6400, 0.5, np.float32), 16_000, face, fps)


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30000, 1001)])
def test_constant_reply_waits_for_the_speaker_to_stop(fps: Fraction) -> None:
    """Speech 1 s, quiet 2 s, twice: two replies, each 0.6 s into the quiet, none before anybody spoke."""
    context = DialogueContext("x", fps, 16_000, 0)
    session, spoken, words, jaw = ConstantReplySession(context, reply()), [], [], []
    for index in range(int(7 * fps)):
        second = float(index / fps)
        loud = 1 <= second < 2 or 4 <= second < 5
        count = context.samples_before(index + 1) - context.samples_before(index)
        voice = np.full(count, 0.2 if loud else 0.0, np.float32)
        answer = session.step(SpeakerFrame(index, np.zeros(64, np.float32), voice))
        assert len(answer.audio) == context.samples_before(index + 2) - context.samples_before(index + 1)
        spoken.append(answer.audio)
        words += answer.words
        jaw.append(answer.face[25])
    heard = np.flatnonzero(np.concatenate(spoken))
    assert len(heard) == 2 * 6400
    begins = [heard[0], heard[6400]]
    np.testing.assert_allclose([b / 16_000 for b in begins], [2.6, 5.6], atol=0.08)
    assert [word.text for word in words] == ["I", "see.", "I", "see."]
    assert np.count_nonzero(jaw) == pytest.approx(2 * 0.4 * fps, abs=3)


def test_constant_reply_speaks_at_another_rate() -> None:
    assert len(reply().audio_at(24_000)) == 9600


def test_the_best_turn_is_the_one_that_fits_the_others() -> None:
    class Recording:
        def __init__(self, name: str, *words: Word) -> None:
            self.id, self.listener = name, self
            self.words = words

    said = [
        Recording("a", Word("no", 0, 1), Word("way", 1, 2), Word("really", 5, 6)),
        Recording("b", Word("I", 0, 1), Word("see", 1, 2)),
        Recording("c", Word("oh", 0, 1), Word("I", 1, 2), Word("see", 2, 3)),
    ]
    candidates = [turn for recording in said for turn in turns(recording)]
    assert [turn.text for turn in candidates] == ["no way", "really", "I see", "oh I see"]
    best, score = best_turn(candidates, {"a": "no way really", "b": "I see", "c": "oh I see"})
    assert best.text == "I see"
    assert score == pytest.approx(0.4)
    assert shortest(candidates, "really").dialogue == "a"
    with pytest.raises(InputError, match='None of the 4 listener turns is "yeah"'):
        shortest(candidates, "yeah")


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_registered_light_and_marked(name: str) -> None:
    entry = MODELS.get(name)
    assert entry.card.kind == "control"
    assert entry.card.name == name
    assert entry.build(ModelOptions()).card == entry.card


def test_opaque_ids_tell_nothing_and_differ_by_seed(data: DataSet) -> None:
    names = {opaque_id(name, seed) for name in data.ids("test") for seed in range(3)}
    assert len(names) == 9
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in names)


def test_contexts_hold_no_id_path_or_truth(data: DataSet, tmp_path: Path) -> None:
    dialogue = data.dialogue("test", "a")
    context = make_context(data, "test", dialogue, 0)
    assert context.dialogue == opaque_id("a", 0)
    assert str(data.root) not in repr(context)
    np.testing.assert_array_equal(context.initial_face, dialogue.listener.face(0, 1)[0])
