"""The report as text and files: its clips play, its pictures show the right moments, its words are no markup."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from data_factory import write_dataset
from pages import Page

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.media.video import VideoWriter
from omnibench.predictions.folder import Predictions
from omnibench.report.build import build_report
from omnibench.report.clips import THUMB, strip
from omnibench.scoring.measuring import score_predictions

EVIL = "</script><img/src=x/onerror=alert(1)>&amp;\"'"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b"), fps=Fraction(30000, 1001), seconds=2)


def answers(data: Path, folder: Path) -> Path:
    """The human listeners' own files as predictions, scored."""
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(data / "test" / part / "listener", folder / part)
    score_predictions(folder, open_dataset(str(data)), "test", "strict", ["rouge_l", "fd", "talk_ratio"])
    return folder


@pytest.fixture(scope="module")
def predictions(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answers(data, tmp_path_factory.mktemp("predictions"))


@pytest.fixture(scope="module")
def page(data: Path, predictions: Path, tmp_path_factory: pytest.TempPathFactory) -> Page:
    out = tmp_path_factory.mktemp("report") / "report.html"
    assert build_report(Predictions(predictions), open_dataset(str(data)), "test", out) == ["a", "b"]
    return Page(out.read_text(encoding="utf-8"))


def test_the_page_holds_everything_and_lets_nothing_else_run(page: Page) -> None:
    assert page.addresses() == ["data:,"]
    for kind, name in (("script", "script-src"), ("style", "style-src")):
        (text,) = [body for tag, attributes, body in page.blocks if tag == kind and "type" not in attributes]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in page.policy
    assert page.policy.startswith("default-src 'none'; ")
    assert not [a for _, a in page.elements for name in a if name.startswith("on") or name == "style"]


def test_pictures_and_sound_of_a_clip_begin_and_end_together(page: Page, data: Path) -> None:
    clips = {a["id"]: text for tag, a, text in page.blocks if a.get("type") == "text/plain"}
    assert set(clips) == {f"clip:{i}.{side}.mp4" for i in "ab" for side in ("speaker", "answer")}
    for text in clips.values():
        with av.open(io.BytesIO(base64.b64decode(text))) as container:
            picture, sound = container.streams.video[0], container.streams.audio[0]
            assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
            frames = [f for f in container.decode(picture)]
            assert len(frames) == 60
            assert frames[0].time == 0
        with av.open(io.BytesIO(base64.b64decode(text))) as container:
            times = [(f.time, f.time + f.samples / f.sample_rate) for f in container.decode(audio=0)]
            assert abs(times[0][0]) < 0.03
            assert abs(times[-1][1] - 2.0) < 0.1


def test_values_of_dialogues_are_those_of_the_score_stage(page: Page, predictions: Path) -> None:
    shown = {d["id"]: d["scores"] for d in page.data("report-data")["dialogues"]}
    for line in (predictions / "samples.jsonl").read_text().splitlines():
        sample = json.loads(line)
        for name, row in sample["metrics"].items():
            if "value" in row:
                assert shown[sample["id"]][name]["v"] == pytest.approx(row["value"], rel=1e-3, abs=1e-9)
    assert page.data("report-data")["whole"]["rouge_l"]["v"] == 1.0


def test_words_and_reasons_are_never_markup(data: Path, predictions: Path, tmp_path: Path, page: Page) -> None:
    evil = tmp_path / "evil"
    shutil.copytree(predictions, evil)
    (evil / "text" / "a.json").write_text(
        json.dumps({"text": EVIL, "words": [{"text": EVIL, "start": 0.1, "end": 0.4}]})
    )
    card = {"name": EVIL, "kind": EVIL, "summary": EVIL}
    (evil / "run.json").write_text(json.dumps({"model": card}))
    out = tmp_path / "report.html"
    build_report(Predictions(evil), open_dataset(str(data)), "test", out, media="none")
    shown = Page(out.read_text(encoding="utf-8"))
    assert shown.data("report-data")["dialogues"][0]["sides"]["answer"]["words"] == [[EVIL, 0.1, 0.4]]
    assert not [tag for tag, _ in shown.elements if tag == "img"]
    assert {tag for tag, _ in shown.elements} <= {tag for tag, _ in page.elements}
    assert "alert(1)" not in "".join(text for tag, a, text in shown.blocks if "type" not in a)


def test_clips_can_lie_beside_the_page(data: Path, predictions: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    build_report(Predictions(predictions), open_dataset(str(data)), "test", out, ["b"], "beside")
    (dialogue,) = Page(out.read_text(encoding="utf-8")).data("report-data")["dialogues"]
    assert dialogue["media"] == {side: f"report_media/b.{side}.mp4" for side in ("speaker", "answer")}
    assert all((tmp_path / name).stat().st_size > 1000 for name in dialogue["media"].values())
    assert "media-src 'self'" in Page(out.read_text(encoding="utf-8")).policy


def test_a_run_with_words_alone_has_a_page_too(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "test" / "text" / "listener", tmp_path / "words" / "text")
    out = tmp_path / "report.html"
    build_report(Predictions(tmp_path / "words"), open_dataset(str(data)), "test", out)
    content = Page(out.read_text(encoding="utf-8")).data("report-data")
    assert content["whole"] == {}
    assert set(content["dialogues"][0]["media"]) == {"speaker"}
    assert content["dialogues"][0]["sides"]["answer"]["curves"] == {}


def test_a_strip_shows_the_frame_of_each_time(tmp_path: Path) -> None:
    path = tmp_path / "grey.mp4"
    levels = np.linspace(20, 230, 20).astype(np.uint8)
    with VideoWriter(path, Fraction(10), (64, 48)) as writer:
        for level in levels:
            writer.write(np.full((48, 64, 3), level, np.uint8))
    content = strip(path, [0.05, 0.55, 1.95, 7.0])
    assert content is not None
    with av.open(io.BytesIO(content)) as container:
        image = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert image.shape == (THUMB, 4 * THUMB, 3)
    found = image[THUMB // 2, THUMB // 2 :: THUMB].mean(axis=1)
    assert np.abs(found - levels[[0, 5, 19, 19]]).max() < 8


def test_mistakes_are_told_with_what_was_expected(
    data: Path, predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["report", str(predictions), "--out", str(tmp_path / "r.html")]
    assert main([*command, "--data", str(data), "--ids", "zz"]) == 2
    assert '--ids: "zz" is not in this split' in capsys.readouterr().err
    assert main(command) == 4
    assert "no answer to a dialogue of this split" in capsys.readouterr().err
    other = write_dataset(tmp_path / "other", ids=("a", "b"), seconds=1, seed=7)
    assert main([*command, "--data", str(other)]) == 4
    assert "Name the data with --data and --split" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "nowhere"), "--out", str(tmp_path / "r.html")]) == 4
    assert not (tmp_path / "r.html").exists()
