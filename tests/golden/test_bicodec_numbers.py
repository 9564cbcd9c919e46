"""BiCodec against numbers that Spark-TTS's own modules gave (``make_bicodec_numbers.py`` says how)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from bicodec_factory import SMALL, published_names, seeded_features, seeded_state, seeded_voice

from baselines.shared.codec.bicodec.network import BiCodecNetwork, network_of
from baselines.shared.codec.bicodec.reference import levelled, mel_spectrum

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "bicodec.json").read_text("utf-8"))
CLOSE = 1e-5


@pytest.fixture(scope="module")
def network() -> BiCodecNetwork:
    return network_of(seeded_state(published_names(SMALL)), SMALL)


def test_loudness_is_theirs() -> None:
    found = torch.from_numpy(levelled(seeded_voice()))[:: GOLDEN["sample_step"]]
    assert torch.allclose(found, torch.tensor(GOLDEN["levelled"]), atol=CLOSE, rtol=0)


def test_global_tokens_and_voiceprint_are_theirs(network: BiCodecNetwork) -> None:
    mel = mel_spectrum(torch.from_numpy(levelled(seeded_voice()))[None], SMALL.mels)
    step = GOLDEN["band_step"]
    assert torch.allclose(mel[0, ::step, ::step].flatten(), torch.tensor(GOLDEN["mel"]), atol=CLOSE, rtol=CLOSE)
    tokens = network.speaker_encoder.tokens(mel)
    assert tokens[0].tolist() == GOLDEN["global_tokens"]
    assert torch.allclose(network.speaker_encoder(tokens)[0], torch.tensor(GOLDEN["voiceprint"]), atol=CLOSE)


def test_semantic_tokens_and_samples_are_theirs(network: BiCodecNetwork) -> None:
    tokens = network.semantic_tokens(seeded_features(SMALL.features))
    assert tokens[0].tolist() == GOLDEN["semantic_tokens"]
    samples = network(tokens, torch.tensor(GOLDEN["voiceprint"])[None])[0]
    assert 0.05 < samples.std() < 0.8
    assert torch.allclose(samples[:: GOLDEN["sample_step"]], torch.tensor(GOLDEN["samples"]), atol=CLOSE, rtol=0)
