"""The human listener's own answers are recognised however they are dressed up; honest ones are left alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from submission_factory import write_run

from leaderboard.judging.fingerprints import bit_error, fingerprint, nearest_copy, same_answer, sound_of
from leaderboard.judging.suspicion import examine, foreseen_words
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.media.audio import read_audio, write_wav
from omnibench.predictions.folder import Predictions
from omnibench.types import Word

RATE = 16_000


def speech(seed: int, seconds: float = 6.0) -> np.ndarray:
    """A voice-like sound: a gliding buzz through changing formants, in bursts."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 40 * np.sin(2 * np.pi * rng.uniform(0.3, 0.8) * time + rng.uniform(0, 6))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    syllables = np.interp(time, np.arange(0, seconds + 0.2, 0.2), rng.uniform(0, 1, round(seconds / 0.2) + 1))
    sound = np.zeros_like(time)
    for harmonic in range(1, 25):
        weights = rng.uniform(0, 1, round(seconds / 0.25) + 2)
        sound += np.interp(time, np.arange(len(weights)) * 0.25, weights) * np.sin(harmonic * phase) / harmonic
    return (0.2 * syllables * sound).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Two dialogues of six seconds with voices that differ."""
    root = write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b"), seconds=6.0)
    for number, name in enumerate(("a", "b")):
        for offset, role in enumerate(("speaker", "listener")):
            write_wav(root / "test" / "audio" / role / f"{name}.wav", speech(10 * number + offset), RATE)
    return open_dataset(str(root))


@pytest.fixture
def copied(data: DataSet, tmp_path: Path) -> Path:
    """The human listeners' answers as a run."""
    assert data.root is not None
    return write_run(tmp_path / "run", data.root)


def spoken(text: str, start: float) -> list[Word]:
    return [Word(word, start + 0.3 * i, start + 0.3 * i + 0.2) for i, word in enumerate(text.split())]


def kinds(run: Path, data: DataSet, online: bool = True) -> set[str]:
    return {flag["kind"] for flag in examine(Predictions(run), data, "test", online).flags}


def test_the_ground_truth_itself(copied: Path, data: DataSet) -> None:
    found = examine(Predictions(copied), data, "test", online=True)
    assert {flag["kind"] for flag in found.flags} >= {
        "copies_ground_truth_text",
        "copies_ground_truth_audio",
        "copies_ground_truth_face",
    }
    assert all(flag["dialogues"] == ["a", "b"] for flag in found.flags if flag["kind"].startswith("copies"))
    assert set(found.fingerprints) == {"a", "b"}


def test_honest_answers_raise_no_flag(copied: Path, data: DataSet) -> None:
    _make_honest(copied)
    assert kinds(copied, data) == set()


def test_a_louder_later_noisier_copy_is_still_one(copied: Path, data: DataSet) -> None:
    _make_honest(copied)
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        human = data.dialogue("test", name).listener.audio()
        late = np.concatenate([np.zeros(6_000, np.float32), human])[: len(human)]
        write_wav(copied / "audio" / f"{name}.wav", 0.4 * late + rng.normal(0, 1e-3, len(late)), RATE)
    assert kinds(copied, data) == {"copies_ground_truth_audio"}


def test_a_face_that_stands_still(copied: Path, data: DataSet) -> None:
    _make_honest(copied)
    for path in (copied / "vector").iterdir():
        face = np.load(path)
        np.save(path, np.repeat(face[:1], len(face), axis=0))
    assert kinds(copied, data) == {"frozen_face"}


def test_the_speakers_sound_before_the_speaker_makes_it(copied: Path, data: DataSet) -> None:
    _make_honest(copied)
    for name in ("a", "b"):
        speaker = data.dialogue("test", name).speaker.audio()
        early = np.concatenate([np.zeros(1_000, np.float32), speaker[17_000:], np.zeros(16_000, np.float32)])
        write_wav(copied / "audio" / f"{name}.wav", early, RATE)
    assert kinds(copied, data) == {"precedes_cause"}
    assert kinds(copied, data, online=False) == set()


def test_sound_in_the_very_first_frame(copied: Path, data: DataSet) -> None:
    _make_honest(copied)
    for path in (copied / "audio").iterdir():
        write_wav(path, np.where(np.arange(6 * RATE) < 600, 0.1, read_audio(path)), RATE)
    assert kinds(copied, data) == {"precedes_cause"}


def test_words_are_foreseen_only_before_they_are_said() -> None:
    heard = spoken("we sold the house last spring", 3.0)
    early = spoken("You sold the house last spring?", 1.0)
    late = [Word(w.text, w.start + 5, w.end + 5) for w in early]
    assert "sold the house last spring" in str(foreseen_words(early, heard))
    assert foreseen_words(late, heard) is None
    assert foreseen_words(early[:4], heard) is None


def test_other_sounds_differ_in_about_half_of_the_bits() -> None:
    errors = [bit_error(sound_of(speech(a), RATE), sound_of(speech(a + 50), RATE)) for a in range(5)]
    assert all(error is not None and 0.35 < error < 0.65 for error in errors)
    best = nearest_copy(speech(1), RATE, speech(2), RATE, (-2.0, 2.0))
    assert best is not None
    assert best[0] > 0.3


def test_the_lag_of_a_copy_is_found() -> None:
    original = speech(3)
    later = np.concatenate([np.zeros(8_000, np.float32), original])
    found = nearest_copy(later, RATE, original, RATE, (-1.0, 1.0))
    assert found is not None
    assert found[0] < 0.05
    assert abs(found[1] - 0.5) < 0.03


def test_a_fingerprint_survives_its_file() -> None:
    said = "well I think we should go home now"
    kept = json.loads(json.dumps(fingerprint(said, (speech(4), RATE), np.ones((5, 64)))))
    again = fingerprint("Well, I think we should go home now.", (0.5 * speech(4), RATE), np.ones((5, 64)))
    other = fingerprint("no", (speech(5), RATE), np.zeros((5, 64)))
    assert same_answer(kept, again, 6) == ["text", "sound", "face"]
    assert same_answer(kept, other, 6) == []
    assert same_answer(kept, fingerprint(None, None, None), 6) == []


def _make_honest(run: Path) -> None:
    """Answers of nobody: other words at other times, another voice, other movements."""
    rng = np.random.default_rng(7)
    shutil.rmtree(run / "text")
    (run / "text").mkdir()
    for number, name in enumerate(("a", "b")):
        words = [{"text": f"w{number}{i}", "start": 0.6 + i * 0.61, "end": 0.8 + i * 0.61} for i in range(8)]
        content = {"text": " ".join(word["text"] for word in words), "words": words}
        (run / "text" / f"{name}.json").write_text(json.dumps(content))
        voice = speech(100 + number)
        voice[:1_000] = 0
        write_wav(run / "audio" / f"{name}.wav", voice, RATE)
        path = run / "vector" / f"{name}.npy"
        face = np.load(path)
        np.save(path, face + np.cumsum(rng.normal(0, 0.01, face.shape), axis=0))
