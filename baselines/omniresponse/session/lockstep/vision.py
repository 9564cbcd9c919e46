"""The vision decoder's steps."""

from __future__ import annotations

from typing import cast

import numpy as np
from torch import Tensor

from baselines.omniresponse.network.attention import DecoderLayer, LayerCache
from baselines.omniresponse.network.vision import VisionDecoder
from baselines.omniresponse.session.lockstep.bands import Band, LayerRows, RowKeys, step_layer


class VisionRows:
    """The pasts of ``rows`` dialogues, and the decoder that reads them."""

    def __init__(self, decoder: VisionDecoder, rows: int) -> None:
        self._decoder = decoder
        self._layers = [cast(DecoderLayer, layer) for layer in decoder.layers]
        self._band = Band(self._layers[0].own)
        self._past = [LayerRows(RowKeys.empty(rows, self._band, layer.own), None) for layer in self._layers]

    @property
    def reach(self) -> int:
        """Frames that can matter to the next one."""
        return self._band.length * len(self._layers)

    def load(self, row: int, cache: list[LayerCache]) -> None:
        """Take the past of one dialogue from a teacher-forced forward."""
        for own, layer in zip(self._past, cache, strict=True):
            own.own.load(row, layer.own, self._band)

    def step(self, hidden: Tensor, speech: Tensor, listener: Tensor, rest: Tensor, frame: int, where: slice) -> Tensor:
        """The next faces ``(rows, 64)``, standardised; arguments as of ``VisionDecoder.forward``, a dialogue a row."""
        place = self._band.place(np.array([frame]))
        x = self._decoder.enter(hidden, speech, listener, rest)
        for layer, past in zip(self._layers, self._past, strict=True):
            x = step_layer(layer, x, past.rows(where), place)
        return self._decoder.leave(x, listener)
