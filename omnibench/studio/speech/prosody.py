"""How a line is said: Kokoro's encoder half in float64, so that times, pitch and loudness are the same everywhere.

Kokoro is StyleTTS 2 (Li et al., 2023) without its diffusion: ALBERT reads the phonemes; a duration encoder of three
bidirectional LSTMs, each followed by a layer norm that the voice scales, gives the frames of every symbol; stretched by
them, one more LSTM and two stacks of residual blocks give pitch and energy; a text encoder of its own gives the
decoder's features. Layer names follow the ONNX graph. The graph rounds activations to 8 bits by float32 sums, which
differ between processors; in float64 another order of sums moves a result by some 1e-12, and what is kept is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from omnibench.studio.kokoro import vocabulary
from omnibench.studio.speech.weights import Weights, encoder_weights

PITCH_STEP: Final = 1 / 16
"""Pitch is kept in steps of so many Hz."""
ENERGY_STEP: Final = 1 / 1024
LONGEST: Final = 510
"""Symbols that ALBERT has places for, the two ends not counted."""

_LAYERS: Final = 12
_HEADS: Final = 12
_ALBERT: Final = "bert.encoder.albert_layer_groups.0.albert_layers.0"
_SLOPE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Prosody:
    """A planned line of ``n`` symbols and ``F`` frames of 25 ms.

    ``frames`` ``(n + 2,)`` int64 per symbol with the silence of both ends; ``pitch`` (Hz, about 0 where nothing is
    voiced) and ``energy`` (log of the spectrum's norm), both ``(2F,)`` float32; ``features`` ``(512, F)`` float32.
    """

    frames: NDArray[np.int64]
    pitch: NDArray[np.float32]
    energy: NDArray[np.float32]
    features: NDArray[np.float32]


def plan(phonemes: str, row: NDArray[np.float32], speed: float) -> Prosody:
    """Plan a line.

    Args:
        phonemes: symbols of Kokoro's vocabulary, at most :data:`LONGEST`.
        row: ``(256,)``, the voice's style for a line of this length.
        speed: 1 is the voice's own pace, larger is faster.

    Raises:
        MissingError: a package of the extra ``[studio]`` is not installed.
        ValueError: a symbol outside the vocabulary, or too many of them.
    """
    ids = vocabulary()
    unknown = sorted(set(phonemes) - set(ids))
    if unknown:
        raise ValueError(f"symbols outside Kokoro's vocabulary: {unknown}")
    if len(phonemes) > LONGEST:
        raise ValueError(f"{len(phonemes)} symbols in one line, at most {LONGEST}; say it in two")
    tokens = torch.tensor([0, *(ids[symbol] for symbol in phonemes), 0])
    style = torch.from_numpy(row.astype(np.float64))[128:]
    with torch.inference_mode(), _one_thread():
        frames, pitch, energy, features = _encode(encoder_weights(), tokens, style, speed)
    return Prosody(
        frames.numpy(),
        np.asarray(np.round(pitch.numpy() / PITCH_STEP) * PITCH_STEP, np.float32),
        np.asarray(np.round(energy.numpy() / ENERGY_STEP) * ENERGY_STEP, np.float32),
        features.numpy().astype(np.float32),
    )


def _encode(w: Weights, tokens: torch.Tensor, style: torch.Tensor, speed: float) -> tuple[torch.Tensor, ...]:
    """Frames ``(n,)`` of every token, pitch and energy ``(2F,)``, the decoder's features ``(512, F)``."""
    said = _duration_encoder(w, _dense(w, "bert_encoder", _albert(w, tokens)), style)
    chances = torch.sigmoid(_dense(w, "duration_proj.linear_layer", _lstm(w, "lstm", said)))
    frames = torch.round(chances.sum(dim=1) / speed).clamp(min=1).to(torch.int64)
    shared = _lstm(w, "shared", said.repeat_interleave(frames, dim=0)).T
    features = _text_encoder(w, tokens).repeat_interleave(frames, dim=0).T
    return frames, _curve(w, "F0", shared, style), _curve(w, "N", shared, style), features


def _albert(w: Weights, tokens: torch.Tensor) -> torch.Tensor:
    """``(n, 768)``: one layer, twelve times."""
    embedded = (
        w.products["bert.embeddings.word_embeddings"][tokens]
        + w.products["bert.embeddings.token_type_embeddings"][0]
        + w.products["bert.embeddings.position_embeddings"][: len(tokens)]
    )
    x = _dense(w, "bert.encoder.embedding_hidden_mapping_in", _layer_norm(w, "bert.embeddings.LayerNorm", embedded))
    for _ in range(_LAYERS):
        query, key, value = (
            _dense(w, f"{_ALBERT}.attention.{name}", x).unflatten(1, (_HEADS, -1)).transpose(0, 1)
            for name in ("query", "key", "value")
        )
        weights = torch.softmax(query @ key.transpose(1, 2) / query.shape[2] ** 0.5, dim=-1)
        heard = (weights @ value).transpose(0, 1).flatten(1)
        x = _layer_norm(w, f"{_ALBERT}.attention.LayerNorm", x + _dense(w, f"{_ALBERT}.attention.dense", heard))
        inner = functional.gelu(_dense(w, f"{_ALBERT}.ffn", x), approximate="tanh")
        x = _layer_norm(w, f"{_ALBERT}.full_layer_layer_norm", x + _dense(w, f"{_ALBERT}.ffn_output", inner))
    return x


def _duration_encoder(w: Weights, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """``(n, 640)``: 512 channels of what is said beside 128 of who says it."""
    beside = style.expand(len(x), -1)
    for i in (0, 2, 4):
        heard = _lstm(w, f"text_encoder.lstms.{i}", torch.cat([x, beside], dim=1))
        scale, shift = _dense(w, f"text_encoder.lstms.{i + 1}.fc", style).chunk(2)
        x = (1 + scale) * functional.layer_norm(heard, heard.shape[1:], eps=1e-5) + shift
    return torch.cat([x, beside], dim=1)


def _text_encoder(w: Weights, tokens: torch.Tensor) -> torch.Tensor:
    """``(n, 512)``: three convolutions over five symbols and an LSTM."""
    x = w.products["text_encoder.embedding"][tokens]
    for i in range(3):
        weight, bias = w.products[f"text_encoder.cnn.{i}.cnn.{i}.0"], w.plain[f"text_encoder.cnn.{i}.0.bias"]
        x = functional.conv1d(x.T[None], weight, bias, padding=2)[0].T
        name = f"text_encoder.cnn.{i}.1"
        x = functional.layer_norm(x, x.shape[1:], w.plain[f"{name}.gamma"], w.plain[f"{name}.beta"], eps=1e-5)
        x = functional.leaky_relu(x, _SLOPE)
    return _lstm(w, "text_encoder.lstm", x)


def _curve(w: Weights, name: str, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Pitch (``F0``) or energy (``N``) ``(2F,)`` of ``(512, F)``: three blocks, the second doubles the rate."""
    for block in range(3):
        x = _residual(w, f"{name}.{block}", x, style)
    return functional.conv1d(x[None], w.products[f"{name}_proj"], w.plain[f"{name}_proj.bias"])[0, 0]


def _residual(w: Weights, name: str, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    inner = functional.leaky_relu(_styled(w, f"{name}.norm1", x, style), _SLOPE)
    short = x
    if f"{name}.pool" in w.plain:
        weight, bias = w.plain[f"{name}.pool"], w.plain[f"{name}.pool.bias"]
        inner = functional.conv_transpose1d(
            inner[None], weight, bias, stride=2, padding=1, output_padding=1, groups=len(weight)
        )[0]
        short = functional.conv1d(x.repeat_interleave(2, dim=1)[None], w.products[f"{name}.conv1x1"])[0]
    for conv, norm in (("conv1", "norm2"), ("conv2", "")):
        weight, bias = w.products[f"{name}.{conv}"], w.plain[f"{name}.{conv}.bias"]
        inner = functional.conv1d(inner[None], weight, bias, padding=1)[0]
        if norm:
            inner = functional.leaky_relu(_styled(w, f"{name}.{norm}", inner, style), _SLOPE)
    return (inner + short) / 2**0.5


def _styled(w: Weights, name: str, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Instance norm over time, scaled and shifted by the voice."""
    scale, shift = _dense(w, f"{name}.fc", style).chunk(2)
    spread = x - x.mean(dim=1, keepdim=True)
    normal = spread / (spread.square().mean(dim=1, keepdim=True) + 1e-5).sqrt()
    return (1 + scale)[:, None] * normal + shift[:, None]


def _dense(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return x @ w.products[name] + w.plain[f"{name}.bias"]


def _layer_norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(x, x.shape[1:], w.plain[f"{name}.weight"], w.plain[f"{name}.bias"], eps=1e-12)


def _lstm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    """``(n, in)`` to ``(n, 512)``, both directions."""
    flat = w.recurrent[name]
    start = x.new_zeros(2, 1, flat[1].shape[1])
    output: torch.Tensor = torch.lstm(x[None], (start, start), flat, True, 1, 0.0, False, True, True)[0]
    return output[0]


@contextmanager
def _one_thread() -> Iterator[None]:
    """A build runs as many processes as there are processors, and these products are small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
