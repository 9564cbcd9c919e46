"""What training changes in its recordings: drifting faces that come back, and people who speak faster or slower."""

from __future__ import annotations

from contextlib import closing
from math import exp

import numpy as np
import pytest
import torch
from data_factory import write_dataset
from omniresponse_factory import SMALL, ToneCodec, small_tokenizer

from baselines.omniresponse.config import Settings, override
from baselines.omniresponse.training.batches import Windows, with_noise
from baselines.omniresponse.training.corpus import Notation, Side, load_sides, speech_seconds
from baselines.omniresponse.training.respeaking import respoken_sides
from baselines.shared.faces import FaceScale
from omnibench.datasets.opening import open_dataset
from omnibench.media.face import TRANSLATION_COLUMNS

QUIET = {f"training.{name}": 0.0 for name in ("face_noise", "face_drift", "head_shift", "text_noise", "code_noise")}


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Side]]:
    root = tmp_path_factory.mktemp("dialogues")
    people = {name: {"speaker": f"{name}1", "listener": f"{name}2"} for name in ("a", "b")}
    write_dataset(
        root, "train", ("a", "b"), seconds=4.0, seed=3, modalities=("audio", "vector", "text"), persons=people
    )
    settings = override(Settings(), SMALL | {"training.respoken": ["1/2", "2/1"]})
    tokenizer, codec, cache = small_tokenizer(), ToneCodec(), root / "cache"
    with closing(open_dataset(str(root))) as dataset:
        seconds = speech_seconds(dataset, "train", tokenizer)
        notation = Notation(tokenizer, codec, settings, seconds, cache)
        plain = load_sides(dataset, "train", notation)
        again = respoken_sides(plain, dataset, "train", notation)
    return {"plain": plain, "again": again}


def test_a_drifted_face_is_led_back_within_its_second(sides: dict[str, list[Side]]) -> None:
    settings = override(Settings(), SMALL | QUIET | {"training.face_drift": 2.0, "training.face_return": 0.5})
    segment = Windows(sides["plain"], small_tokenizer(), settings, 50).cut(sides["plain"][0], 0, 20)
    scale = FaceScale()
    scale.deviation.uniform_(0.5, 2.0)
    noisy = with_noise(segment, np.random.default_rng(0), scale, settings, (340, 16))
    drift = noisy.inputs.listener - segment.inputs.listener
    assert drift.std(dim=0).max() < 1e-5, "one offset for the whole window"
    assert drift.abs().mean() > 0.5
    left = exp(-1 / (0.5 * float(segment.fps)))
    assert torch.allclose(noisy.next_faces - segment.next_faces, left * drift, atol=1e-5)
    assert torch.allclose(noisy.inputs.delayed - segment.inputs.delayed, drift, atol=1e-5)


def test_a_moved_head_is_moved_in_all_of_its_window(sides: dict[str, list[Side]]) -> None:
    """Inputs, the face at rest and the targets, by the same centimetres; expression and rotation stay."""
    settings = override(Settings(), SMALL | QUIET | {"training.head_shift": 2.0})
    segment = Windows(sides["plain"], small_tokenizer(), settings, 50).cut(sides["plain"][0], 0, 20)
    noisy = with_noise(segment, np.random.default_rng(0), FaceScale(), settings, (340, 16))
    moved = noisy.inputs.rest - segment.inputs.rest
    assert (moved != 0).nonzero().flatten().tolist() == list(TRANSLATION_COLUMNS)
    for before, after in (
        (segment.inputs.listener, noisy.inputs.listener),
        (segment.inputs.delayed, noisy.inputs.delayed),
        (segment.next_faces, noisy.next_faces),
    ):
        assert torch.allclose(after - before, moved.expand(20, -1), atol=1e-5)


def test_no_noise_is_no_change(sides: dict[str, list[Side]]) -> None:
    settings = override(Settings(), SMALL | QUIET)
    segment = Windows(sides["plain"], small_tokenizer(), settings, 50).cut(sides["plain"][0], 0, 20)
    noisy = with_noise(segment, np.random.default_rng(0), FaceScale(), settings, (340, 16))
    assert torch.equal(noisy.next_faces, segment.next_faces)
    assert torch.equal(noisy.inputs.listener, segment.inputs.listener)
    assert torch.equal(noisy.codes.previous, segment.codes.previous)


def test_speakers_at_other_speeds_say_the_same_words_in_other_time(sides: dict[str, list[Side]]) -> None:
    """Half and twice the length: as many words, at half and twice the distance, with audio tokens of their own."""
    tokenizer = small_tokenizer()
    assert len(sides["again"]) == 2 * len(sides["plain"])
    for place, side in enumerate(sides["plain"]):
        fast, slow = sides["again"][2 * place : 2 * place + 2]
        begins = [np.flatnonzero((s.track.forms.ages == 0) & (s.track.own != tokenizer.pause)) for s in (side, slow)]
        assert (fast.steps + 1, slow.steps + 1) == pytest.approx(((side.steps + 1) / 2, 2 * (side.steps + 1)), abs=2), (
            "frames"
        )
        assert len(begins[0]) > 2
        assert np.abs(2 * begins[0] - begins[1]).max() <= 2
        assert side.left_out == slow.left_out == 0
        assert not slow.track.listener.any()
        assert np.abs(np.diff(slow.track.pacing.pace)).max() > 0, "each word keeps its own pace"
