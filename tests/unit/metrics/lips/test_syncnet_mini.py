"""The small SyncNet: exact shrinking, mel frames without seams, windows, and what it has learned."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibench.assets.finding import ASSETS
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.features.activity import speech_spans
from omnibench.media.area import AreaShrink, Box
from omnibench.media.renderer import get_renderer
from omnibench.metrics.lips.log_mel import HOP, WINDOW, log_mel, log_mel_between
from omnibench.metrics.lips.sync_distance import lse, shift_distances, speech_windows, whole_windows
from omnibench.metrics.lips.syncnet_mini import (
    ASSET,
    LIPS,
    LIPS_RATE,
    LIPS_SIZE,
    MEL_PER_FRAME,
    SyncNetMini,
    from_state,
    load,
    picked,
    random_twin,
)

WHOLE = Box(0.0, 1.0, 0.0, 1.0)


def picture(size: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_a_whole_number_ratio_is_the_mean_of_blocks() -> None:
    image = picture(96)
    blocks = image.reshape(48, 2, 48, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(AreaShrink(96, 96, WHOLE, 48).colour(image), blocks, atol=1e-4)
    grey = blocks @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(AreaShrink(96, 96, WHOLE, 48).grey(image), grey, atol=1e-4)


@given(st.integers(60, 300), st.integers(60, 300), st.integers(0, 255))
def test_one_colour_stays_that_colour_at_any_ratio(height: int, width: int, value: int) -> None:
    image = np.full((height, width, 3), value, np.uint8)
    small = AreaShrink(height, width, LIPS, LIPS_SIZE).grey(image)
    assert small.shape == (LIPS_SIZE, LIPS_SIZE)
    np.testing.assert_allclose(small, value, atol=1e-3)


def test_the_same_picture_at_twice_the_size_gives_the_same_lips() -> None:
    image = picture(128)
    twice = image.repeat(2, axis=0).repeat(2, axis=1)
    small = AreaShrink(128, 128, LIPS, LIPS_SIZE).grey(image)
    np.testing.assert_allclose(AreaShrink(256, 256, LIPS, LIPS_SIZE).grey(twice), small, atol=1e-3)


def test_the_pictures_in_the_middle_of_every_step_are_picked() -> None:
    assert picked(5, Fraction(25), Fraction(25)).tolist() == [0, 1, 2, 3, 4]
    assert picked(12, Fraction(50), Fraction(25)).tolist() == [1, 3, 5, 7, 9, 11]
    # Middles of 40 ms steps: 20, 60, 100, 140, 180 ms; pictures of 1/12 s.
    assert picked(3, Fraction(12), Fraction(25)).tolist() == [0, 0, 1, 1, 2, 2]


def test_mel_energy_of_a_tone_lies_in_its_band() -> None:
    time = np.arange(16_000) / 16_000
    low, high = (log_mel(0.3 * np.sin(2 * np.pi * hertz * time)).mean(axis=0).argmax() for hertz in (300, 3000))
    assert low < 8
    assert high > 20
    assert log_mel(np.zeros(1000)) == pytest.approx(np.log(1e-7))


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
def test_mel_frames_in_pieces_are_those_of_the_whole(rate: int) -> None:
    samples = np.random.default_rng(1).normal(0.0, 0.1, 3 * rate + 123).astype(np.float32)

    def sound(start: int, stop: int | None) -> tuple[NDArray[np.float32], int]:
        return samples[start:stop], rate

    whole = log_mel_between(sound, 0, 330)
    pieces = [log_mel_between(sound, first, first + 66) for first in range(0, 330, 66)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=2e-4)
    if rate == 16_000:
        padded = np.pad(samples, (0, 329 * HOP + WINDOW - len(samples)))
        np.testing.assert_array_equal(log_mel(padded), whole)


def test_both_halves_give_one_unit_vector_for_every_window() -> None:
    network = random_twin(0)
    with torch.inference_mode():
        lips = network.embed_lips(255 * torch.rand(2, 9, LIPS_SIZE, LIPS_SIZE))
        sound = network.embed_sound(torch.randn(2, 9 * MEL_PER_FRAME, 40))
    assert lips.shape == sound.shape == (2, 5, 64)
    for half in (lips, sound):
        torch.testing.assert_close(half.norm(dim=-1), torch.ones(2, 5))


def test_a_window_sees_its_own_fifth_of_a_second_and_nothing_else() -> None:
    network = random_twin(0)
    rng = torch.Generator().manual_seed(0)
    lips = 255 * torch.rand(1, 12, LIPS_SIZE, LIPS_SIZE, generator=rng)
    mel = torch.randn(1, 12 * MEL_PER_FRAME, 40, generator=rng)
    with torch.inference_mode():
        torch.testing.assert_close(
            network.embed_lips(lips[:, 3:8])[0, 0], network.embed_lips(lips)[0, 3], atol=1e-5, rtol=0
        )
        window = mel[:, 3 * MEL_PER_FRAME : 8 * MEL_PER_FRAME]
        torch.testing.assert_close(network.embed_sound(window)[0, 0], network.embed_sound(mel)[0, 3], atol=1e-5, rtol=0)


def test_the_weights_are_the_pinned_ones_and_others_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = ASSETS[ASSET]
    assert asset.size < 3_000_000
    load()
    (tmp_path / asset.file).write_bytes(b"another file")
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(InputError, match="sha256"):
        load()


def test_half_precision_weights_come_back_as_single() -> None:
    twin = random_twin(3)
    state = {name: v.half() if v.is_floating_point() else v for name, v in twin.state_dict().items()}
    network = from_state(state)
    assert {value.dtype for value in network.parameters()} == {torch.float32}


def shares(network: SyncNetMini, clips: list[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> float:
    """Share of windows of 0.64 s of speech at whose own sound the distance is smallest, one frame either way."""
    hits = []
    for lips, audio in clips:
        with torch.inference_mode():
            video = network.embed_lips(torch.from_numpy(lips[None]))[0].numpy()
            mel = log_mel(np.pad(audio, (0, WINDOW))[: len(lips) * MEL_PER_FRAME * HOP + WINDOW - HOP])
            sound = network.embed_sound(torch.from_numpy(mel[None]))[0].numpy()
        spoken = speech_windows(speech_spans(audio, 16_000), len(video)) & whole_windows(len(video))
        rows = shift_distances(video, sound)[spoken]
        hits += [abs(lse(rows[at : at + 16]).offset) <= 1 for at in range(0, len(rows) - 15, 16)]
    return float(np.mean(hits))


def test_on_people_it_never_saw_it_finds_the_offset_and_its_random_twin_does_not() -> None:
    data, clips = open_dataset("mini"), []
    shrink = AreaShrink(128, 128, LIPS, LIPS_SIZE)
    for name in data.ids("val")[8:11]:
        dialogue = data.dialogue("val", name)
        face = dialogue.speaker.face()[picked(dialogue.speaker.frames, dialogue.fps, LIPS_RATE)][:130]
        drawn = get_renderer().render(face, dialogue.identities["speaker"], 128)
        lips = np.stack([shrink.grey(image) for image in drawn])
        clips.append((lips, dialogue.speaker.audio(0, 130 * MEL_PER_FRAME * HOP)))
    trained, twin = shares(load(), clips), shares(random_twin(1), clips)
    assert trained >= 0.6
    assert twin <= 0.4
