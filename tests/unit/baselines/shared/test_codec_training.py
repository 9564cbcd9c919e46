"""Training of the small codec: it learns, repeats itself, resumes exactly and refuses what it cannot use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec
from baselines.shared.codec.training import State, train_codec, warped
from omnibench.errors import InputError

TINY = CodecSettings(
    levels=(4, 4, 3),
    encoder_width=24,
    encoder_depth=1,
    decoder_width=24,
    decoder_layers=1,
    steps=48,
    batch=4,
    crop_tokens=16,
    learning_rate=5e-3,
    warm_up=2,
    save_every=16,
)


def babble(hertz: float, seed: int) -> NDArray[np.float32]:
    """1.6 s of buzz whose resonance and loudness wander, then 0.4 s of silence."""
    rng = np.random.default_rng(seed)
    time = np.arange(25_600) / 16_000
    resonance = np.interp(time, np.linspace(0, 1.6, 9), rng.uniform(400, 2000, 9))
    loudness = np.interp(time, np.linspace(0, 1.6, 9), rng.uniform(0.02, 0.2, 9))
    orders = np.arange(1, int(6000 / hertz))[:, None]
    gains = 1 / (1 + ((orders * hertz - resonance) / 200) ** 2)
    wave = (gains * np.cos(2 * np.pi * orders * hertz * time)).sum(axis=0)
    return np.concatenate([loudness * wave, np.zeros(6400)]).astype(np.float32)


CLIPS = [babble(110, 0), babble(190, 1)]


def train(out: Path, settings: CodecSettings, resume: bool = False) -> tuple[State, list[float]]:
    losses: list[float] = []
    state = train_codec(CLIPS, out, settings, 7, lambda _step, _steps, values: losses.append(values["loss"]), resume)
    return state, losses


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_the_loss_falls_and_the_state_makes_a_codec(tmp_path: Path) -> None:
    state, losses = train(tmp_path, TINY)
    assert np.mean(losses[-6:]) < 0.9 * np.mean(losses[:3])
    assert all(value.dtype != torch.float32 for value in state.values())
    codec = SourceFilterCodec.from_state(state, TINY)
    audio = torch.from_numpy(CLIPS[0])
    sound = codec.decode(codec.encode(audio), codec.voiceprint(audio))
    assert 0.01 < float(sound[:25_600].std()) < 0.5
    assert float(sound[-3200:].abs().max()) < 1e-3
    rows = (tmp_path / "codec_losses.csv").read_text().splitlines()
    assert rows[0] == "step,loss,envelope,motion,pitch,voicing"
    assert [int(row.split(",")[0]) for row in rows[1:]] == list(range(1, 49))


def test_the_same_seed_gives_the_same_weights_and_a_resumed_run_is_the_same_run(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop_at_25(step: int, _steps: int, _losses: dict[str, float]) -> None:
        if step == 25:
            raise Stop

    whole, _ = train(tmp_path / "whole", TINY)
    again, _ = train(tmp_path / "again", TINY)
    assert same(whole, again)
    with pytest.raises(Stop):
        train_codec(CLIPS, tmp_path / "cut", TINY, 7, stop_at_25, False)
    resumed, losses = train(tmp_path / "cut", TINY, resume=True)
    assert len(losses) == 48 - 16
    assert same(whole, resumed)
    names = [folder / "codec_losses.csv" for folder in (tmp_path / "whole", tmp_path / "cut")]
    assert names[0].read_bytes() == names[1].read_bytes()


def test_a_state_of_other_settings_is_a_clear_error(tmp_path: Path) -> None:
    train(tmp_path, TINY.model_copy(update={"steps": 8}))
    with pytest.raises(InputError, match="train afresh"):
        train(tmp_path, TINY.model_copy(update={"steps": 8, "decoder_width": 32}), resume=True)


def test_clips_without_speech_are_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"at least 0\.3 s"):
        train_codec([np.zeros(32_000, np.float32)], tmp_path, TINY, 0, lambda *_: None, False)


def test_warping_moves_a_formant_up_the_bands() -> None:
    envelope = np.zeros((1, 60), np.float32)
    envelope[0, 30] = 1.0
    assert int(warped(envelope, 1.1)[0].argmax()) == 33
    np.testing.assert_array_equal(warped(envelope, 1.0), envelope)
