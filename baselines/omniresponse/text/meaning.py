"""What words mean before training begins: the word vectors of a sentence encoder that comes with the installation.

Two hundred short dialogues do not teach that bread has to do with an oven. The token embeddings, which also read the
next token, therefore start from MiniLM's word vectors, and what was heard can draw an answer towards its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor

from baselines.omniresponse.text.tokens import ChronoTokenizer
from omnibench.assets import finding as assets

WEIGHTS: Final = "minilm-l6-v2/model.safetensors"
TOKENIZER: Final = "minilm-l6-v2/tokenizer.json"
TABLE: Final = "embeddings.word_embeddings.weight"
SHORTEST: Final = 0.05  # of a vector: the most frequent words keep a direction


def rarities(tokenizer: ChronoTokenizer, texts: Sequence[str]) -> Tensor:
    """``(size,)`` in [0, 1]: how few of the transcripts hold a token; 0 for markers, pieces and what none holds.

    An inverse document frequency (Spärck Jones 1972), 1 for a token of a single transcript.
    """
    count = np.zeros(tokenizer.size)
    for text in texts:
        count[list(set(tokenizer.encode_text(text)))] += 1
    rarity = np.log(len(texts) / np.maximum(count, 1)) / np.log(max(len(texts), 2))
    return torch.from_numpy(np.where((count > 0) & tokenizer.starts_word, rarity, 0.0).astype(np.float32))


def word_vectors(tokenizer: ChronoTokenizer, rarity: Tensor, width: int) -> Tensor:
    """``(size, width)``: direction from meaning, length from rarity; zero for a token that is no word.

    Args:
        tokenizer: its tokens are looked up one by one, those of several word pieces as their mean.
        rarity: ``(size,)``.
        width: principal directions that are kept, the first of those of this vocabulary.

    Raises:
        MissingError: MiniLM's files are not installed.
    """
    with safe_open(assets.find(WEIGHTS), framework="np") as file:
        table = file.get_tensor(TABLE)
    pieces = Tokenizer.from_file(str(assets.find(TOKENIZER)))
    pieces.no_padding()
    pieces.no_truncation()
    vectors = np.zeros((tokenizer.size, table.shape[1]))
    for token in np.flatnonzero(tokenizer.starts_word):
        text = tokenizer.decode([int(token)]).lower().strip(".,?!-' ")
        if len(text) > 1:
            vectors[token] = table[pieces.encode(text, add_special_tokens=False).ids].mean(axis=0)
    known: NDArray[np.bool_] = np.any(vectors != 0, axis=1)
    vectors[known] -= vectors[known].mean(axis=0)
    vectors[known] /= np.linalg.norm(vectors[known], axis=1, keepdims=True)
    vectors[known] *= np.maximum(rarity.numpy()[known, None], SHORTEST)
    return torch.from_numpy(_principal(vectors, known, width))


def _principal(vectors: NDArray[np.float64], known: NDArray[np.bool_], width: int) -> NDArray[np.float32]:
    _, _, directions = np.linalg.svd(vectors[known], full_matrices=False)
    kept = directions[:width]
    # The sign of a principal direction is arbitrary: its largest part is made positive, on every machine.
    kept *= np.sign(np.take_along_axis(kept, np.abs(kept).argmax(axis=1)[:, None], axis=1))
    found = np.zeros((len(vectors), width), dtype=np.float32)
    found[:, : len(kept)] = vectors @ kept.T
    return found
