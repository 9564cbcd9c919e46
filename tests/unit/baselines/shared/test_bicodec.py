"""BiCodec behind the codec interface: lengths, streams, voices, features, and files that are not its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from bicodec_factory import SMALL, published_names, seeded_state, seeded_voice
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from transformers import Wav2Vec2Config, Wav2Vec2Model

from baselines.shared.codec.base import Codec
from baselines.shared.codec.bicodec.codec import BiCodec, published_bicodec
from baselines.shared.codec.bicodec.network import BiCodecNetwork, load_network, network_of
from baselines.shared.codec.bicodec.reference import reference_clip, spoken
from baselines.shared.codec.bicodec.sizes import TOKEN_SAMPLES, BiCodecSizes
from baselines.shared.codec.bicodec.stream import BiCodecStream, Chunking
from baselines.shared.codec.bicodec.wav2vec import LAYERS, SpeechFeatures, load_features
from omnibench.errors import InputError, MissingError

XLSR_SMALL = {
    "hidden_size": SMALL.features,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "conv_dim": (8,) * 7,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
}
VOICE = torch.linspace(-1, 1, SMALL.latent)


@pytest.fixture(scope="module")
def network() -> BiCodecNetwork:
    return network_of(seeded_state(published_names(SMALL)), SMALL)


@pytest.fixture(scope="module")
def features() -> SpeechFeatures:
    torch.manual_seed(0)
    return SpeechFeatures(XLSR_SMALL).eval()


@pytest.fixture(scope="module")
def codec(network: BiCodecNetwork, features: SpeechFeatures) -> BiCodec:
    return BiCodec(network, lambda: features)


def test_it_is_a_codec_of_fifty_tokens_a_second(codec: BiCodec) -> None:
    behind: Codec = codec
    assert (behind.token_rate, behind.sample_rate, behind.vocabulary) == (50, 16_000, SMALL.codes)
    assert (behind.lookahead_tokens, behind.voiceprint_dim) == (0, SMALL.latent)
    assert BiCodecSizes().global_tokens == 32
    assert BiCodecSizes().codes == 8192


@pytest.mark.parametrize("samples", [1, 319, 320, 321, 16_000])
def test_each_320_samples_begun_are_a_token(codec: BiCodec, samples: int) -> None:
    tokens = codec.encode(torch.from_numpy(seeded_voice()[:samples]))
    assert tokens.dtype == torch.int64
    assert len(tokens) == -(-samples // TOKEN_SAMPLES)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < SMALL.codes
    assert codec.decode(tokens, VOICE).shape == (len(tokens) * TOKEN_SAMPLES,)
    assert len(codec.encode(torch.zeros(0))) == 0


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 99), st.integers(1, 3), st.integers(0, 3))
def test_pushes_change_nothing(network: BiCodecNetwork, seed: int, size: int, lookahead: int) -> None:
    generator = np.random.default_rng(seed)
    tokens = torch.from_numpy(generator.integers(SMALL.codes, size=24))
    chunking = Chunking(size, lookahead)
    whole = BiCodecStream(network, VOICE, chunking).push(tokens)
    stream = BiCodecStream(network, VOICE, chunking)
    cuts = sorted(generator.integers(0, 25, 5).tolist())
    pieces = [stream.push(tokens[a:b]) for a, b in zip([0, *cuts], [*cuts, 24], strict=True)]
    assert [len(p) for p in pieces] == [320 * (b - a) for a, b in zip([0, *cuts], [*cuts, 24], strict=True)]
    assert torch.allclose(torch.cat(pieces), whole, atol=1e-6)


@pytest.mark.parametrize("chunking", [Chunking(), Chunking(4, 3)])
def test_a_stream_is_the_network_with_all_of_the_past_and_only_the_lookahead(
    network: BiCodecNetwork, chunking: Chunking
) -> None:
    """And what it waits for is heard as delay: as much silence first."""
    context = SMALL.prenet_reach + SMALL.wave_reach
    count = 60
    assert context < 44  # by the last chunk looked at, the stream has forgotten
    tokens = torch.from_numpy(np.random.default_rng(3).integers(SMALL.codes, size=count))
    found = BiCodecStream(network, VOICE, chunking).push(tokens)
    late = chunking.delay * TOKEN_SAMPLES
    assert not found[:late].any()
    for begin in (0, 4, 48):
        end = begin + chunking.tokens
        with torch.inference_mode():
            seen = network(tokens[None, : end + chunking.lookahead], VOICE[None])[0]
        here = slice(begin * TOKEN_SAMPLES, end * TOKEN_SAMPLES)
        assert torch.allclose(found[here.start + late : here.stop + late], seen[here], atol=1e-5)


def test_a_stream_holds_no_more_than_it_reaches(network: BiCodecNetwork) -> None:
    stream = BiCodecStream(network, VOICE, Chunking())
    for _ in range(60):
        stream.push(torch.ones(2, dtype=torch.long))
    assert len(stream._tokens) == SMALL.prenet_reach + SMALL.wave_reach


def test_the_published_network_reaches_57_and_12_tokens() -> None:
    assert (BiCodecSizes().prenet_reach, BiCodecSizes().wave_reach) == (57, 12)


def test_a_voice_is_its_global_tokens_and_silence_is_none_of_it(codec: BiCodec) -> None:
    voice = torch.from_numpy(seeded_voice())
    padded = torch.cat([torch.zeros(48_000), voice, torch.zeros(16_000)])
    tokens = codec.global_tokens(voice)
    assert tokens.shape == (SMALL.global_tokens,)
    assert (tokens < 4**6).all()
    assert torch.equal(codec.voiceprint(voice), codec.network.speaker_encoder(tokens[None])[0])
    kept = spoken(padded.numpy())
    assert len(voice) <= len(kept) <= len(voice) + 2 * 6 * TOKEN_SAMPLES
    other = torch.from_numpy(np.repeat(seeded_voice(), 2)[: len(voice)])
    assert not torch.equal(codec.global_tokens(other), tokens)


def test_a_short_reference_is_repeated_and_silence_alone_is_no_error(codec: BiCodec) -> None:
    short = seeded_voice()[:1000]
    clip = reference_clip(short)
    assert len(clip) == 96_000
    assert np.array_equal(clip[1000:2000], short)
    assert codec.voiceprint(torch.zeros(8000)).isfinite().all()


def test_features_are_the_mean_of_the_three_hidden_states(features: SpeechFeatures) -> None:
    """Against the whole wav2vec2 of 24 layers, whose upper ones ours leaves out."""
    whole = Wav2Vec2Model(Wav2Vec2Config(num_hidden_layers=24, **XLSR_SMALL)).eval()
    whole.load_state_dict(features.network.state_dict(), strict=False)
    audio = torch.from_numpy(seeded_voice()[:8100])
    normed = (audio - audio.mean()) / (audio.var(correction=0) + 1e-7).sqrt()
    padded = torch.cat([normed, torch.zeros(26 * TOKEN_SAMPLES + 80 - len(audio))])
    with torch.no_grad():
        states = whole(padded[None], output_hidden_states=True).hidden_states
        found = features(audio)
    assert len(states) == 25
    assert LAYERS == (11, 14, 16)
    assert found.shape == (26, SMALL.features)
    assert torch.allclose(found, (states[11] + states[14] + states[16])[0] / 3, atol=1e-5)


def test_the_published_features_are_read(features: SpeechFeatures, tmp_path: Path) -> None:
    """``pytorch_model.bin`` names tensors as torch did in 2020 and has heads of its pretraining besides."""
    state = {"wav2vec2." + name: value for name, value in features.network.state_dict().items()}
    conv = "wav2vec2.encoder.pos_conv_embed.conv."
    state[f"{conv}weight_g"] = state.pop(f"{conv}parametrizations.weight.original0")
    state[f"{conv}weight_v"] = state.pop(f"{conv}parametrizations.weight.original1")
    state["project_q.weight"] = torch.zeros(2, 2)
    torch.save(state, tmp_path / "wav2vec2.bin")
    found = load_features(tmp_path / "wav2vec2.bin", XLSR_SMALL)
    audio = torch.from_numpy(seeded_voice()[:3200])
    assert torch.equal(found(audio), features(audio))
    del state[f"{conv}bias"]
    torch.save(state, tmp_path / "wav2vec2.bin")
    with pytest.raises(InputError, match=r"first encoder\.pos_conv_embed\.conv\.bias.*assets fetch spark-bicodec"):
        load_features(tmp_path / "wav2vec2.bin", XLSR_SMALL)
    (tmp_path / "wav2vec2.bin").write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match="not a whole wav2vec2 checkpoint"):
        load_features(tmp_path / "wav2vec2.bin", XLSR_SMALL)


def test_files_that_are_not_bicodec_are_named(tmp_path: Path) -> None:
    state = {name: value.clone() for name, value in seeded_state(published_names(SMALL)).items()}
    path = tmp_path / "model.safetensors"
    save_file(state, path)
    assert load_network(path, SMALL).sizes == SMALL
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"model\.safetensors: not a whole safetensors file.*assets fetch"):
        load_network(path, SMALL)
    save_file({name: value for name, value in state.items() if name != "prenet.linear.bias"}, path)
    with pytest.raises(InputError, match=r"1 tensors are not those of .* first prenet\.linear\.bias"):
        load_network(path, SMALL)


def test_without_its_weights_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(MissingError, match=r"model\.safetensors is not on this machine.*fetch spark-bicodec"):
        published_bicodec()
