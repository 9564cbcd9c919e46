"""Two tiny text encoders, RoBERTa's and BERT's kind, as folders that transformers of any version opens.

The weights come from numpy, by parameter name, so that no version's initialisation enters; nothing here imports torch
or transformers.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

WIDTH, INNER, LAYERS, HEADS, POSITIONS, LONGEST = 32, 64, 3, 4, 50, 48


def write_roberta(folder: Path, vocabulary: Mapping[str, int], merges: Sequence[str]) -> Path:
    """A RoBERTa of 3 layers with a byte-level BPE tokenizer (``<s> <pad> </s> <unk> <mask>`` are its first ids)."""
    marks = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    _write(folder, "RobertaModel", "roberta", len(vocabulary), marks)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("".join(f"{line}\n" for line in ["#version: 0.2", *merges]))
    _describe(folder, tokenizer_class="RobertaTokenizer")
    return folder


def write_bert(folder: Path, vocabulary: Sequence[str]) -> Path:
    """A BERT of 3 layers with an uncased WordPiece tokenizer (``[PAD]`` is id 0)."""
    _write(folder, "BertModel", "bert", len(vocabulary), {"pad_token_id": 0})
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    _describe(folder, tokenizer_class="BertTokenizer", do_lower_case=True)
    return folder


def _write(folder: Path, architecture: str, kind: str, words: int, special: Mapping[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": [architecture],
        "model_type": kind,
        "vocab_size": words,
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
        **special,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(_weights(words), folder / "model.safetensors", metadata={"format": "pt"})


def _describe(folder: Path, **entries: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": LONGEST, **entries}))


def _weights(words: int) -> dict[str, np.ndarray]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (words, WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        **_norm("embeddings.LayerNorm"),
        **_linear("pooler.dense", WIDTH, WIDTH),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            shapes |= _linear(f"{at}.attention.self.{part}", WIDTH, WIDTH)
        shapes |= _linear(f"{at}.attention.output.dense", WIDTH, WIDTH) | _norm(f"{at}.attention.output.LayerNorm")
        shapes |= _linear(f"{at}.intermediate.dense", WIDTH, INNER)
        shapes |= _linear(f"{at}.output.dense", INNER, WIDTH) | _norm(f"{at}.output.LayerNorm")
    return {name: _numbers(name, shape) for name, shape in shapes.items()}


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}


def _numbers(name: str, shape: tuple[int, ...]) -> np.ndarray:
    drawn = np.random.default_rng(zlib.crc32(name.encode())).normal(size=shape)
    centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
    return (centre + 0.25 * drawn).astype(np.float32)
