"""The modules of a Spark-TTS checkout, put together as its ``BiCodec.load_from_checkpoint`` does, at any size."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from torch import nn

from baselines.shared.codec.bicodec.sizes import BiCodecSizes

POSTNET_LAYERS = 6


def _module(checkout: Path, name: str) -> Any:
    if str(checkout) not in sys.path:
        sys.path.insert(0, str(checkout))
    return importlib.import_module(f"sparktts.{name}")


def reference_network(checkout: Path, sizes: BiCodecSizes) -> Any:
    """The published state dict's modules: encoder, quantizer, speaker_encoder, prenet, postnet, decoder."""
    stack = (sizes.width, sizes.mlp, sizes.layers, sizes.latent)
    decoder = _module(checkout, "modules.encoder_decoder.feat_decoder").Decoder
    network: Any = nn.Module()
    network.encoder = _module(checkout, "modules.encoder_decoder.feat_encoder").Encoder(sizes.features, *stack, [1, 1])
    network.quantizer = _module(checkout, "modules.vq.factorized_vector_quantize").FactorizedVectorQuantize(
        sizes.latent, sizes.codes, sizes.code_width, commitment=0.25
    )
    network.speaker_encoder = _module(checkout, "modules.speaker.speaker_encoder").SpeakerEncoder(
        sizes.mels, sizes.latent, sizes.speaker_latent, sizes.global_tokens, list(sizes.levels), 1
    )
    network.prenet = decoder(sizes.latent, *stack, condition_dim=sizes.latent, sample_ratios=[1, 1])
    network.postnet = decoder(sizes.latent, sizes.width, sizes.mlp, POSTNET_LAYERS, sizes.features)
    network.decoder = _module(checkout, "modules.encoder_decoder.wave_generator").WaveGenerator(
        sizes.latent, sizes.wave_channels, list(sizes.wave_rates), list(sizes.wave_kernels)
    )
    return network
