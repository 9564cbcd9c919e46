"""A BiCodec of few channels with weights that a name and a formula define, so that two programs can have the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.bicodec.network import BiCodecNetwork
from baselines.shared.codec.bicodec.sizes import BiCodecSizes

SMALL = BiCodecSizes(
    features=24,
    width=16,
    mlp=32,
    layers=2,
    latent=32,
    codes=64,
    code_width=4,
    mels=32,
    speaker_latent=16,
    global_tokens=8,
    wave_channels=32,
)
FRAMES = 100
SECONDS = 2.5


def seeded_state(like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of these names and shapes: normal, with deviations that keep activations near 1."""
    return {name: _seeded(name, value) for name, value in like.items()}


def _seeded(name: str, like: Tensor) -> Tensor:
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    shape = tuple(like.shape)
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.long)
    if name.endswith(
        "weight_g"
    ):  # residual units add up: their convolutions must be small, or tanh is all that is heard
        return torch.from_numpy(generator.uniform(0.4, 0.8, shape)).float()
    if name.endswith(("running_var", "alpha")) or (len(shape) == 1 and not name.endswith(("bias", "mean"))):
        return torch.from_numpy(generator.uniform(0.6, 1.4, shape)).float()
    if len(shape) == 1:
        return torch.from_numpy(generator.normal(0, 0.1, shape)).float()
    fan = np.prod(shape[1:]) if len(shape) == 3 else shape[-1]
    deviation = 0.16 if name.endswith("latents") else fan**-0.5
    if name.endswith("layer1.conv.weight"):  # amplitudes are small: voices would hardly differ behind the biases
        deviation *= 10
    return torch.from_numpy(generator.normal(0, deviation, shape)).float()


def published_names(sizes: BiCodecSizes) -> dict[str, Tensor]:
    """Empty tensors with the names of the published file, as far as they are read: weight norms apart."""
    found: dict[str, Tensor] = {}
    for name, value in BiCodecNetwork(sizes).state_dict().items():
        normed = name.startswith(("decoder.", "quantizer.in_project", "quantizer.out_project"))
        if normed and name.endswith(".weight"):
            found[f"{name}_v"] = value
            found[f"{name}_g"] = value[:, :1, :1]
        else:
            found[name] = value
    return found


def seeded_features(width: int) -> Tensor:
    """``(1, FRAMES, width)``."""
    return torch.from_numpy(np.random.default_rng(1).normal(0, 1, (1, FRAMES, width))).float()


def seeded_voice() -> NDArray[np.float32]:
    """``(n,)`` samples: a gliding buzz in noise, louder and softer."""
    generator = np.random.default_rng(2)
    time = np.arange(round(SECONDS * 16_000)) / 16_000
    phase = 2 * np.pi * (130 * time + 12 * np.sin(5 * time))
    buzz = sum(np.cos(order * phase + order) / order for order in range(1, 25))
    sound = (0.08 * np.asarray(buzz) + 0.01 * generator.normal(size=len(time))) * (1.2 + np.sin(7 * time))
    return np.asarray(sound, dtype=np.float32)
