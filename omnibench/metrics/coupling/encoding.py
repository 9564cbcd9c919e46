"""Directions of texts whose words can be left out one by one: all-MiniLM-L6-v2's word pieces, summed up word by word.

The direction of a text is that of the sum of its pieces, each of unit length, with the marks at its start and end
(Reimers & Gurevych 2019, mean pooling). A word that is left out after encoding takes its own pieces out of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_BATCH: Final = 32


class Encoded(NamedTuple):
    """``words`` ``(n, width)``, what each word adds to the text's direction, and ``marks`` ``(width,)``, what its start
    and end add.
    """

    words: Array
    marks: Array

    @property
    def direction(self) -> Array:
        """Of the whole text, unit length."""
        whole = self.words.sum(axis=0) + self.marks
        return np.asarray(whole / np.linalg.norm(whole))


def encoded(texts: Sequence[tuple[str, ...]], folder: Path, layer: int) -> dict[tuple[str, ...], Encoded]:
    """Texts, given as their words; what is longer than the network's positions adds nothing.

    Args:
        texts: words of letters alone, which the network's tokenizer parts at blanks.
        folder: the network, as transformers saves it.
        layer: whose output is taken, from 1.

    Raises:
        InputError: the folder holds no encoder with that many layers.
    """
    from omnibench.metrics.text.embeddings import load_encoder

    encoder = load_encoder(folder, layer)
    by_length = sorted(dict.fromkeys(texts), key=len)
    sizes = {word: len(encoder.encode(word)) - 2 for word in {word for words in by_length for word in words}}
    found: dict[tuple[str, ...], Encoded] = {}
    for first in range(0, len(by_length), _BATCH):
        chosen = by_length[first : first + _BATCH]
        for words, text in zip(chosen, encoder.embed([" ".join(words) for words in chosen]), strict=True):
            pieces = np.asarray(text.pieces.numpy(), np.float64)
            owners = np.repeat(np.arange(len(words)), [sizes[word] for word in words])
            inside = pieces[1:-1]
            sums = np.zeros((len(words), pieces.shape[1]))
            np.add.at(sums, owners[: len(inside)], inside[: len(owners)])
            found[words] = Encoded(sums, pieces[0] + pieces[-1])
    return found
