"""Our BiCodec against the modules of a Spark-TTS checkout: one seeded state dict, the published size and names.

``OMNIBENCH_SPARK_TTS`` names a checkout of SparkAudio/Spark-TTS @2f1ea90.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from bicodec_factory import seeded_features, seeded_state
from spark_tts import reference_network

from baselines.shared.codec.bicodec.network import BiCodecNetwork, network_of
from baselines.shared.codec.bicodec.sizes import BiCodecSizes

pytestmark = pytest.mark.parity

CLOSE = 1e-5
PUBLISHED_TENSORS = 840  # of BiCodec/model.safetensors in Spark-TTS-0.5B


@pytest.fixture(scope="module")
def both() -> tuple[Any, BiCodecNetwork]:
    theirs = reference_network(Path(os.environ["OMNIBENCH_SPARK_TTS"]), BiCodecSizes())
    state = seeded_state(theirs.state_dict())
    assert len(state) == PUBLISHED_TENSORS
    theirs.load_state_dict(state)
    return theirs.eval(), network_of(state)


def test_semantic_tokens(both: tuple[Any, BiCodecNetwork]) -> None:
    theirs, ours = both
    features = seeded_features(1024)
    with torch.no_grad():
        expected = theirs.encoder(features.transpose(1, 2))
    assert torch.allclose(ours.encoder(features), expected, atol=CLOSE * float(expected.abs().max()), rtol=0)
    assert torch.equal(ours.quantizer.tokens(expected), theirs.quantizer.tokenize(expected))


def test_voice(both: tuple[Any, BiCodecNetwork]) -> None:
    theirs, ours = both
    mel = seeded_features(128).abs().transpose(1, 2)
    with torch.no_grad():
        tokens = theirs.speaker_encoder.tokenize(mel.transpose(1, 2))
        expected = theirs.speaker_encoder.detokenize(tokens)
    assert len(set(tokens[0, 0].tolist())) > 3
    assert torch.equal(ours.speaker_encoder.tokens(mel), tokens[:, 0])
    assert torch.allclose(ours.speaker_encoder(tokens[:, 0]), expected, atol=CLOSE)


def test_samples(both: tuple[Any, BiCodecNetwork]) -> None:
    theirs, ours = both
    tokens = torch.arange(0, 8000, 200)[None]
    voice = torch.linspace(-1, 1, 1024)[None]
    with torch.no_grad():
        features = theirs.prenet(theirs.quantizer.detokenize(tokens), voice) + voice[..., None]
        expected = theirs.decoder(features)[:, 0]
    assert 0.01 < expected.std() < 0.9
    assert torch.allclose(ours(tokens, voice), expected, atol=CLOSE, rtol=0)
