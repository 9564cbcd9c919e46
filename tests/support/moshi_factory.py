"""A tiny Moshi with random weights: the moshi package's own classes, in a folder laid out as kyutai's are.

Importing this needs the packages moshi, einops and sentencepiece: `tox -e moshi`.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from data_factory import VOCABULARY
from moshi.models import loaders
from moshi.quantization.core_vq import EuclideanCodebook
from safetensors.torch import save_file

PIECES = 34
BINS = 32
MIMI_CONFIG: dict[str, Any] = {
    **loaders._mimi_config,
    "seanet": {**loaders._seanet_kwargs, "dimension": 16, "n_filters": 2},
    "transformer": {
        **loaders._transformer_kwargs,
        "d_model": 16,
        "num_heads": 2,
        "num_layers": 1,
        "dim_feedforward": 32,
        "input_dimension": 16,
        "output_dimensions": [16],
    },
    "quantizer": {
        **loaders._quantizer_kwargs,
        "dimension": 8,
        "n_q": 8,
        "bins": BINS,
        "input_dimension": 16,
        "output_dimension": 16,
    },
}
LANGUAGE_MODEL_CONFIG: dict[str, Any] = {
    **loaders._lm_kwargs,
    "dim": 32,
    "text_card": PIECES,
    "card": BINS,
    "num_heads": 2,
    "num_layers": 2,
    "context": 40,
    "depformer_dim": 16,
    "depformer_dim_feedforward": 32,
    "depformer_num_heads": 2,
    "depformer_num_layers": 1,
}


def write_moshi(folder: Path, seed: int = 0) -> Path:
    """Write weights, tokenizer and configuration, and return ``folder``. The same seed gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    mimi = loaders.get_mimi(None, MIMI_CONFIG)
    for module in mimi.modules():
        # Untrained codebooks are all zero: every sound would have the same codes.
        if isinstance(module, EuclideanCodebook):
            module.embedding_sum.normal_(std=0.3)
    model = loaders.get_moshi_lm(None, lm_kwargs=LANGUAGE_MODEL_CONFIG, dtype=torch.bfloat16)
    with torch.no_grad():
        # Larger weights make different inputs matter more than chance does.
        for parameter in (*mimi.encoder.parameters(), *mimi.decoder.parameters()):
            parameter.mul_(2.0)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / "model.safetensors")
    save_file({name: tensor.contiguous() for name, tensor in mimi.state_dict().items()}, folder / "mimi.safetensors")
    (folder / "text.model").write_bytes(_tokenizer())
    (folder / "mimi.json").write_text(json.dumps(MIMI_CONFIG), encoding="utf-8")
    config = {
        **LANGUAGE_MODEL_CONFIG,
        "moshi_name": "model.safetensors",
        "mimi_name": "mimi.safetensors",
        "mimi_config_name": "mimi.json",
        "tokenizer_name": "text.model",
        "model_type": "moshi",
        "lm_gen_config": {},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _tokenizer() -> bytes:
    """Sentencepiece with Moshi's control ids (0 unknown, 1 begin, 2 end, 3 padding)."""
    model = io.BytesIO()
    sentences = [" ".join(VOCABULARY[i:] + VOCABULARY[:i]) for i in range(len(VOCABULARY))]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences * 4),
        model_writer=model,
        vocab_size=PIECES,
        model_type="unigram",
        pad_id=3,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        minloglevel=2,
    )
    return model.getvalue()
