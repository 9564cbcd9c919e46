"""BiCodec whole: features to semantic tokens, spectrum to voiceprint, tokens and voiceprint to samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from baselines.shared.codec.bicodec.semantic import Prenet, SemanticCodebook, SemanticEncoder
from baselines.shared.codec.bicodec.sizes import TOKEN_SAMPLES, BiCodecSizes
from baselines.shared.codec.bicodec.speaker import SpeakerEncoder
from baselines.shared.codec.bicodec.wave import WaveGenerator
from omnibench.errors import InputError

# In the published file and of no use here: losses of its training, and the x-vector.
TRAINING_ONLY: Final = (
    "postnet.",
    "quantizer.cluster_size",
    "speaker_encoder.speaker_encoder.pool.",
    "speaker_encoder.speaker_encoder.bn.",
    "speaker_encoder.speaker_encoder.linear.",
)


class BiCodecNetwork(nn.Module):
    """The network without its wav2vec2."""

    def __init__(self, sizes: BiCodecSizes | None = None) -> None:
        super().__init__()
        self.sizes = sizes or BiCodecSizes()
        self.encoder = SemanticEncoder(self.sizes)
        self.quantizer = SemanticCodebook(self.sizes)
        self.speaker_encoder = SpeakerEncoder(self.sizes)
        self.prenet = Prenet(self.sizes)
        self.decoder = WaveGenerator(self.sizes)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.quantizer.codebook.weight.device

    def semantic_tokens(self, features: Tensor) -> Tensor:
        """``(B, T)`` int64 of wav2vec2 features ``(B, T, features)``."""
        return self.quantizer.tokens(self.encoder(features))

    def forward(self, tokens: Tensor, voice: Tensor, first: int = 0) -> Tensor:
        """Samples of tokens ``first ...``: ``(B, (T - first) * 320)``.

        Args:
            tokens: ``(B, T)`` semantic tokens.
            voice: ``(B, latent)``.
            first: tokens before it count as context alone.
        """
        features = self.prenet(self.quantizer(tokens), voice) + voice[..., None]
        context = min(self.sizes.wave_reach, first)
        samples: Tensor = self.decoder(features[..., first - context :])
        return samples[:, context * TOKEN_SAMPLES :]


def load_network(path: Path, sizes: BiCodecSizes | None = None) -> BiCodecNetwork:
    """The network of a published safetensors file.

    Raises:
        InputError: truncated, or its tensors are not BiCodec's.
    """
    try:
        published = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"{path}: not a whole safetensors file ({error}). Get it again: `omnibench assets fetch spark-bicodec`."
        ) from error
    return network_of(published, sizes, str(path))


def network_of(published: Mapping[str, Tensor], sizes: BiCodecSizes | None = None, origin: str = "") -> BiCodecNetwork:
    """The network of a state dict with the published names.

    Raises:
        InputError: tensors are missing, of another shape, or unknown; ``origin`` says whose.
    """
    network = BiCodecNetwork(sizes)
    state = fold_weight_norms({n: v for n, v in published.items() if not n.startswith(TRAINING_ONLY)})
    own = network.state_dict()
    wrong = sorted(own.keys() ^ state.keys()) or [n for n, v in own.items() if v.shape != state[n].shape]
    if wrong:
        raise InputError(
            f"{origin}: {len(wrong)} tensors are not those of Spark-TTS-0.5B's BiCodec, first {wrong[0]}. "
            "Get it: `omnibench assets fetch spark-bicodec`."
        )
    network.load_state_dict(state)
    return network.eval().requires_grad_(False)


def fold_weight_norms(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """``weight_g`` and ``weight_v`` of weight normalisation (T. Salimans, D. Kingma, 2016) as their ``weight``."""
    folded = {name: value for name, value in state.items() if not name.endswith(("weight_g", "weight_v"))}
    for name, direction in state.items():
        if name.endswith("weight_v"):
            stem = name.removesuffix("_v")
            length = torch.linalg.vector_norm(direction, dim=(1, 2), keepdim=True)
            folded[stem] = direction * (state[f"{stem}_g"] / length)
    return folded
