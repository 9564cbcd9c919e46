"""Keys and values of the newest positions, in buffers of fixed size."""

from __future__ import annotations

import torch
from torch import Tensor


class SlidingCache:
    """A past whose oldest positions can leave. Rotary attention knows distances alone, so the rest stays valid.

    Speaks the part of transformers' ``Cache`` that Phi-3's layers use.
    """

    is_compileable = False

    def __init__(self, layers: int, heads: int, width: int, capacity: int) -> None:
        self.keys = [torch.zeros(1, heads, capacity, width) for _ in range(layers)]
        self.values = [torch.zeros(1, heads, capacity, width) for _ in range(layers)]
        self._lengths = [0] * layers

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Append ``(1, heads, n, d)``; returns all keys and values that are there."""
        begin = self._lengths[layer]
        end = begin + keys.shape[2]
        if end > self.keys[layer].shape[2]:
            raise ValueError(f"{end} positions in a cache for {self.keys[layer].shape[2]}")
        self.keys[layer][:, :, begin:end] = keys
        self.values[layer][:, :, begin:end] = values
        self._lengths[layer] = end
        return self.keys[layer][:, :, :end], self.values[layer][:, :, :end]

    def get_seq_length(self, layer: int = 0) -> int:
        """Positions that are there."""
        return self._lengths[layer]

    def forget(self, count: int) -> None:
        """Drop the oldest ``count`` positions."""
        for layer, length in enumerate(self._lengths):
            for buffer in (self.keys[layer], self.values[layer]):
                buffer[:, :, : length - count] = buffer[:, :, count:length].clone()
            self._lengths[layer] = length - count
