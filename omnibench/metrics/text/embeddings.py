"""Contextual embeddings of word pieces from a BERT-like encoder, as BERTScore takes them.

transformers 5 no longer heeds ``add_prefix_space`` when a text is encoded, so the first word of a text gets another
piece from RoBERTa's tokenizer, and other scores. Here the space is put in front of the text itself, which every version
reads alike.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError
from omnibench.features.device import metric_device

if TYPE_CHECKING:
    import torch

_SPACED: Final = ("roberta", "gpt2")
"""Kinds of network whose tokenizer tells a word at a text's start from one behind a space."""


@dataclass(frozen=True)
class EmbeddedText:
    """Unit-length embeddings ``(pieces, width)`` float32 of one text, with its start and end marks, and which of the
    pieces are words ``(pieces,)`` bool.
    """

    pieces: torch.Tensor
    words: torch.Tensor


class TextEncoder:
    """The first layers of an encoder, with its tokenizer.

    Args:
        folder: a model as transformers saves it: ``config.json``, weights, tokenizer files.
        layer: how many layers to run, from 1; the embeddings are the last one's output.
        device: where it runs; ``""`` is where metrics do, `omnibench.features.device.metric_device`.

    Raises:
        InputError: the folder does not hold such a model, or one with fewer layers.
    """

    def __init__(self, folder: Path, layer: int, device: str = "") -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        self._prefix = " " if _kind(folder) in _SPACED else ""
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            network: Any = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{folder}: transformers cannot open this model: {error}") from error
        layers = getattr(getattr(network, "encoder", None), "layer", None)
        if layers is None or not 1 <= layer <= len(layers):
            there = "no stack of encoder layers" if layers is None else f"{len(layers)} layers"
            raise InputError(f"{folder}: layer {layer} is asked for and this model has {there}.")
        network.encoder.layer = layers[:layer]
        self._network: Any = network.eval().to(device or metric_device())
        self._longest = min(self._tokenizer.model_max_length, _positions(network.config))
        self._marks = (self._tokenizer.cls_token_id, self._tokenizer.sep_token_id)

    def embed(self, texts: Sequence[str]) -> list[EmbeddedText]:
        """Embed texts in one batch; longer ones than the network has positions are cut, as bert-score cuts them.

        Args:
            texts: at least one; ``""`` gives the two marks alone.
        """
        import torch

        encoded = [self.encode(text) for text in texts]
        longest = max(map(len, encoded))
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[*pieces, *[pad] * (longest - len(pieces))] for pieces in encoded])
        mask = torch.tensor([[1] * len(pieces) + [0] * (longest - len(pieces)) for pieces in encoded])
        with torch.inference_mode():
            device = self._network.device
            states = self._network(ids.to(device), attention_mask=mask.to(device))[0].cpu()
        marks = torch.isin(ids, torch.tensor(self._marks))
        return [
            EmbeddedText(torch.nn.functional.normalize(state[:length], dim=-1, eps=0.0), ~mark[:length])
            for state, mark, length in zip(states, marks, map(len, encoded), strict=True)
        ]

    def encode(self, text: str) -> list[int]:
        stripped = text.strip()
        spaced = self._prefix + stripped if stripped else ""
        return list(self._tokenizer.encode(spaced, truncation=True, max_length=self._longest))


@lru_cache(maxsize=1)
def load_encoder(folder: Path, layer: int, device: str = "") -> TextEncoder:
    """The encoder of a folder, kept for the next call. Raises InputError as `TextEncoder`."""
    return TextEncoder(folder, layer, device)


def _kind(folder: Path) -> str:
    path = folder / "config.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: expected the configuration of a transformers model, with its model_type.") from error


def _positions(config: Any) -> int:
    """How many pieces the network can read; RoBERTa's positions begin behind its padding id."""
    offset = config.pad_token_id + 1 if config.model_type == "roberta" else 0
    return int(config.max_position_embeddings) - offset
