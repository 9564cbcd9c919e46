"""Attention biases of ReactFace: causal, and weaker the more periods lie in between (after ALiBi, Press et al. 2022).

Source: lingjivoo/ReactFace @fa4b3a4, ``model/utils.py``; written anew. Tensors are kept between calls, and made
outside inference mode, for training uses them as well.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor


def slopes(heads: int) -> Tensor:
    """``(heads,)``: how fast each head forgets. For counts that are no power of two, the missing ones come from every
    second head of twice the next smaller power.
    """
    power = 2 ** math.floor(math.log2(heads))
    found = [2.0 ** (-8.0 * (i + 1) / power) for i in range(power)]
    if power < heads:
        found += slopes(2 * power)[0::2][: heads - power].tolist()
    return torch.tensor(found)


@lru_cache(maxsize=32)
@torch.inference_mode(mode=False)
def aligned_bias(heads: int, queries: int, keys: int, period: int) -> Tensor:
    """``(heads, queries, keys)``: query ``i`` stands at key ``i + keys - queries``; later keys are forbidden, earlier
    ones lose a slope a period. With as many keys as queries it is the causal bias.
    """
    place = torch.arange(queries)[:, None] + keys - queries
    behind = place - torch.arange(keys)
    bias = -slopes(heads)[:, None, None] * torch.div(behind.clamp_min(0), period, rounding_mode="floor")
    return bias.masked_fill(behind < 0, -math.inf)


@lru_cache(maxsize=32)
@torch.inference_mode(mode=False)
def other_frames(frames: int) -> Tensor:
    """``(frames, 2 * frames)``, true where a pair of audio vectors belongs to another frame."""
    return torch.arange(2 * frames)[None] // 2 != torch.arange(frames)[:, None]


@lru_cache(maxsize=32)
@torch.inference_mode(mode=False)
def positions(length: int, width: int) -> Tensor:
    """``(length, width)`` sines and cosines (Vaswani et al. 2017)."""
    steps = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
    angle = torch.arange(length, dtype=torch.float)[:, None] * steps
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


def periodic_positions(length: int, width: int, period: int) -> Tensor:
    """``(length, width)`` of places that start anew every ``period``."""
    return positions(period, width)[torch.arange(length) % period]
