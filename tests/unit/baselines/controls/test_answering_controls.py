"""Controls that listen before they answer: reflex, echo, jukebox, and the mirror."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from baselines.controls import jukebox
from baselines.controls.echo import Echo, rarest
from baselines.controls.hearing import Ear
from baselines.controls.mirror import Mirror
from baselines.controls.reflex import Reflex
from baselines.controls.shelf import Shelf, answered, encode, shelf_of, store_shelf, stored_shelf
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, TRANSLATION_COLUMNS
from omnibench.responder import MODELS, ModelOptions, Session
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word

RATES = [Fraction(25), Fraction(30), Fraction(30000, 1001)]


def context(fps: Fraction = Fraction(25), rate: int = 16_000) -> DialogueContext:
    return DialogueContext("x", fps, rate, 0)


def loud_frames(fps: Fraction, seconds: float, *spans: tuple[float, float]) -> list[bool]:
    return [any(a <= index / fps < b for a, b in spans) for index in range(round(seconds * fps))]


def converse(
    session: Session, about: DialogueContext, loud: Iterable[bool], words: Iterable[Word] = ()
) -> list[ListenerFrame]:
    """A voice of random samples in the ``loud`` frames; the face's jaw is the frame's number."""
    draw, answers, waiting = np.random.default_rng(0), [], sorted(words, key=lambda word: word.end)
    for index, speaks in enumerate(loud):
        count = about.samples_before(index + 1) - about.samples_before(index)
        sound = draw.normal(0, 0.2, count).astype(np.float32) * speaks
        now = (index + 1) / about.fps
        ended = tuple(word for word in waiting if word.end <= now)
        waiting = waiting[len(ended) :]
        answers.append(session.step(SpeakerFrame(index, np.full(64, index / 1000, np.float32), sound, ended)))
    return answers


def heard(session_context: DialogueContext, answers: list[ListenerFrame]) -> np.ndarray:
    """What is played, from the dialogue's first sample on."""
    return np.concatenate([np.zeros(session_context.samples_before(1), np.float32), *(a.audio for a in answers)])


def said(answers: list[ListenerFrame]) -> list[Word]:
    return [word for answer in answers for word in answer.words]


@pytest.mark.parametrize("fps", RATES)
def test_reflex_answers_each_silence_after_a_fifth_of_a_second(fps: Fraction) -> None:
    """The first frame that lies 0.2 s behind the first quiet one; a closure of 0.15 s is no silence."""
    about = context(fps)
    loud = loud_frames(fps, 5, (0.5, 1.0), (1.15, 2.0), (3.0, 3.1))
    answers = converse(Reflex().open(about), about, loud)
    late = math.ceil(fps / 5)
    quiet = [i for i in range(1, len(loud)) if loud[i - 1] and not any(loud[i : i + late])]
    begins = [float((first + late) / fps) for first in quiet]
    assert len(begins) == 2
    assert [(word.text, word.start) for word in said(answers)] == [("Yeah.", begin) for begin in begins]
    sounding = np.flatnonzero(heard(about, answers)) / 16_000
    for word in said(answers):
        inside = sounding[(sounding > word.start - 0.2) & (sounding < word.end + 0.2)]
        assert inside[0] == pytest.approx(word.start, abs=0.02)
        assert inside[-1] == pytest.approx(word.end, abs=0.02)
    moving = [index + 1 for index, answer in enumerate(answers) if answer.face[EXPRESSION].any()]
    assert moving[0] == quiet[0] + late


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.04])
def test_the_ear_hears_a_stop_in_steady_noise(noise: float) -> None:
    draw, ear = np.random.default_rng(0), Ear(Fraction(25), speech=0.3, pause=0.6)
    stops = []
    for index, speaks in enumerate(loud_frames(Fraction(25), 8, (0.0, 2.0), (2.4, 4.0), (6.0, 7.0))):
        sound = draw.normal(0, 0.2, 640) * speaks + draw.normal(0, 1, 640) * noise
        if ear.hear(sound.astype(np.float32)):
            stops.append(index)
    assert stops == [114, 189]


def test_echo_asks_back_with_the_rarest_words_in_the_speakers_voice() -> None:
    about = context()
    words = [Word("The", 1.0, 1.2), Word("zebra,", 1.2, 1.6), Word("and", 1.6, 1.8), Word("Kilimanjaro.", 1.8, 2.4)]
    loud = loud_frames(about.fps, 6, (1.0, 2.4))
    draw = np.random.default_rng(0)
    spoken = np.concatenate([draw.normal(0, 0.2, 640).astype(np.float32) * speaks for speaks in loud])
    answers = converse(Echo().open(about), about, loud, words)
    asked = said(answers)
    assert [word.text for word in asked] == ["Really?", "zebra", "and", "Kilimanjaro?"]
    assert asked[0].start == pytest.approx(3.0)
    played = heard(about, answers)
    for source, word in zip([words[1], words[3]], [asked[1], asked[3]], strict=True):
        begin, there = round(word.start * 16_000), round(source.start * 16_000)
        middle = slice(1000, round((source.end - source.start) * 16_000) - 1000)
        np.testing.assert_array_equal(played[begin:][middle], spoken[there:][middle])
        jaw = answers[round((word.start + 0.1) * 25) - 1].face[25]
        assert jaw == pytest.approx((source.start + 0.1) * 25 / 1000, abs=0.0011)
    assert converse(Echo().open(about), about, loud)[-1].words == ()


def test_the_rarest_words_keep_their_order_and_are_no_common_ones() -> None:
    words = [Word(text, 0, 0) for text in ("A", "heron", "ate", "the", "heron", "--", "frog", "yesterday!")]
    counts = {"a": 90, "the": 80, "heron": 1, "ate": 2}
    chosen = rarest(words, counts, frozenset({"a", "the"}))
    assert [word.text for word in chosen] == ["frog", "yesterday!"]
    assert [word.text for word in rarest(words[:4], counts, frozenset({"a", "the"}))] == ["heron", "ate"]
    assert rarest(words[:1], counts, frozenset({"a", "the"})) == []


@pytest.mark.parametrize("fps", RATES)
def test_mirror_shows_the_face_one_frame_late(fps: Fraction) -> None:
    about = context(fps)
    answers = converse(Mirror().open(about), about, [True] * 20)
    assert [answer.face[25] for answer in answers] == pytest.approx([index / 1000 for index in range(20)])
    assert all(answer.audio is None and answer.words == () for answer in answers)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return stored_shelf(jukebox.STORED)


def test_the_stored_turns_are_those_of_minis_train_split(shelf: Shelf) -> None:
    mini = open_dataset("mini")
    pairs = [(d, *pair) for d in mini.dialogues("train") for pair in answered(d)]
    assert shelf.heard == tuple(text for _, text, _ in pairs)
    assert len(shelf.heard) == 194
    for number in (0, 100, 193):
        dialogue, _, words = pairs[number]
        reply = shelf.reply(number)
        assert reply.text == " ".join(word.text for word in words)
        first = round((words[0].start - reply.words[0].start) * dialogue.fps)
        np.testing.assert_array_equal(reply.face, dialogue.listener.face(first, first + len(reply.face)))
        offset = round(first * 16_000 / dialogue.fps)
        recorded = dialogue.listener.audio(offset, offset + len(reply.audio))
        assert np.corrcoef(reply.audio, recorded)[0, 1] > 0.95


@pytest.fixture(scope="module")
def model() -> jukebox.Jukebox:
    return MODELS.get("jukebox").build(ModelOptions())


def turn_of(text: str, start: float, end: float) -> list[Word]:
    parts = text.split()
    edges = np.linspace(start, end, len(parts) + 1)
    return [Word(part, float(a), float(b)) for part, a, b in zip(parts, edges[:-1], edges[1:], strict=True)]


def test_jukebox_replays_the_very_answer_to_a_train_turn(shelf: Shelf, model: jukebox.Jukebox) -> None:
    """At another frame and sample rate, after 0.6 s of quiet, with the head where it is."""
    number, about = 60, context(Fraction(30000, 1001), 24_000)
    expected = shelf.reply(number)
    loud = loud_frames(about.fps, 4 + expected.seconds, (0.5, 2.0))
    answers = converse(model.open(about), about, loud, turn_of(shelf.heard[number], 0.5, 2.0))
    begin = said(answers)[0].start - expected.words[0].start
    assert begin == pytest.approx(2.6, abs=0.07)
    assert " ".join(word.text for word in said(answers)) == expected.text
    frame = round(begin * about.fps) + 10
    source = int(10 * expected.fps / about.fps)
    shown = answers[frame - 1].face
    np.testing.assert_array_equal(shown[EXPRESSION], expected.face[source, EXPRESSION])
    np.testing.assert_array_equal(shown[list(ROTATION_COLUMNS)], expected.face[source, list(ROTATION_COLUMNS)])
    np.testing.assert_array_equal(shown[list(TRANSLATION_COLUMNS)], [0, 0, -40])
    first = about.samples_before(round(begin * about.fps))
    played = heard(about, answers)[first : first + round(expected.seconds * 24_000)]
    np.testing.assert_array_equal(played, expected.audio_at(24_000))


def test_jukebox_gives_the_floor_to_a_speaker_and_keeps_it_from_a_backchannel(
    shelf: Shelf, model: jukebox.Jukebox
) -> None:
    about, number = context(), max(range(len(shelf.heard)), key=lambda n: shelf.reply(n).seconds)
    whole = shelf.reply(number)
    turn = turn_of(shelf.heard[number], 0.0, 1.4)
    for spoken, finished in ((0.5, True), (1.5, False)):
        loud = loud_frames(about.fps, 3 + whole.seconds, (0.0, 1.4), (2.5, 2.5 + spoken))
        answers = converse(model.open(about), about, loud, turn)
        assert (len(said(answers)) == len(whole.words)) == finished
        if not finished:
            assert all(word.end < 2.5 + 0.7 for word in said(answers))
            assert not heard(about, answers)[round(3.25 * 16_000) :].any()


def test_a_train_turn_is_nearest_to_itself(shelf: Shelf, model: jukebox.Jukebox) -> None:
    asked = shelf.heard[::10]
    assert [shelf.heard[shelf.nearest(key)] for key in encode(asked)] == list(asked)


def test_a_shelf_of_other_data_is_stored_and_read_back(tmp_path: Path, model: jukebox.Jukebox) -> None:
    root = tmp_path / "data"
    write_dataset(root, ids=("a", "b"), seconds=3.0, split="train")
    options = ModelOptions(settings={"train": str(root)})
    other = MODELS.get("jukebox")
    assert other.fingerprint(ModelOptions()) is None
    assert other.fingerprint(options) == {"train": open_dataset(str(root)).manifest_hash("train")}
    made = shelf_of(open_dataset(str(root)), "train")
    store_shelf(made, tmp_path / "stored.json", source="here")
    again = stored_shelf(tmp_path / "stored.json")
    assert again.heard == made.heard
    np.testing.assert_array_equal(again.keys, made.keys)
    for number in range(len(made.heard)):
        assert again.reply(number).words == made.reply(number).words
        np.testing.assert_array_equal(again.reply(number).face, made.reply(number).face)
        assert len(again.reply(number).audio) == len(made.reply(number).audio)
    (root / "train" / "text" / "listener" / "a.json").write_text('{"text": "", "words": []}')
    (root / "train" / "text" / "listener" / "b.json").write_text('{"text": "", "words": []}')
    with pytest.raises(InputError, match="no listener answers a turn"):
        other.build(options)
