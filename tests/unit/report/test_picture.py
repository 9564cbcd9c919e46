"""The picture of a dialogue: words that do not cover one another, frames at their time, and the command's errors."""

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.report.picture import draw_picture, envelope
from omnibench.report.scene import gather
from omnibench.report.wordline import place_words

words = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 12)), max_size=25).map(
    lambda drawn: (sorted(at / 20 for at, _ in drawn), [width / 20 for _, width in drawn])
)


@given(words)
def test_words_keep_their_order_and_never_overlap(drawn: tuple[list[float], list[float]]) -> None:
    middles, widths = drawn
    centres = place_words(middles, widths, -50.0, 50.0, 0.05)
    edges = [(c - w / 2, c + w / 2) for c, w in zip(centres, widths, strict=True)]
    assert all(b[0] - a[1] >= 0.05 - 1e-9 for a, b in pairwise(edges))


@given(words)
def test_words_that_fit_stay_inside_the_strip(drawn: tuple[list[float], list[float]]) -> None:
    middles, widths = drawn
    total = sum(widths) + 0.05 * len(widths)
    centres = place_words(middles, widths, 0.0, max(10.0, total), 0.05)
    assert all(
        c - w / 2 >= -1e-9 and c + w / 2 <= max(10.0, total) + 1e-9 for c, w in zip(centres, widths, strict=True)
    )


def test_words_with_room_stay_where_they_are_said() -> None:
    assert place_words([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], 0.0, 4.0, 0.1) == [1.0, 2.0, 3.0]


def test_crowded_words_spread_evenly_around_their_middle() -> None:
    assert place_words([2.0, 2.0, 2.0], [1.0, 1.0, 1.0], 0.0, 9.0, 0.5) == pytest.approx([0.5, 2.0, 3.5])


def test_the_envelope_is_the_peak_of_each_stretch_relative_to_the_loudest() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[4_000:8_000] = 0.5
    samples[12_000:] = -0.25
    times, peaks = envelope(samples, 16_000, 0.0, 1.0)
    assert len(times) == len(peaks) == 80
    assert (peaks[:20] == 0).all()
    assert (peaks[20:40] == 1).all()
    assert (peaks[60:] == 0.5).all()
    assert envelope(np.zeros(100, np.float32), 16_000, 0.0, 1.0)[0].size == 0


@pytest.fixture(scope="module")
def answers(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The human listeners' own files in the predictions layout."""
    folder = tmp_path_factory.mktemp("answers")
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(synthetic / "test" / part / "listener", folder / part)
    return folder


def test_pictures_are_taken_from_the_middle_of_their_stretch(synthetic: Path, answers: Path) -> None:
    dialogue = open_dataset(str(synthetic)).dialogue("test", "a")
    scene = gather(Predictions(answers), dialogue, "Human", 0.4, None, 0.4)
    assert scene.times == pytest.approx((0.4, 0.8, 1.2, 1.6))
    frames = list(dialogue.listener.images())
    for image, time in zip(scene.answer.images, scene.times, strict=True):
        assert np.array_equal(image, frames[round((time + 0.2) * 25 - 1e-9)])


def test_the_same_scene_gives_the_same_file_and_shows_both_people(
    synthetic: Path, answers: Path, tmp_path: Path
) -> None:
    dialogue = open_dataset(str(synthetic)).dialogue("test", "a")
    scene = gather(Predictions(answers), dialogue, "Human", 0.0, None, 0.4)
    for name in ("one.png", "two.png"):
        draw_picture(scene, tmp_path / name, dpi=60)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    image = imread(tmp_path / "one.png")[..., :3]
    shaded = (image.max(axis=2) < 0.9).mean(axis=1)
    height = len(shaded)
    assert shaded[: height // 4].max() > 0.8  # the speaker's frames
    assert shaded[-height // 4 :].max() > 0.8  # the answer's
    assert image[0, 0].min() == 1.0


def test_people_without_video_are_drawn_from_their_coefficients(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a",), modalities=("text", "vector", "audio"))
    shutil.copytree(root / "test" / "vector" / "listener", tmp_path / "answers" / "vector")
    dialogue = open_dataset(str(root)).dialogue("test", "a")
    scene = gather(Predictions(tmp_path / "answers"), dialogue, "Human", 0.0, 0.8, 0.4)
    assert [len(side.images) for side in (scene.speaker, scene.answer)] == [2, 2]
    assert scene.speaker.images[0].shape == (256, 256, 3)
    assert not np.array_equal(scene.answer.images[0], scene.answer.images[1])


def test_an_answer_of_words_alone_is_drawn_without_frames(synthetic: Path, answers: Path, tmp_path: Path) -> None:
    shutil.copytree(answers / "text", tmp_path / "words" / "text")
    out = tmp_path / "out.png"
    assert main(["picture", str(tmp_path / "words"), "--id", "b", "--data", str(synthetic), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--id", "nobody"], 2, "nobody"),
        (["--id", "a", "--start", "5"], 4, "nothing between"),
        (["--id", "a", "--split", "validation"], 2, "validation"),
    ],
)
def test_what_is_not_there_is_named(
    synthetic: Path,
    answers: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    out = tmp_path / "out.png"
    assert main(["picture", str(answers), "--data", str(synthetic), "--out", str(out), *arguments]) == code
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_dialogue_without_an_answer_is_named(synthetic: Path, answers: Path, tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    shutil.copytree(answers / "text", partial / "text")
    (partial / "text" / "a.json").unlink()
    out = tmp_path / "out.png"
    assert main(["picture", str(partial), "--id", "a", "--data", str(synthetic), "--out", str(out)]) == 4
