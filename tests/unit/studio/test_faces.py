"""The animator: layout, determinism, lip timing against sound, life, moods, nods and the geometry of head and gaze."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from omnibench.media.face import index_of, rotation, translation
from omnibench.studio.eyes import look_coefficients
from omnibench.studio.faces import animate
from omnibench.studio.motion import rotation_matrices
from omnibench.studio.people import PEOPLE
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance, Turn
from omnibench.studio.script import MOODS
from omnibench.studio.style import style_of
from omnibench.studio.voice import Phone
from omnibench.types import Word

JAW, SMILE, BLINK = index_of("jawOpen"), index_of("mouthSmileLeft"), index_of("eyeBlinkLeft")
LOUD = dict.fromkeys("AIOQWYaiuæɑɒɔəɛɜɪʊʌ", 1.0) | dict.fromkeys("lɹmnŋwj", 0.4) | dict.fromkeys("szfvðhθ", 0.08)
SPEECH = ["wi", "hit", "ðə", "skul", "wɪð", "wɔɹm", "wɔTəɹ", "fɹʌm", "ðə", "pWəɹ", "plænt", "nɛkst", "dɔɹ"]
TEXT = ["We", "heat", "the", "school", "with", "warm", "water", "from", "the", "power", "plant", "next", "door."]


def part(person: str, turns: list[tuple[float, str, str]], duration: float) -> Part:
    """A person who says ``SPEECH`` (kind "turn") or "Mm-hm." (kind "backchannel") at the given times.

    The sound is noise with the level of each phone; all pieces are as the voices make them.
    """
    rng = np.random.default_rng(5)
    audio = np.zeros(round(duration * SAMPLE_RATE))
    spoken: list[Turn] = []
    words: list[Word] = []
    phones: list[Phone] = []
    for start, mood, kind in turns:
        at = start
        pairs = zip(TEXT, SPEECH, strict=True) if kind == "turn" else [("Mm-hm.", "əmhəm")]
        texts = []
        for text, symbols in pairs:
            begin = at
            for symbol in symbols:
                length = 0.11 if symbol in "AIOQWYaiuæɑɒɔɛ" else 0.07
                phones.append(Phone(symbol, at, at + length))
                span = slice(round(at * SAMPLE_RATE), round((at + length) * SAMPLE_RATE))
                audio[span] = LOUD.get(symbol, 0.01) * rng.normal(0, 1500, len(audio[span]))
                at += length
            words.append(Word(text, begin, at))
            texts.append(text)
        spoken.append(Turn(start, at, mood, "turn" if kind == "turn" else "backchannel", " ".join(texts)))
    return Part(
        person, tuple(spoken), tuple(words), tuple(phones), np.round(np.clip(audio, -32767, 32767)).astype(np.int16)
    )


def performance(
    speaker: list[tuple[float, str, str]],
    listener: list[tuple[float, str, str]],
    duration: float = 12.0,
    mood: str = "neutral",
) -> Performance:
    """Two people of the train split at 25 frames a second."""
    return Performance(
        "talk-01", "teaching", mood, "train", Fraction(25), duration,
        part("anna", speaker, duration), part("brian", listener, duration),
    )  # fmt: skip


TALK = performance([(0.6, "neutral", "turn"), (6.4, "neutral", "turn")], [(2.0, "neutral", "backchannel")])


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30000, 1001)])
def test_layout(fps: Fraction) -> None:
    face = animate(TALK, "speaker", fps, 3)
    assert face.shape == (round(TALK.duration * fps), 64)
    assert face.dtype == np.float32
    assert np.isfinite(face).all()
    assert (face[:, 0] == 0).all()
    assert face[:, :52].min() >= 0
    assert face[:, :52].max() <= 1
    turns = rotation(face).astype(np.float64)
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (len(face), 1, 1)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(turns), 1.0, atol=1e-6)


def test_the_seed_decides_everything() -> None:
    first = animate(TALK, "listener", Fraction(25), 7)
    assert (first == animate(TALK, "listener", Fraction(25), 7)).all()
    assert (first != animate(TALK, "listener", Fraction(25), 8)).any()


@pytest.mark.parametrize("person", ["anna", "kevin"])
@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30)])
def test_lips_move_with_the_sound(person: str, fps: Fraction) -> None:
    talk = performance([(0.6, "neutral", "turn"), (6.4, "neutral", "turn")], [])
    side = Part(person, talk.speaker.turns, talk.speaker.words, talk.speaker.phones, talk.speaker.audio)
    talk = Performance(talk.slug, talk.topic, talk.mood, talk.split, fps, talk.duration, side, talk.listener)
    jaw = animate(talk, "speaker", fps, 1)[:, JAW]
    times = (np.arange(len(jaw)) + 0.5) / float(fps)
    level = np.sqrt(np.convolve(side.audio.astype(float) ** 2, np.ones(400) / 400, "same"))
    speaks = (times > 0.5) & (times < side.turns[-1].end + 0.1)
    lags = np.arange(-0.3, 0.301, 0.01)
    match = [
        np.corrcoef(jaw[speaks], np.interp(times[speaks] - lag, np.arange(len(level)) / SAMPLE_RATE, level))[0, 1]
        for lag in lags
    ]
    assert max(match) > 0.6
    assert abs(lags[int(np.argmax(match))]) <= 1 / float(fps)


@pytest.mark.parametrize("person", [person.id for people in PEOPLE.values() for person in people])
def test_a_silent_listener_is_alive(person: str) -> None:
    talk = performance([(0.6, "neutral", "turn")], [], duration=20.0)
    silent = Part(person, (), (), (), np.zeros_like(talk.listener.audio))
    talk = Performance(talk.slug, talk.topic, talk.mood, talk.split, talk.fps, talk.duration, talk.speaker, silent)
    face = animate(talk, "listener", talk.fps, 2)
    shut = face[:, BLINK] > 0.8
    blinks = int((np.diff(shut.astype(int)) == 1).sum())
    assert 3 <= blinks <= 14
    turned = np.degrees(
        np.arccos(np.clip((np.trace(rotation(face)[0].T @ rotation(face), axis1=1, axis2=2) - 1) / 2, -1, 1))
    )
    assert turned.max() > 3
    assert turned.max() < 30
    moved = translation(face)
    assert moved.std(axis=0).min() > 0.1
    assert np.abs(moved - moved.mean(axis=0)).max() < 5
    assert face[:, JAW].max() < 0.05
    assert face[:, :52].std(axis=0).max() > 0.05


def test_nothing_jitters() -> None:
    face = animate(TALK, "speaker", Fraction(25), 4)
    head = rotation(face).astype(np.float64)
    step = np.degrees(np.arccos(np.clip((np.einsum("tij,tij->t", head[1:], head[:-1]) - 1) / 2, -1, 1)))
    assert step.max() < 3.5
    acceleration = np.diff(translation(face).astype(np.float64), n=2, axis=0)
    assert np.abs(acceleration).max() < 0.35


@pytest.mark.parametrize(
    ("mood", "marks"),
    [
        ("happy", "mouthSmileLeft"),
        ("amused", "cheekSquintRight"),
        ("sad", "mouthFrownLeft"),
        ("worried", "browInnerUp"),
        ("surprised", "eyeWideLeft"),
        ("serious", "browDownRight"),
    ],
)
def test_a_mood_shows_and_the_listener_mirrors_it_softly_and_later(mood: str, marks: str) -> None:
    plain = performance([(4.0, "neutral", "turn")], [])
    moody = performance([(4.0, mood, "turn")], [])
    column = index_of(marks)
    shown, mirrored = (
        animate(moody, role, Fraction(25), 5)[:, column] - animate(plain, role, Fraction(25), 5)[:, column]
        for role in ("speaker", "listener")
    )
    assert shown[:80].max() < 0.05
    assert shown.max() > 0.3
    assert 0.05 < mirrored.max() < shown.max()
    assert np.flatnonzero(mirrored > 0.03)[0] - np.flatnonzero(shown > 0.03)[0] >= 10


def test_backchannels_come_with_a_nod() -> None:
    nodding, still = (
        performance([(0.6, "neutral", "turn")], turns) for turns in ([(2.0, "neutral", "backchannel")], [])
    )
    looks_down = [
        -np.degrees(np.arcsin(rotation(animate(talk, "listener", Fraction(25), 6))[:, 1, 2]))
        for talk in (nodding, still)
    ]
    during = slice(46, 66)
    assert np.ptp(looks_down[0][during]) > np.ptp(looks_down[1][during]) + 3


def test_every_person_has_a_style_of_their_own() -> None:
    styles = [style_of(person.id) for people in PEOPLE.values() for person in people]
    assert len(set(styles)) == len(styles)
    assert style_of("anna") == style_of("anna")


def test_eyes_turn_both_to_the_same_side_and_against_the_head() -> None:
    looks = look_coefficients(
        np.array([[10.0, 0.0], [0.0, -8.0], [0.0, 0.0]]), np.array([[0.0, 0, 0], [0, 0, 0], [5.0, -10, 0]])
    )
    left = {name: looks[:, index_of(name)] for name in ("eyeLookOutLeft", "eyeLookInRight")}
    right = {name: looks[:, index_of(name)] for name in ("eyeLookInLeft", "eyeLookOutRight")}
    for values in left.values():
        assert values[0] > 0.2
        assert values[2] > 0.2
    assert all((values == 0).all() for values in right.values())
    assert looks[1, index_of("eyeLookDownLeft")] == looks[1, index_of("eyeLookDownRight")] > 0.1
    assert looks[2, index_of("eyeLookUpLeft")] > 0.1


def test_angles_mean_what_they_say() -> None:
    """MediaPipe's camera space: x right in the picture, y up, z to the camera; the person's left is +x."""
    forward = np.array([0.0, 0.0, 1.0])
    down, left, _ = rotation_matrices(np.array([[20.0, 0, 0], [0, 20.0, 0], [0, 0, 20.0]])) @ forward
    assert down[1] < -0.3
    assert left[0] > 0.3
    crown = rotation_matrices(np.array([[0, 0, 20.0]]))[0] @ np.array([0.0, 1.0, 0.0])
    assert crown[0] < -0.3


def test_moods_are_those_of_the_scripts() -> None:
    for mood in MOODS:
        assert animate(performance([(0.6, mood, "turn")], [], mood=mood), "speaker", Fraction(25), 1).shape == (300, 64)


@pytest.mark.parametrize("person", ["anna", "kevin"])
def test_a_nod_without_a_word_moves_the_head_and_not_the_lips(person: str) -> None:
    def face(*turns: Turn) -> np.ndarray:
        side = Part(person, turns, (), (), np.zeros(10 * SAMPLE_RATE, np.int16))
        talk = Performance("n", "talk", "neutral", "train", Fraction(25), 10.0, TALK.speaker, side)
        return animate(talk, "listener", Fraction(25), 3)

    still, nodding = face(), face(Turn(4.0, 4.95, "neutral", "nod", "[nod]"))
    pitch = [np.degrees(np.arctan2(f[:, 2, 1], f[:, 2, 2])) for f in (rotation(still), rotation(nodding))]
    assert np.ptp((pitch[1] - pitch[0])[100:124]) > 6
    assert nodding[:, JAW].max() < 0.05


def test_faces_follow_the_planned_power_where_there_is_one() -> None:
    side = TALK.speaker
    silent = replace(side, audio=np.zeros_like(side.audio))
    blocks = np.pad(side.audio.astype(float) ** 2, (40, 80))
    planned = replace(silent, power=blocks[: len(blocks) // 80 * 80].reshape(-1, 80).mean(axis=1))
    heard, blind, told = (
        animate(replace(TALK, speaker=part), "speaker", Fraction(25), 7) for part in (side, silent, planned)
    )
    np.testing.assert_array_equal(told, heard)
    assert (blind != heard).any()
