"""25 frames a second were taken for granted.

SyncNet wants 25, ResponseNet is about 30, cameras say 30000/1001. With the wrong rate lips drift off the voice by
200 ms in every second, nods slow down, and a rounded 29.97 loses 26 frames in 863 s. Every file has its own rate here.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.datasets.opening import open_dataset
from omnibench.metrics.video.fvd_plan import frame_offsets
from omnibench.scoring.measuring import score_predictions
from omnibench.types import samples_before

RATES = (Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60))


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_the_human_listeners_lips_fit_the_voice_at_any_rate(fps: Fraction, tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a", "b"), fps=fps, seconds=3)
    for part in ("text", "audio", "vector"):
        shutil.copytree(root / "test" / part / "listener", tmp_path / "answers" / part)
    dataset = open_dataset(str(root))
    scores = score_predictions(tmp_path / "answers", dataset, "test", "strict", ["lip_lag", "talk_ratio"])
    assert scores.metrics["lip_lag"].value < 60
    assert scores.metrics["talk_ratio"].value == pytest.approx(1.0)
    assert dataset.dialogue("test", "a").fps == fps
    assert dataset.dialogue("test", "a").duration == pytest.approx(3.0, abs=float(1 / fps))


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_sound_and_frames_do_not_drift_apart_in_the_longest_clip(fps: Fraction) -> None:
    frames = round(863 * fps)
    assert abs(samples_before(frames, fps, 16_000) - 16_000 * frames / fps) <= Fraction(1, 2)
    pieces = sum(samples_before(i + 1, fps, 16_000) - samples_before(i, fps, 16_000) for i in range(2_000))
    assert pieces == samples_before(2_000, fps, 16_000)


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_a_window_of_video_lasts_as_long_at_any_rate(fps: Fraction) -> None:
    offsets = frame_offsets(16, fps / Fraction(25, 2))
    assert float(offsets[-1] / fps) == pytest.approx(15 / 12.5, abs=0.5 / float(fps) + 1e-9)
