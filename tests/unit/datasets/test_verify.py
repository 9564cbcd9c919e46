from __future__ import annotations

import json
import shutil
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset, write_vector, write_words
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from omnibench.datasets.checks import FileChecker, Problem, is_rotation
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.verify import verify
from omnibench.files.hashing import file_sha256
from omnibench.media.audio import read_audio, write_wav
from omnibench.types import Word

VECTOR, AUDIO, TEXT = "test/vector/listener/x.npy", "test/audio/speaker/x.wav", "test/text/speaker/x.json"


def problems(root: Path) -> list[Problem]:
    data = ResponseNetFolder(root)
    return verify(data, data.splits(), lambda _: None)


def only(root: Path) -> Problem:
    found = problems(root)
    assert len(found) == 1, found
    return found[0]


def change_face(root: Path, change: Callable[[np.ndarray], np.ndarray]) -> Path:
    write_vector(root / VECTOR, change(np.load(root / VECTOR)))
    return root


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("pristine"), ids=("x",))


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "data")


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30000, 1001)])
def test_a_valid_folder_has_no_problems(tmp_path: Path, fps: Fraction) -> None:
    assert problems(write_dataset(tmp_path, fps=fps)) == []


@pytest.mark.parametrize("modalities", [("text", "vector"), ("text",), ("vector",), ("audio", "vector")])
def test_fewer_modalities_are_no_problem(tmp_path: Path, modalities: tuple[str, ...]) -> None:
    assert problems(write_dataset(tmp_path, modalities=modalities)) == []


def test_everything_wrong_is_listed_at_once(tmp_path: Path) -> None:
    root = write_dataset(tmp_path, ids=("a", "x"))
    (root / "test/video/speaker/a.mp4").unlink()
    write_vector(root / VECTOR, np.zeros((50, 63)))
    (root / AUDIO).write_bytes(b"RIFF")
    (root / TEXT).write_text("")
    found = problems(root)
    assert {p.file for p in found} == {"test/video/speaker/a.mp4", VECTOR, AUDIO, TEXT}
    assert all(p.severity == "error" for p in found)


def test_lost_faces_are_a_warning_with_count_and_first_frame(root: Path) -> None:
    def lose(face: np.ndarray) -> np.ndarray:
        face[7, 3] = np.nan
        face[9] = np.inf
        face[10] = 0
        return face

    found = only(change_face(root, lose))
    assert (found.severity, found.field) == ("warning", "[7]")
    assert found.message == (
        "the face is lost in 3 of 50 frames (NaN, infinity or zeros alone); the last one seen is held"
    )


@pytest.mark.parametrize("gone", [np.nan, -np.inf, 0.0])
def test_a_face_that_was_never_seen_is_an_error(root: Path, gone: float) -> None:
    found = only(change_face(root, lambda face: face * 0 + gone))
    assert found.severity == "error"
    assert "no face in any of its 50 frames" in found.message


def test_a_skewed_head_is_a_warning(root: Path) -> None:
    def skew(face: np.ndarray) -> np.ndarray:
        face[20:, 53] += 0.5
        return face

    found = only(change_face(root, skew))
    assert (found.severity, found.field) == ("warning", "[20]")
    assert "not orthogonal up to scale in 30 frames of 50" in found.message


def test_a_uniform_scale_is_fine(root: Path) -> None:
    def scale(face: np.ndarray) -> np.ndarray:
        face[:, [52, 53, 54, 56, 57, 58, 60, 61, 62]] *= 3.7
        return face

    assert problems(change_face(root, scale)) == []


def test_column_major_transforms_are_recognised(root: Path) -> None:
    def transpose(face: np.ndarray) -> np.ndarray:
        face[:, 52:] = face[:, 52:].reshape(-1, 3, 4).transpose(0, 2, 1).reshape(-1, 12)
        return face

    assert "look like column-major" in only(change_face(root, transpose)).message


def test_transform_before_the_blendshapes_is_recognised(root: Path) -> None:
    messages = [p.message for p in problems(change_face(root, lambda face: np.roll(face, 12, axis=1)))]
    assert any("columns 0-11 look like the head transform" in message for message in messages)
    assert any("blendshapes outside [0, 1]" in message for message in messages)


def test_word_times_are_checked_one_by_one(root: Path) -> None:
    items = [
        {"text": "one", "start": 0.5, "end": 0.4},
        {"text": "two", "start": 0.2, "end": 0.3},
        {"text": 3, "start": 0.6, "end": 0.7},
        {"text": "four", "start": "soon", "end": 0.7},
        {"text": "five", "start": 0.8},
        "six",
    ]
    (root / TEXT).write_text(json.dumps({"text": "one two", "words": items}))
    found = problems(root)
    assert [p.field for p in found if p.severity == "error"] == [
        "words[0].end",
        "words[1].start",
        "words[2].text",
        "words[3].start",
        "words[4].end",
        "words[5].text",
    ]
    assert "out of order" in found[1].message


@pytest.mark.parametrize(
    ("content", "field"),
    [('{"words": []}', "text"), ('{"text": ""}', "words"), ("[]", ""), ('{"text": "a", "wor', ""), ('"\\ud800', "")],
)
def test_text_files_without_their_fields_are_errors(root: Path, content: str, field: str) -> None:
    (root / TEXT).write_text(content)
    found = only(root)
    assert (found.severity, found.file, found.field) == ("error", TEXT, field)


def test_words_past_the_end_are_a_warning(root: Path) -> None:
    write_words(root / TEXT, [Word("ok", 0.1, 2.05), Word("late", 2.0, 2.5), Word("later", 3.0, 3.1)])
    found = only(root)
    assert (found.severity, found.field) == ("warning", "words[1].end")
    assert "2 words do" in found.message


def test_text_that_is_not_its_words_is_a_warning(root: Path) -> None:
    (root / TEXT).write_text(json.dumps({"text": "hello", "words": [{"text": "bye", "start": 0, "end": 1}]}))
    assert (only(root).severity, only(root).field) == ("warning", "text")


@pytest.mark.parametrize(("frames", "warned"), [(48, False), (47, True)])
def test_two_frames_of_difference_are_allowed(root: Path, frames: int, warned: bool) -> None:
    found = problems(change_face(root, lambda face: face[:frames]))
    assert [p.field for p in found] == (["length"] if warned else [])
    assert not warned or "more than 2 frames apart" in found[0].message


def test_different_rates_of_the_two_people_are_errors(root: Path) -> None:
    write_wav(root / AUDIO, np.zeros(2 * 8_000), 8_000)
    found = only(root)
    assert (found.severity, found.field) == ("error", "rate")
    assert "16000 Hz, expected the speaker's 8000" in found.message


def test_a_manifest_is_held_against_the_files(tmp_path: Path) -> None:
    people = {i: {"speaker": "p", "listener": "q"} for i in ("a", "b")}
    root = write_dataset(tmp_path, ids=("a", "b"), persons=people)
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["splits"]["test"][0]["fps"] = 30
    manifest["splits"]["test"][1]["id"] = "c"
    (root / "manifest.json").write_text(json.dumps(manifest))
    found = problems(root)
    listed = [p.message for p in found if p.file == "manifest.json"]
    assert listed == ['"b" has files but is not listed: it is never played']
    assert sum(p.file.endswith("/c.json") for p in found) == 2
    assert sum("the manifest says 30" in p.message for p in found) == 2


def test_frozen_files_must_be_the_ones_that_were_frozen(root: Path) -> None:
    names = ("text/speaker/x.json", "vector/listener/x.npy", "audio/speaker/gone.wav")
    entry = {
        "id": "x",
        "sha256": {name: file_sha256(root / "test" / name) for name in names[:2]} | {names[2]: "ab" * 32},
    }
    (root / "manifest.json").write_text(json.dumps({"splits": {"test": [entry]}}))
    assert [(p.file, p.message) for p in problems(root)] == [(f"test/{names[2]}", "missing: manifest.json lists it")]
    change_face(root, lambda face: face + 1e-9)
    assert [(p.file, p.field) for p in problems(root)] == [(VECTOR, "sha256"), (f"test/{names[2]}", "")]


def test_two_files_for_one_are_an_error(root: Path) -> None:
    (root / AUDIO).with_suffix(".flac").write_bytes(b"")
    assert (only(root).severity, only(root).file) == ("error", AUDIO)
    assert "x.wav and x.flac are both there; expected one of them" in only(root).message


def test_audio_with_nan_and_empty_files_are_errors(root: Path) -> None:
    samples = read_audio(root / AUDIO)
    samples[5] = np.nan
    soundfile.write(str(root / AUDIO), samples, 16_000, subtype="FLOAT")
    assert only(root).severity == "error"
    assert "NaN or infinity in sample 5" in only(root).message
    write_wav(root / AUDIO, np.zeros(0), 16_000)
    assert any(p.message.startswith("no samples") for p in problems(root))


def test_no_vector_rows_is_an_error(root: Path) -> None:
    assert any(p.message.startswith("no frames") for p in problems(change_face(root, lambda face: face[:0])))


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    face = np.zeros((60_000, 64))
    face[:, [52, 57, 62]] = 1.0
    np.save(path, face)
    tracemalloc.start()
    assert FileChecker(tmp_path).vector(path) is not None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < face.nbytes / 2


@given(
    arrays(np.float64, (3,), elements=st.floats(-3, 3)),
    st.floats(0.01, 100),
)
def test_every_scaled_rotation_passes_and_its_mirror_fails(turn: np.ndarray, scale: float) -> None:
    matrix = scale * Rotation.from_rotvec(turn).as_matrix()[None]
    assert is_rotation(matrix.astype(np.float32)).all()
    assert not is_rotation(-matrix).any()
    assert not is_rotation(np.zeros((1, 3, 3))).any()
