"""The features that semantic tokens are read from: wav2vec 2.0 XLSR-53 (A. Conneau et al., 2020), up to layer 16."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import Wav2Vec2Config, Wav2Vec2Model

from baselines.shared.codec.bicodec.sizes import TOKEN_SAMPLES
from omnibench.errors import InputError

LAYERS: Final = (11, 14, 16)  # hidden states that are averaged (Spark-TTS sparktts/models/audio_tokenizer.py)
# wav2vec2-large-xlsr-53's config.json, where it differs from transformers' defaults.
XLSR: Final[dict[str, Any]] = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_attention_heads": 16,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
}
_TAIL: Final = 80  # samples that the last convolution reaches beyond a token's 320
_SMALLEST_VARIANCE: Final = 1e-7
_PREFIX: Final = "wav2vec2."


class SpeechFeatures(nn.Module):
    """``(n,)`` samples at 16 kHz to ``(ceil(n / 320), hidden)``."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        # What lies above the last hidden state that is read would only cost time.
        sizes = Wav2Vec2Config(num_hidden_layers=LAYERS[-1], layerdrop=0.0, apply_spec_augment=False, **config)
        self.network = Wav2Vec2Model(sizes)
        # Hidden states are read before the norm that closes the encoder.
        self.network.encoder.register_module("layer_norm", nn.Identity())

    def forward(self, audio: Tensor) -> Tensor:
        centred = audio - audio.mean()
        normed = centred / (centred.square().mean() + _SMALLEST_VARIANCE).sqrt()
        tokens = -(-len(audio) // TOKEN_SAMPLES)
        padded = nn.functional.pad(normed, (0, tokens * TOKEN_SAMPLES + _TAIL - len(audio)))
        states = self.network(padded[None], output_hidden_states=True).hidden_states
        return torch.stack([states[layer][0] for layer in LAYERS]).mean(dim=0)


def load_features(path: Path, config: dict[str, Any] | None = None) -> SpeechFeatures:
    """The features of the published ``pytorch_model.bin``.

    Raises:
        InputError: not such a file, or its tensors are not XLSR-53's.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise InputError(
            f"{path}: not a whole wav2vec2 checkpoint ({error}). Get it again: `omnibench assets fetch spark-bicodec`."
        ) from error
    features = SpeechFeatures(XLSR if config is None else config).eval().requires_grad_(False)
    own = features.network.state_dict()
    found = {_present_name(name): value for name, value in state.items()}
    missing = [n for n, v in own.items() if n not in found or found[n].shape != v.shape]
    if missing:
        raise InputError(
            f"{path}: {len(missing)} tensors are not those of wav2vec2-large-xlsr-53, first {missing[0]}. "
            "Get it: `omnibench assets fetch spark-bicodec`."
        )
    features.network.load_state_dict({name: found[name] for name in own})
    return features


def _present_name(published: str) -> str:
    """The name that torch gives a tensor today: weight normalisation has become a parametrisation since."""
    name = published.removeprefix(_PREFIX)
    name = name.replace("conv.weight_g", "conv.parametrizations.weight.original0")
    return name.replace("conv.weight_v", "conv.parametrizations.weight.original1")
