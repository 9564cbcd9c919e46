"""The small codec: lengths, ranges, streaming, silence, voices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from baselines.shared.codec.base import Codec
from baselines.shared.codec.features import VOICEPRINT_WIDTH
from baselines.shared.codec.network import SILENCE, ScalarQuantiser
from baselines.shared.codec.pitch import track_pitch
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec, build_network
from baselines.shared.codec.vocoder import Frames, Vocoder
from omnibench.errors import InputError

SMALL = CodecSettings(levels=(4, 4, 3), encoder_width=16, encoder_depth=1, decoder_width=16, decoder_layers=2)


def vowel(hertz: float, seconds: float, formants: tuple[float, ...], level: float = 0.1) -> NDArray[np.float32]:
    """A steady vowel: harmonics under resonances 120 Hz wide."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    wave = np.zeros_like(time)
    for order in range(1, int(7500 / hertz)):
        frequency = order * hertz
        gain = sum(1 / (1 + ((frequency - formant) / 120) ** 2) for formant in formants)
        wave += gain * np.cos(2 * np.pi * frequency * time + order)
    return (level * wave / np.sqrt((wave**2).mean())).astype(np.float32)


@pytest.fixture(scope="module")
def codec() -> SourceFilterCodec:
    torch.manual_seed(3)
    return SourceFilterCodec(build_network(SMALL))


@pytest.fixture(scope="module")
def voice(codec: SourceFilterCodec) -> torch.Tensor:
    return codec.voiceprint(torch.from_numpy(vowel(140, 1.0, (600, 1200, 2500))))


def test_it_has_the_attributes_of_the_contract(codec: SourceFilterCodec) -> None:
    contract: Codec = codec
    assert (contract.sample_rate, contract.token_rate, contract.lookahead_tokens) == (16_000, 50, 0)
    assert contract.vocabulary == 4 * 4 * 3 + 1
    assert contract.voiceprint_dim == VOICEPRINT_WIDTH <= 64


def test_the_shipped_size_is_within_its_budget() -> None:
    network = build_network(CodecSettings())
    assert sum(p.numel() for p in network.parameters()) <= 1_600_000
    assert 1000 <= network.quantiser.vocabulary <= 4096


@pytest.mark.parametrize("samples", [0, 1, 319, 320, 321, 16_000])
def test_one_token_for_each_begun_20_ms(codec: SourceFilterCodec, voice: torch.Tensor, samples: int) -> None:
    audio = torch.from_numpy(vowel(150, 1.0, (500, 1500)))[:samples]
    tokens = codec.encode(audio)
    assert tokens.dtype == torch.int64
    assert len(tokens) == -(-samples // 320)
    assert len(codec.decode(tokens, voice)) == len(tokens) * 320


def test_tokens_are_below_the_vocabulary(codec: SourceFilterCodec) -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, 32_000).astype(np.float32)
    tokens = codec.encode(torch.from_numpy(noise))
    assert int(tokens.min()) >= 0
    assert int(tokens.max()) < codec.vocabulary


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 48), min_size=1, max_size=30), st.data())
def test_a_stream_equals_the_whole(tokens: list[int], data: st.DataObject) -> None:
    torch.manual_seed(3)
    codec = SourceFilterCodec(build_network(SMALL))
    voice = codec.voiceprint(torch.from_numpy(vowel(140, 0.5, (600, 1200))))
    whole = codec.decode(torch.tensor(tokens), voice)
    stream, pieces, at = codec.open(voice), [], 0
    while at < len(tokens):
        size = data.draw(st.integers(1, len(tokens) - at))
        pieces.append(stream.push(torch.tensor(tokens[at : at + size])))
        at += size
    assert torch.equal(torch.cat(pieces), whole)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 19), st.integers(0, 2**31))
def test_later_tokens_change_nothing_earlier(cut: int, seed: int) -> None:
    torch.manual_seed(3)
    codec = SourceFilterCodec(build_network(SMALL))
    voice = codec.voiceprint(torch.from_numpy(vowel(140, 0.5, (600, 1200))))
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(0, codec.vocabulary, (20,), generator=generator)
    other = torch.cat([tokens[:cut], torch.randint(0, codec.vocabulary, (20 - cut,), generator=generator)])
    assert torch.equal(codec.decode(tokens, voice)[: cut * 320], codec.decode(other, voice)[: cut * 320])


def test_silence_becomes_the_silence_token_and_decodes_to_silence(
    codec: SourceFilterCodec, voice: torch.Tensor
) -> None:
    tokens = codec.encode(torch.zeros(16_000))
    assert tokens.tolist() == [SILENCE] * 50
    spoken = torch.full((20,), 5)
    sound = codec.decode(torch.cat([spoken, tokens]), voice)
    assert float(sound[: 20 * 320].abs().max()) > 1e-3
    # The filters' tails last less than 100 ms.
    assert float(sound[25 * 320 :].abs().max()) < 1e-3
    assert float(sound[30 * 320 :].abs().max()) == 0.0


def test_voiceprints_separate_voices_and_do_not_hear_silence_or_words(codec: SourceFilterCodec) -> None:
    def print_of(hertz: float, formants: tuple[float, ...], pause: float) -> torch.Tensor:
        clip = np.concatenate([vowel(hertz, 0.6, formants), np.zeros(round(pause * 16_000), np.float32)])
        return codec.voiceprint(torch.from_numpy(clip))

    low, low_paused = print_of(100, (500, 1100, 2400), 0.0), print_of(100, (500, 1100, 2400), 2.0)
    high = print_of(210, (620, 1400, 2900), 0.0)
    assert (low - low_paused).abs().mean() < 0.1 * (low - high).abs().mean()
    assert float(high[-2].exp()) == pytest.approx(210, rel=0.01)


def test_a_foreign_token_is_a_clear_error(codec: SourceFilterCodec, voice: torch.Tensor) -> None:
    with pytest.raises(InputError, match="expected 0 to 48"):
        codec.decode(torch.tensor([49]), voice)


def test_weights_of_other_settings_are_a_clear_error(codec: SourceFilterCodec) -> None:
    with pytest.raises(InputError, match="do not fit"):
        SourceFilterCodec.from_state(codec.network.state_dict(), CodecSettings())


@given(st.lists(st.integers(1, 8 * 5 * 5 * 5), min_size=1, max_size=20))
def test_indices_and_codes_are_two_names_of_one_thing(indices: list[int]) -> None:
    quantiser = ScalarQuantiser((8, 5, 5, 5))
    codes = quantiser.codes(torch.tensor(indices))
    assert float(codes.abs().max()) <= 1.0
    assert quantiser.index(codes).tolist() == indices


@pytest.mark.parametrize("hertz", [80.0, 123.0, 220.0, 350.0])
def test_pitch_of_a_vowel_is_found_within_half_a_percent(hertz: float) -> None:
    f0, voiced = track_pitch(vowel(hertz, 0.5, (500, 1500, 2500)), 50)
    assert voiced[5:45].all()
    np.testing.assert_allclose(f0[5:45], hertz, rtol=5e-3)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    assert track_pitch(noise, 50)[1].mean() < 0.1
    assert not track_pitch(np.zeros(8000, np.float32), 50)[1].any()


def test_the_vocoder_keeps_level_and_pitch() -> None:
    frames = Frames(
        f0=torch.full((1, 100), 160.0),
        voicing=torch.ones(1, 100),
        envelope=torch.full((1, 100, 60), -3.0),
        gain=torch.ones(1, 100),
    )
    sound = Vocoder().push(frames)[0].numpy()
    # A power density of 10^-3 is a standard deviation of 10^-1.5; the first 20 ms fade in.
    assert np.sqrt((sound[1600:] ** 2).mean()) == pytest.approx(10**-1.5, rel=0.05)
    f0, voiced = track_pitch(sound, 100)
    assert voiced[10:90].all()
    np.testing.assert_allclose(f0[10:90], 160.0, rtol=5e-3)
