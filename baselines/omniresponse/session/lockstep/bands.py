"""Keys of banded attention in ring buffers, one row for each dialogue.

A band of ``n`` keys has ``n`` slots: key ``k`` lies in slot ``k % n`` and takes the place of key ``k - n``, which no
later query reaches. The distance biases then depend on ``k % n`` alone and are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from baselines.omniresponse.network.attention import BandedAttention, DecoderLayer, KeyValues


@dataclass(frozen=True, slots=True)
class Place:
    """Where the newest keys go: their ``slot``, one for all rows or ``(rows,)``, and what a query there adds to its
    scores: ``bias`` ``(rows or 1, heads, 1, slots)``.
    """

    slot: int | Tensor
    bias: Tensor

    def row(self, row: int) -> Place:
        """The place in one row."""
        slot = self.slot if isinstance(self.slot, int) else self.slot[row : row + 1]
        return Place(slot, self.bias if len(self.bias) == 1 else self.bias[row : row + 1])


class Band:
    """Slots and biases of one band; ``pinned`` slots come first, are seen by all and never taken.

    Layers with the same band and heads share them.
    """

    def __init__(self, attention: BandedAttention, pinned: int = 0) -> None:
        self.length, self.pinned, self.heads = round(attention.band), pinned, attention.heads
        slots = torch.arange(self.length)
        order = torch.arange(2 * self.length)[:, None]
        distance = (order - slots) % self.length
        # The first half of the table is the first round, in which later slots are still empty.
        empty = (order < self.length) & (slots > order)
        bias = -attention.slopes.cpu()[:, None] * distance[:, None]
        bias = bias.masked_fill(empty[:, None], float("-inf"))
        seen = torch.zeros(len(bias), self.heads, pinned)
        self._table = torch.cat([seen, bias], dim=2)[:, :, None].to(attention.slopes.device)

    def place(self, orders: NDArray[np.int64]) -> Place:
        """The place of key number ``orders`` ``(rows,)``, counted from 0."""
        rounds = np.where(orders < self.length, orders, self.length + orders % self.length)
        if (rounds == rounds[0]).all():
            first = int(rounds[0])
            return Place(self.pinned + first % self.length, self._table[first : first + 1])
        index = torch.from_numpy(rounds).to(self._table.device)
        return Place(self.pinned + index % self.length, self._table[index])


@dataclass(frozen=True, slots=True)
class RowKeys:
    """Keys and values ``(rows, heads, slots, d)`` of one attention."""

    keys: Tensor
    values: Tensor

    @classmethod
    def empty(cls, rows: int, band: Band, attention: BandedAttention) -> RowKeys:
        """Buffers for ``rows`` dialogues."""
        weight = attention.key_value.bias
        shape = (rows, band.heads, band.pinned + band.length, len(weight) // 2 // band.heads)
        return cls(weight.new_zeros(shape), weight.new_zeros(shape))

    def rows(self, where: slice) -> RowKeys:
        """A view of some rows."""
        return RowKeys(self.keys[where], self.values[where])

    def write(self, key_values: Tensor, place: Place) -> None:
        """Put in one key and value a row, from ``(rows, 2 * width)``."""
        rows, heads, _, depth = self.keys.shape
        keys, values = key_values.view(rows, 2, heads, depth).unbind(1)
        if isinstance(place.slot, int):
            self.keys[:, :, place.slot], self.values[:, :, place.slot] = keys, values
        else:
            every = torch.arange(rows, device=keys.device)
            self.keys[every, :, place.slot], self.values[every, :, place.slot] = keys, values

    def load(self, row: int, past: KeyValues, band: Band) -> None:
        """Take the newest keys of a teacher-forced forward, and its pinned ones."""
        if past.keys is None or past.values is None or past.order is None:
            return
        pinned = band.pinned
        newest = past.order[pinned:][-band.length :]
        slots = torch.cat([torch.arange(pinned, device=newest.device), pinned + newest % band.length])
        for own, given in ((self.keys, past.keys), (self.values, past.values)):
            own[row][:, slots] = torch.cat([given[:, :pinned], given[:, pinned:][:, -band.length :]], dim=1)


@dataclass(frozen=True, slots=True)
class LayerRows:
    """The past of one decoder layer."""

    own: RowKeys
    memory: RowKeys | None

    def rows(self, where: slice) -> LayerRows:
        """A view of some rows."""
        return LayerRows(self.own.rows(where), None if self.memory is None else self.memory.rows(where))


def step_layer(layer: DecoderLayer, x: Tensor, past: LayerRows, own: Place, memory: Place | None = None) -> Tensor:
    """``DecoderLayer.forward`` for one appended position a row.

    Args:
        layer: the weights.
        x: ``(rows, width)``.
        past: grows by that position.
        own: its place among the layer's own keys.
        memory: the newest place of the memory that it sees.
    """
    normed = layer.norm_own(x)
    past.own.write(layer.own.key_value(normed), own)
    x = x + _attend(layer.own, normed, past.own, own)
    if layer.memory is not None and layer.norm_memory is not None and past.memory is not None and memory is not None:
        x = x + _attend(layer.memory, layer.norm_memory(x), past.memory, memory)
    final: Tensor = x + layer.mlp(layer.norm_mlp(x))
    return final


def _attend(attention: BandedAttention, x: Tensor, past: RowKeys, place: Place) -> Tensor:
    query = attention.query(x).view(len(x), attention.heads, 1, -1)
    mixed = functional.scaled_dot_product_attention(query, past.keys, past.values, attn_mask=place.bias)
    joined: Tensor = attention.output(mixed.reshape(x.shape))
    return joined
