"""LSE-D by the small SyncNet: one pass equals the whole, a delay moves the offset, and what has no speech has no
number.
"""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.media.area import AreaShrink
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.lips.log_mel import log_mel_between
from omnibench.metrics.lips.lse_mini import (
    lse_c_mini,
    lse_d_mini,
    lse_d_zero_mini,
    lse_offset_mini,
    windows_of,
)
from omnibench.metrics.lips.sync_distance import LipSync, lse, shift_distances
from omnibench.metrics.lips.sync_mini import SyncMiniExtractor
from omnibench.metrics.lips.syncnet_mini import LIPS, LIPS_RATE, LIPS_SIZE, MEL_PER_FRAME, picked, random_twin
from omnibench.metrics.protocol import load_protocol
from omnibench.types import Audio, Image, Word

RATE = 16_000
FRAME = 640
"""Samples of 40 ms."""


def clip_of(images: list[Image], audio: Audio, fps: Fraction = Fraction(25), key: str = "clip") -> Media:
    return Media(
        key=key,
        fps=lambda: fps,
        images=lambda: iter(images),
        sample_rate=lambda: RATE,
        audio=lambda start, stop: audio[start:stop],
    )


def noise_clip(frames: int, fps: Fraction) -> Media:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(frames)]
    return clip_of(images, rng.normal(0, 0.1, int(frames / fps * RATE)).astype(np.float32), fps)


def extracted(media: Media, extractor: SyncMiniExtractor) -> dict[str, NDArray[np.float32]]:
    extraction = extractor.open(media)
    for image in media.pictures():
        extraction.push(image)
    return dict(extraction.finish())


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(12), Fraction(30000, 1001)])
def test_one_pass_gives_what_the_whole_clip_gives(fps: Fraction) -> None:
    network, media = random_twin(0), noise_clip(150, fps)
    made = extracted(media, SyncMiniExtractor(network, key="twin"))
    images = list(media.pictures())
    shrink = AreaShrink(64, 64, LIPS, LIPS_SIZE)
    lips = np.stack([shrink.grey(images[index]) for index in picked(len(images), fps, LIPS_RATE)])
    mel = log_mel_between(media.sound, 0, MEL_PER_FRAME * len(lips))
    with torch.inference_mode():
        video = network.embed_lips(torch.from_numpy(lips[None]))[0].numpy()
        audio = network.embed_sound(torch.from_numpy(mel[None]))[0].numpy()
    np.testing.assert_allclose(made["distances"], shift_distances(video, audio), atol=1e-5)
    assert len(made["distances"]) == int(150 * 25 / fps) - 4


def test_pieces_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    extractor, media = SyncMiniExtractor(random_twin(0), key="twin"), noise_clip(150, Fraction(25))
    whole = extracted(media, extractor)
    monkeypatch.setattr("omnibench.metrics.lips.sync_mini._WINDOWS_AT_ONCE", 37)
    monkeypatch.setattr("omnibench.metrics.lips.sync_mini._PICTURES_AT_ONCE", 11)
    pieces = extracted(media, extractor)
    np.testing.assert_allclose(pieces["distances"], whole["distances"], atol=1e-5)


def test_memory_does_not_grow_with_the_clip() -> None:
    extractor = SyncMiniExtractor(random_twin(0), key="twin")
    image = np.zeros((64, 64, 3), np.uint8)

    def peak(seconds: int) -> int:
        def sound(start: int, stop: int | None) -> Audio:
            end = seconds * RATE if stop is None else min(stop, seconds * RATE)
            return np.zeros(max(end - start, 0), np.float32)

        media = replace(clip_of([], np.zeros(0, np.float32)), audio=sound)
        tracemalloc.start()
        extraction = extractor.open(media)
        for _ in range(seconds * 25):
            extraction.push(image)
        extraction.finish()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(60) - peak(15) < 2_500_000


def test_a_clip_shorter_than_a_window_or_without_sound_cannot_be_measured() -> None:
    extractor = SyncMiniExtractor(random_twin(0), key="twin")
    with pytest.raises(MetricError, match="4 pictures at 25 a second"):
        extracted(noise_clip(4, Fraction(25)), extractor)
    with pytest.raises(MetricError, match="no audio"):
        extracted(replace(noise_clip(10, Fraction(25)), audio=None), extractor)
    with pytest.raises(MetricError, match="no video"):
        extractor.open(replace(noise_clip(10, Fraction(25)), fps=None))


class Spoken(SimpleNamespace):
    """A person of mini's test split who talks for most of the clip."""

    images: list[Image]
    audio: Audio


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    data = open_dataset("mini")
    dialogue = next(d for d in (data.dialogue("test", name) for name in data.ids("test")) if d.fps == 25)
    return Spoken(images=list(dialogue.speaker.images()), audio=dialogue.speaker.audio())


@pytest.fixture(scope="module")
def parameters(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    return replace(
        load_protocol("offline").metrics["lse_d_mini"], features=FeatureStore(tmp_path_factory.mktemp("features"))
    )


def measured(images: list[Image], audio: Audio, parameters: Parameters, key: str) -> LipSync:
    distances, spoken = windows_of(clip_of(images, audio, key=key), parameters)
    return lse(distances[spoken])


def delayed(audio: Audio, frames: int) -> Audio:
    """The same length, ``frames`` later (earlier where negative)."""
    moved = np.zeros_like(audio)
    if frames >= 0:
        moved[frames * FRAME :] = audio[: len(audio) - frames * FRAME]
    else:
        moved[: frames * FRAME] = audio[-frames * FRAME :]
    return moved


def test_a_delay_moves_the_offset_by_itself_and_leaves_the_distance(spoken: Spoken, parameters: Parameters) -> None:
    still = measured(spoken.images, spoken.audio, parameters, "still")
    assert abs(still.offset) <= 1
    for frames in (-5, 3, 8):
        moved = measured(spoken.images, delayed(spoken.audio, frames), parameters, f"moved {frames}")
        # A positive offset says that the sound comes before the lips.
        assert moved.offset == still.offset - frames
        assert moved.distance == pytest.approx(still.distance, abs=0.08)
        assert moved.zero > still.zero + 0.1


def test_lips_that_do_something_else_are_further_from_the_voice(spoken: Spoken, parameters: Parameters) -> None:
    still = measured(spoken.images, spoken.audio, parameters, "still")
    frozen = measured([spoken.images[0]] * len(spoken.images), spoken.audio, parameters, "frozen")
    backwards = measured(spoken.images[::-1], spoken.audio, parameters, "backwards")
    for other in (frozen, backwards):
        assert other.distance > still.distance + 0.1
        assert other.confidence < still.confidence - 0.1


def answer_to(spoken_words: tuple[Word, ...], audio: Audio | None = None) -> Any:
    listener = SimpleNamespace(
        words=spoken_words, has_audio=audio is not None, audio=lambda start, stop: audio[start:stop]
    )
    return SimpleNamespace(listener=listener, sample_rate=RATE)


@pytest.mark.parametrize(
    ("metric", "worst"),
    [(lse_d_mini, 2.0), (lse_d_zero_mini, 2.0), (lse_c_mini, 0.0), (lse_offset_mini, 15.0)],
    ids=lambda item: item.spec.name if isinstance(item, Metric) else "",
)
def test_silence_has_the_worst_value_where_the_human_speaks_and_none_where_nobody_does(
    metric: Metric, worst: float, spoken: Spoken, parameters: Parameters
) -> None:
    silent: Any = SimpleNamespace(media=clip_of(spoken.images[:60], np.zeros(60 * FRAME, np.float32), key="silent"))
    asked = metric.sample(silent, answer_to((Word("yes", 0.5, 2.0),)), parameters)
    heard = metric.sample(silent, answer_to((), spoken.audio), parameters)
    assert metric.sample_value(asked) == metric.sample_value(heard) == metric.spec.worst == worst
    nobody = metric.sample(silent, answer_to(()), parameters)
    assert metric.sample_value(nobody) is None
    with pytest.raises(MetricError, match="nobody speaks"):
        metric.aggregate([nobody], parameters)
    assert metric.aggregate([asked, nobody], parameters) == worst
