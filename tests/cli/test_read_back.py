"""``score --from media``: recordings alone, their words and faces read back on both sides, and marked as such."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_words
from films import film

import omnibench
from omnibench.cli import main
from omnibench.files.score_records import NoNumber, Scores
from omnibench.media import landmarker
from omnibench.media.audio import audio_info, read_audio, write_wav
from omnibench.media.landmarker import INSTALL
from omnibench.media.video import VideoWriter
from omnibench.metrics.lips.opening import aperture
from omnibench.metrics.text.word_error import pooled
from omnibench.scoring.scores import read_scores
from omnibench.types import Image, Word

NAME, SECONDS = "mini-1002", 4


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Image], Fraction]:
    """Four seconds of a drawn listener of mini's val split who speaks, as a data set, with the pictures."""
    root = tmp_path_factory.mktemp("recorded")
    dialogue = omnibench.load_dataset("mini").dialogue("val", NAME)
    fps, rate, frames = dialogue.fps, dialogue.sample_rate, SECONDS * 30
    first = int(max(0.0, dialogue.listener.words[0].start - 0.5) * fps)
    begin = float(first / fps)
    shown: list[Image] = []
    for role, track in (("speaker", dialogue.speaker), ("listener", dialogue.listener)):
        places = {part: root / "test" / part / role for part in ("audio", "vector", "text", "video")}
        for place in places.values():
            place.mkdir(parents=True)
        face = track.face(first, first + frames)
        np.save(places["vector"] / f"{NAME}.npy", face)
        write_wav(
            places["audio"] / f"{NAME}.wav", track.audio(round(begin * rate), round((begin + SECONDS) * rate)), rate
        )
        inside = [w for w in track.words if w.start >= begin and w.end <= begin + SECONDS]
        words = [Word(w.text, round(w.start - begin, 3), round(w.end - begin, 3)) for w in inside]
        write_words(places["text"] / f"{NAME}.json", words)
        if role == "listener":
            from omnibench.media.renderer import get_renderer

            shown = list(get_renderer().render(face, dialogue.identities[role]))
        encode(places["video"] / f"{NAME}.mp4", shown or [np.zeros((64, 64, 3), np.uint8)] * frames, fps, 23)
    return root, shown, fps


def encode(path: Path, pictures: list[Image], fps: Fraction, crf: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(path, fps, (pictures[0].shape[1], pictures[0].shape[0]), crf) as writer:
        for picture in pictures:
            writer.write(picture)


def recording(data: Path, folder: Path, pictures: list[Image], fps: Fraction, crf: int) -> Path:
    shutil.copytree(data / "test" / "audio" / "listener", folder / "audio")
    encode(folder / "video" / f"{NAME}.mp4", pictures, fps, crf)
    return folder


def score(data: Path, folder: Path, metrics: str) -> Scores:
    given = ["--data", str(data), "--protocol", "strict", "--metrics", metrics, "--from", "media"]
    assert main(["score", str(folder), *given]) == 0
    return read_scores(folder / "read_back" / "scores.json")


def number(scores: Scores, metric: str) -> float:
    entry = scores.metrics[metric]
    assert not isinstance(entry, NoNumber), entry
    return entry.value


@pytest.mark.needs("recogniser")
@pytest.mark.needs("readback, its faces")
def test_recordings_alone_are_scored_and_marked(
    pictures: tuple[Path, list[Image], Fraction], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, shown, fps = pictures
    again = recording(data, tmp_path / "again", shown, fps, 28)
    frozen = recording(data, tmp_path / "frozen", list(repeat(shown[0], len(shown))), fps, 23)
    scores = score(data, again, "fd,lip_lag,own_wer,own_words")
    printed = capsys.readouterr().out
    assert "read back from media" in printed
    assert "faces of 1 by mediapipe-" in printed
    assert "none seen in 0 of 120 frames" in printed
    assert number(scores, "fd") <= 0.05 * number(score(data, frozen, "fd"), "fd")

    text = json.loads((again / "read_back" / "text" / f"{NAME}.json").read_text())["text"]
    truth = json.loads((data / "test" / "text" / "listener" / f"{NAME}.json").read_text())["text"]
    assert pooled([(truth, text)]).errors <= 1
    assert abs(read_lag(data / "test" / "vector" / "listener", again, fps)) <= 0.02

    # Nothing that a model said, so nothing to hold against its sound; and no row among those that said it.
    assert isinstance(scores.metrics["own_wer"], NoNumber)
    assert all("|read:media|" in f"{entry.signature}|" for entry in scores.metrics.values() if entry.signature)
    assert main(["score", str(again / "read_back"), "--data", str(data), "--from", "media"]) == 2
    before = (again / "read_back" / "journal.jsonl").read_bytes()
    assert score(data, again, "fd").metrics["fd"] == scores.metrics["fd"]
    assert (again / "read_back" / "journal.jsonl").read_bytes() == before


def read_lag(vectors: Path, folder: Path, fps: Fraction) -> float:
    """Seconds by which the lips that were read follow the person's own: where the two courses agree best, to a quarter
    of a frame.
    """
    own, read = (aperture(np.load(place / f"{NAME}.npy")) for place in (vectors, folder / "read_back" / "vector"))
    inside = np.arange(4, len(own) - 4)
    shifts = np.arange(-4, 4.25, 0.25)
    agreement = [
        np.corrcoef(own[inside], np.interp(inside + shift, np.arange(len(read)), read))[0, 1] for shift in shifts
    ]
    return float(shifts[int(np.argmax(agreement))] / fps)


@pytest.mark.needs("recogniser")
@pytest.mark.needs("readback, its faces")
def test_what_cannot_be_read_is_said(
    pictures: tuple[Path, list[Image], Fraction], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, shown, fps = pictures
    given = ["--data", str(data), "--protocol", "strict", "--metrics", "fd", "--from", "media"]
    faceless = recording(data, tmp_path / "faceless", [np.full((64, 64, 3), 90, np.uint8)] * len(shown), fps, 23)
    assert main(["score", str(faceless), *given]) == 4
    assert "no face is seen in any of its 120 pictures" in capsys.readouterr().err
    short = recording(data, tmp_path / "short", shown[:60], fps, 23)
    assert main(["score", str(short), *given]) == 4
    assert "60 frames, expected 120 to within one" in capsys.readouterr().err


def test_there_has_to_be_a_recording(synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    assert main(["score", str(tmp_path), "--data", str(synthetic), "--from", "media"]) == 4
    assert "nothing to read back; expected recordings like audio/a.wav and video/a.mp4" in capsys.readouterr().err


@pytest.mark.needs("recogniser")
@pytest.mark.needs("readback, its faces")
def test_a_film_alone_is_heard_by_its_own_sound(pictures: tuple[Path, list[Image], Fraction], tmp_path: Path) -> None:
    data, shown, fps = pictures
    audio = data / "test" / "audio" / "listener" / f"{NAME}.wav"
    (tmp_path / "video").mkdir()
    film(tmp_path / "video" / f"{NAME}.mp4", shown, fps, read_audio(audio)[None], audio_info(audio).sample_rate)
    assert number(score(data, tmp_path, "fd,meteor"), "meteor") > 0.5
    text = json.loads((tmp_path / "read_back" / "text" / f"{NAME}.json").read_text())["text"]
    truth = json.loads((data / "test" / "text" / "listener" / f"{NAME}.json").read_text())["text"]
    assert pooled([(truth, text)]).errors <= 1


@pytest.mark.needs("recogniser")
def test_without_the_landmarker_it_is_exit_3_with_the_command(
    pictures: tuple[Path, list[Image], Fraction],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, shown, fps = pictures
    folder = recording(data, tmp_path / "run", shown[:1] * len(shown), fps, 23)
    monkeypatch.setattr(landmarker, "find_spec", lambda _: None)
    assert main(["score", str(folder), "--data", str(data), "--from", "media"]) == 3
    assert INSTALL in capsys.readouterr().err
    assert not (folder / "read_back").exists()
