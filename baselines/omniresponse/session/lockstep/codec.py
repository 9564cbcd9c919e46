"""Decoding audio tokens of many dialogues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.base import BatchCodec, RowsStream

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


class SeparateStreams:
    """One stream for each dialogue, for codecs that decode only one at a time."""

    def __init__(self, codec: Codec, voiceprints: Tensor) -> None:
        self._streams = [codec.open(voiceprint) for voiceprint in voiceprints]
        self._samples = codec.sample_rate // codec.token_rate

    def push(self, tokens: Tensor, active: NDArray[np.bool_]) -> Tensor:
        """As of ``RowsStream``."""
        sound = torch.zeros(len(tokens), tokens.shape[1] * self._samples)
        for row in np.flatnonzero(active):
            sound[row] = self._streams[row].push(tokens[row])
        return sound


def open_streams(codec: Codec, voiceprints: Tensor) -> RowsStream:
    """Start decoding in the voices ``(rows, d)``."""
    return codec.open_rows(voiceprints) if isinstance(codec, BatchCodec) else SeparateStreams(codec, voiceprints)
