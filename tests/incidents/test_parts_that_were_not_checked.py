"""Answers whose files were there and were passed over or measured as they were: a number came out, or a dash with exit
code 0, where sound was of another length, a video of another rate, or files lay one folder deeper.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset

from omnibench.api.scored import score
from omnibench.cli import main
from omnibench.errors import InputError
from omnibench.media.video import VideoWriter

PARTS = ("text", "audio", "vector", "video")
METRICS = {"text": "rouge_l", "audio": "dnsmos", "vector": "fd", "video": "fvd_mini", "timing": "step_p50"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("checked") / "data", ids=("a", "b", "c"), seconds=2)


@pytest.fixture
def answers(root: Path, tmp_path: Path) -> Path:
    for part in PARTS:
        shutil.copytree(root / "test" / part / "listener", tmp_path / "answers" / part)
    (tmp_path / "answers/timing").mkdir()
    for name in "abc":
        np.savez(tmp_path / f"answers/timing/{name}.npz", step_seconds=np.full(50, 0.01))
    return tmp_path / "answers"


def sound(samples: np.ndarray, rate: int = 16_000) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        soundfile.write(folder / "audio/b.wav", samples, rate, subtype="FLOAT")

    return write


def face(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        np.save(folder / "vector/b.npy", change(np.load(folder / "vector/b.npy")))

    return write


def pictures(frames: int, fps: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with VideoWriter(folder / "video/b.mp4", Fraction(fps), (64, 64)) as writer:
            for shade in range(frames):
                writer.write(np.full((64, 64, 3), 4 * shade, np.uint8))

    return write


def words(*said: tuple[str, float, float], text: str = "") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        items = [{"text": word, "start": start, "end": end} for word, start, end in said]
        content = {"text": text or " ".join(word for word, _, _ in said), "words": items}
        (folder / "text/b.json").write_text(json.dumps(content))

    return write


def steps(seconds: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: np.savez(folder / "timing/b.npz", step_seconds=seconds)


SILENCE = np.zeros(32_000, np.float32)
SPOILT = np.where(np.arange(32_000) == 7, np.nan, SILENCE)


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("audio", sound(SPOILT), "NaN or infinity in sample 7; every sample has to be finite"),
        ("audio", sound(SILENCE[:16_000]), "1.000 s, expected 2.000 s to within a frame"),
        ("audio", sound(np.zeros(64_000)), "4.000 s, expected 2.000 s to within a frame"),
        ("audio", sound(SILENCE[:8_000], 4_000), "4000 samples per second, expected 8000 to 48000"),
        ("audio", sound(np.zeros((32_000, 2))), "2 channels, expected 1"),
        ("vector", face(lambda f: f[:40]), "40 frames, expected 50 to within one"),
        (
            "vector",
            face(lambda f: np.where(np.arange(50)[:, None] == 7, np.inf, f)),
            "NaN or infinity in frame 7; every",
        ),
        ("vector", face(lambda f: f.T), "shape (64, 50), expected (T, 64) floats"),
        ("vector", face(lambda f: f[:, :52]), "shape (50, 52), expected (T, 64) floats"),
        ("vector", face(lambda f: f.astype(int)), "type int64, expected (T, 64) floats"),
        ("video", pictures(50, 30), "30.000 frames per second, expected 25.000"),
        ("video", pictures(30, 25), "30 frames, expected 50 to within one"),
        ("text", words(("late", 2.5, 2.9)), 'field "words[0].end": 2.9 s, the clip ends at 2.000 s'),
        ("text", words(("b", 1.0, 1.2), ("a", 0.5, 0.7)), "out of order"),
        ("timing", steps(np.full(30, 0.01)), "30 steps, expected 50 to within one"),
        ("timing", steps(np.where(np.arange(50) == 7, np.nan, 0.01)), "NaN or infinity in step 7; every time has to"),
        ("timing", steps(np.full(50, -1.0)), "-1 s in step 0, expected from 0 to 3600 s"),
    ],
)
def test_one_bad_part_fails_its_dialogue_by_name_and_no_other(
    root: Path, answers: Path, part: str, change: Callable[[Path], None], said: str
) -> None:
    change(answers)
    found = score(answers, root, protocol="offline", metrics=[METRICS[part], "ead_2"], write=False)
    (metric,) = {*found.scores.metrics} - {"ead_2"}
    by_id = {sample.id: sample.metrics[metric] for sample in found.samples}
    assert (by_id["b"].status, by_id["a"].status, by_id["c"].status) == ("metric_failed", "ok", "ok")
    assert f"{part}/b." in by_id["b"].reason
    assert said in by_id["b"].reason
    assert part == "text" or all(sample.metrics["ead_2"].status == "ok" for sample in found.samples)


def test_a_last_word_may_run_on_as_recognisers_let_it(root: Path, answers: Path) -> None:
    words(("yes", 1.9, 2.4))(answers)
    assert score(answers, root, protocol="offline", metrics=["rouge_l"], write=False).samples[1].status == "ok"


def test_words_may_come_without_the_punctuation_of_their_text(root: Path, answers: Path) -> None:
    words(("yes", 1.0, 1.2), text="Yes!")(answers)
    assert score(answers, root, protocol="offline", metrics=["rouge_l"], write=False).samples[1].status == "ok"


def test_silence_is_an_answer(root: Path, answers: Path) -> None:
    sound(SILENCE)(answers)
    assert score(answers, root, protocol="offline", metrics=["dnsmos"], write=False).samples[1].status == "ok"


def test_other_kinds_and_deeper_folders_give_the_same_numbers(root: Path, answers: Path) -> None:
    chosen = ["rouge_l", "dnsmos", "fd", "lse_d_mini"]
    before = score(answers, root, protocol="offline", metrics=chosen, write=False).values
    for path in list((answers / "audio").iterdir()):
        soundfile.write(path.with_suffix(".FLAC"), *soundfile.read(path), format="FLAC")
        path.unlink()
    for path in list((answers / "vector").iterdir()):
        np.savez(path.with_suffix(".npz"), np.load(path))
        path.unlink()
    for path in list((answers / "video").iterdir()):
        path.rename(path.with_suffix(".MP4"))
    (answers / "text/test/listener").mkdir(parents=True)
    for path in list((answers / "text").glob("*.json")):
        path.rename(answers / "text/test/listener" / path.name)
    assert score(answers, root, protocol="offline", metrics=chosen, write=False).values == before


@pytest.mark.parametrize(
    ("part", "suffix", "said"),
    [
        ("audio", ".mp3", "audio: found a.mp3; expected a.wav or a.flac or a.ogg (ffmpeg -i a.mp3 a.wav)"),
        ("vector", ".pt", "vector: found a.pt; expected a.npy or a.npz"),
        ("text", ".txt", "text: found a.txt; expected a.json"),
        ("video", ".avi", "video: found a.avi; expected a.mp4 (ffmpeg -i a.avi a.mp4)"),
    ],
)
def test_what_is_not_read_is_no_dash(
    root: Path, answers: Path, capsys: pytest.CaptureFixture[str], part: str, suffix: str, said: str
) -> None:
    for path in list((answers / part).iterdir()):
        path.rename(path.with_suffix(suffix))
    arguments = ["--data", str(root), "--protocol", "offline", "--metrics", METRICS[part]]
    assert main(["score", str(answers), *arguments]) == 4
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a: (a / "audio").rename(a / "Audio"), "found the folder Audio; expected audio"),
        (lambda a: (a / "audio").rename(a / "wavs"), "found the folder wavs; expected audio"),
        (lambda a: [p.unlink() or p.symlink_to("../gone") for p in (a / "audio").iterdir()], "is a link to ../gone"),
        (lambda a: [p.unlink() or p.mkdir() for p in (a / "audio").iterdir()], "is a folder; expected a file"),
    ],
)
def test_nothing_in_a_part_that_can_be_read_ends_with_its_reason(
    root: Path, answers: Path, change: Callable[[Path], object], said: str
) -> None:
    change(answers)
    with pytest.raises(InputError, match=said):
        score(answers, root, protocol="offline", metrics=["dnsmos"], write=False)


def test_one_file_that_is_none_is_said_by_name(root: Path, answers: Path) -> None:
    shutil.copy(answers / "audio/a.wav", answers / "audio/a.flac")
    (answers / "audio/b.wav").unlink()
    (answers / "audio/b.wav").symlink_to("../../gone")
    (answers / "audio/c.wav").rename(answers / "audio/c_pred.wav")
    found = score(answers, root, protocol="offline", metrics=["dnsmos"], write=False)
    reasons = {sample.id: sample.metrics["dnsmos"].reason for sample in found.samples}
    assert "a.wav and a.flac are both there" in reasons["a"]
    assert "b.wav is a link to ../../gone, which is not there" in reasons["b"]
    assert "found c_pred.wav; expected c.wav" in reasons["c"]
    assert {sample.metrics["dnsmos"].status for sample in found.samples} == {"infra_failed"}


def test_a_folder_around_everything_is_named(root: Path, answers: Path) -> None:
    outer = answers.parent / "outer"
    outer.mkdir()
    answers.rename(outer / "mini-test")
    with pytest.raises(InputError, match=f"name that folder, {outer / 'mini-test'}"):
        score(outer, root, protocol="offline", metrics=["rouge_l"], write=False)
