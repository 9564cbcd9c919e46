from __future__ import annotations

import json
import shutil
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset, write_vector, write_words

from omnibench.datasets.opening import open_dataset
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.errors import InputError, UsageError
from omnibench.media.audio import read_audio, write_wav
from omnibench.types import Word

NTSC = Fraction(30000, 1001)


def test_a_folder_is_read_as_it_was_written(synthetic: Path) -> None:
    data = open_dataset(str(synthetic))
    assert (data.splits(), data.ids("test")) == (("test",), ("a", "b", "c"))
    dialogue = data.dialogue("test", "b")
    assert (dialogue.fps, dialogue.sample_rate, dialogue.frames, dialogue.duration) == (25, 16_000, 50, 2.0)
    written = np.load(synthetic / "test/vector/listener/b.npy")
    face = dialogue.listener.face()
    assert written.dtype == np.float64
    assert face.dtype == np.float32
    assert np.array_equal(face, written.astype(np.float32))
    assert np.array_equal(dialogue.listener.face(10, 12), face[10:12])
    whole = read_audio(synthetic / "test/audio/speaker/b.wav")
    assert np.array_equal(dialogue.speaker.audio(100, 900), whole[100:900])
    assert dialogue.speaker.text == " ".join(word.text for word in dialogue.speaker.words)
    assert len(list(dialogue.speaker.images())) == 50


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), NTSC, Fraction(24000, 1001)])
def test_each_video_tells_its_own_frame_rate(tmp_path: Path, fps: Fraction) -> None:
    data = ResponseNetFolder(write_dataset(tmp_path, ids=("x",), fps=fps, sample_rate=22_050))
    assert (data.dialogue("test", "x").fps, data.dialogue("test", "x").sample_rate) == (fps, 22_050)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(25), Fraction(30), Fraction(60)])
def test_without_video_the_rate_comes_from_vectors_over_audio(tmp_path: Path, fps: Fraction) -> None:
    root = write_dataset(tmp_path, ids=("x",), fps=fps, modalities=("audio", "vector"))
    assert ResponseNetFolder(root).dialogue("test", "x").fps == fps


def test_without_video_the_manifest_knows_better(tmp_path: Path) -> None:
    people = {"x": {"speaker": "p", "listener": "q"}}
    root = write_dataset(tmp_path, ids=("x",), fps=NTSC, modalities=("audio", "vector"), persons=people)
    assert ResponseNetFolder(root).dialogue("test", "x").fps == NTSC


def test_text_and_vectors_alone_can_be_scored_and_say_what_is_missing(tmp_path: Path) -> None:
    data = ResponseNetFolder(write_dataset(tmp_path, ids=("x",), modalities=("text", "vector")))
    dialogue = data.dialogue("test", "x")
    assert dialogue.listener.text
    assert dialogue.frames == 50
    assert not dialogue.listener.has_audio
    assert not dialogue.listener.has_video
    assert dialogue.sample_rate == 16_000
    with pytest.raises(InputError, match=r"x: no video.*manifest\.json"):
        _ = dialogue.fps
    with pytest.raises(InputError, match=r"no video files.*it has: vector, text"):
        next(dialogue.listener.images())
    assert data.voice_reference("test", "x") is None
    assert data.portrait("test", "x") is None


def test_audio_that_fits_no_rate_is_refused(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",), modalities=("audio", "vector"))
    for role in ("speaker", "listener"):
        write_wav(root / f"test/audio/{role}/x.wav", np.zeros(50 * 16_000 // 40), 16_000)
    with pytest.raises(InputError, match=r"50 vectors over 1\.25 s.*manifest\.json"):
        _ = ResponseNetFolder(root).dialogue("test", "x").fps


def test_two_rates_in_one_dialogue_are_refused(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",))
    write_wav(root / "test/audio/listener/x.wav", np.zeros(16_000), 8_000)
    other = write_dataset(tmp_path / "other", ids=("x",), fps=Fraction(30))
    shutil.copy(other / "test/video/listener/x.mp4", root / "test/video/listener/x.mp4")
    dialogue = ResponseNetFolder(root).dialogue("test", "x")
    with pytest.raises(InputError, match=r"listener/x\.wav: 8000 Hz.*16000 Hz"):
        _ = dialogue.sample_rate
    with pytest.raises(InputError, match=r"listener/x\.mp4: 30 frames per second.*25"):
        _ = dialogue.fps


@pytest.mark.parametrize("suffix", [".flac", ".ogg"])
def test_other_audio_and_packed_vectors_are_accepted(tmp_path: Path, suffix: str) -> None:
    root = write_dataset(tmp_path, ids=("x",), audio_suffix=suffix, vector_suffix=".npz", vector_dtype=np.float16)
    dialogue = ResponseNetFolder(root).dialogue("test", "x")
    assert dialogue.listener.face().shape == (50, 64)
    assert len(dialogue.listener.audio(0, 640)) == 640


def test_sp1_folders_other_suffixes_hidden_files_and_extra_keys_are_passed_over(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",))
    shutil.copytree(root / "test/vector/speaker", root / "test/vector/sp1")
    (root / "test/text/speaker/notes.txt").write_text("hello")
    (root / "test/text/speaker/.x.json.tmp").write_text("{")
    (root / "test/text/sp1").mkdir()
    (root / "sp1").mkdir()
    assert "language" in json.loads((root / "test/text/speaker/x.json").read_text())
    data = ResponseNetFolder(root)
    assert (data.splits(), data.ids("test")) == (("test",), ("x",))


def test_splits_come_in_the_usual_order(tmp_path: Path) -> None:
    for split in ("test", "extra", "val", "train"):
        write_dataset(tmp_path, split, ids=("x",), modalities=("text",))
    assert ResponseNetFolder(tmp_path).splits() == ("train", "val", "test", "extra")


def test_the_manifest_gives_the_order(tmp_path: Path) -> None:
    ids = ("z", "b", "m")
    people = {i: {"speaker": "p", "listener": "q"} for i in ids}
    data = ResponseNetFolder(write_dataset(tmp_path, ids=ids, modalities=("text", "vector"), persons=people))
    assert data.ids("test") == ids
    assert data.dialogue("test", "m").identities == {"speaker": "p", "listener": "q"}


def test_an_empty_transcript_is_a_silent_person(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",))
    write_words(root / "test/text/listener/x.json", [])
    data = ResponseNetFolder(root)
    listener = data.dialogue("test", "x").listener
    assert (listener.text, listener.words) == ("", ())
    assert data.voice_reference("test", "x") is None


def test_the_hash_follows_content_and_order_not_the_place(tmp_path: Path) -> None:
    first = write_dataset(tmp_path / "one", ids=("a", "b"))
    second = write_dataset(tmp_path / "two", ids=("a", "b"))
    before = ResponseNetFolder(first).manifest_hash("test")
    assert len(before) == 64
    assert before == ResponseNetFolder(second).manifest_hash("test")
    vector = first / "test/vector/speaker/a.npy"
    write_vector(vector, np.load(vector) + 1e-6)
    assert ResponseNetFolder(first).manifest_hash("test") != before
    write_words(second / "test/text/listener/b.json", [Word("hm", 0.0, 0.1)])
    assert ResponseNetFolder(second).manifest_hash("test") != before


def test_the_voice_comes_from_the_persons_other_dialogues(tmp_path: Path) -> None:
    people = {
        "a": {"speaker": "p", "listener": "q"},
        "b": {"speaker": "q", "listener": "p"},
        "c": {"speaker": "r", "listener": "s"},
    }
    data = ResponseNetFolder(write_dataset(tmp_path, ids=tuple(people), persons=people, seconds=4))
    voice, own = data.voice_reference("test", "a") or (None, True)
    assert not own
    speaker = data.dialogue("test", "b").speaker
    span = speaker.audio(round(speaker.words[0].start * 16_000), round(speaker.words[-1].end * 16_000))
    assert voice is not None
    assert np.array_equal(voice, span)
    lone = data.voice_reference("test", "c")
    assert lone is not None
    assert lone[1]


def test_without_persons_the_own_clips_first_speech_is_flagged_and_short(tmp_path: Path) -> None:
    data = ResponseNetFolder(write_dataset(tmp_path, ids=("x",), seconds=12, modalities=("audio", "vector", "text")))
    voice, own = data.voice_reference("test", "x") or (np.zeros(0), False)
    assert own
    assert len(voice) == 3 * 16_000
    assert np.abs(voice).max() > 0.05
    wordless = write_dataset(tmp_path / "w", ids=("x",), seconds=12, modalities=("audio", "vector"))
    loud = ResponseNetFolder(wordless).voice_reference("test", "x")
    assert loud is not None
    assert np.sqrt(np.mean(loud[0] ** 2)) > 0.05


def test_portrait_and_initial_face_are_the_listeners_first(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("x",))
    vector = root / "test/vector/listener/x.npy"
    face = np.load(vector)
    face[:3] = np.nan
    write_vector(vector, face)
    data = ResponseNetFolder(root)
    assert np.array_equal(data.initial_face("test", "x"), face[3].astype(np.float32))
    assert np.array_equal(data.portrait("test", "x"), next(data.dialogue("test", "x").listener.images()))


def test_pictures_are_drawn_where_a_known_person_has_no_video(tmp_path: Path) -> None:
    people = {"x": {"speaker": "anna", "listener": "carl"}}
    root = write_dataset(tmp_path, ids=("x",), seconds=0.1, modalities=("vector", "text"), persons=people)
    data = ResponseNetFolder(root)
    listener = data.dialogue("test", "x").listener
    drawn = list(listener.images())
    assert not listener.has_video
    assert [image.shape for image in drawn] == [(256, 256, 3)] * listener.frames
    portrait = data.portrait("test", "x")
    assert portrait is not None
    assert np.array_equal(portrait, drawn[0])
    speaker = next(data.dialogue("test", "x").speaker.images())
    assert not np.array_equal(speaker, portrait)


def test_a_long_clip_is_never_in_memory(tmp_path: Path) -> None:
    seconds, rate = 863, 16_000
    for role in ("speaker", "listener"):
        for modality in ("vector", "audio"):
            (tmp_path / "test" / modality / role).mkdir(parents=True)
        np.save(tmp_path / f"test/vector/{role}/x.npy", np.ones((seconds * 30, 64)))
        write_wav(tmp_path / f"test/audio/{role}/x.wav", np.zeros(seconds * rate, np.float32), rate)
    tracemalloc.start()
    dialogue = ResponseNetFolder(tmp_path).dialogue("test", "x")
    assert dialogue.fps == 30
    for second in range(0, seconds, 100):
        assert len(dialogue.speaker.audio(second * rate, second * rate + 533)) == 533
        assert dialogue.speaker.face(second * 30, second * 30 + 1).shape == (1, 64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_unknown_names_are_usage_errors(synthetic: Path) -> None:
    data = open_dataset(str(synthetic))
    with pytest.raises(UsageError, match='no split "tset"; it has: test'):
        data.ids("tset")
    with pytest.raises(UsageError, match=r'Unknown test dialogue "aa"'):
        data.dialogue("test", "aa")
    with pytest.raises(UsageError, match=r'"minni".*Did you mean "mini"'):
        open_dataset("minni")


def test_other_folders_are_refused_with_a_hint(synthetic: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"this is one split: name its parent, .* --split test"):
        open_dataset(str(synthetic / "test"))
    with pytest.raises(InputError, match="not in ResponseNet layout: expected train"):
        open_dataset(str(tmp_path))
    with pytest.raises(InputError, match="no such folder"):
        open_dataset(str(tmp_path / "gone"))
    with pytest.raises(InputError, match="a file; expected a folder"):
        open_dataset(str(synthetic / "test/text/speaker/a.json"))
