"""Weights in a quarter of their bytes, for checkpoints that several share the room of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

SMALLEST: Final = 1e-4  # of a scale, so that it is an ordinary float16


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8 with a scale per row, beside them as ``NAME:scale``; the rest as it is.

    A row's largest number becomes 127, so that no number moves by more than about 1/254 of it.
    """
    packed: dict[str, Tensor] = {}
    for name, value in state.items():
        if not value.is_floating_point() or value.ndim < 2 or not value.numel():
            packed[name] = value
            continue
        rows = value.float().flatten(1)
        scale = (rows.abs().amax(dim=1) / 127.0).clamp(min=SMALLEST).half().float()
        packed[name] = (rows / scale[:, None]).round().clamp(-127, 127).to(torch.int8).view(value.shape)
        packed[f"{name}:scale"] = scale
    return packed


def unpack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What ``pack`` packed, to within its rounding."""
    unpacked = {}
    for name, value in state.items():
        if name.endswith(":scale"):
            continue
        scale = state.get(f"{name}:scale")
        unpacked[name] = value if scale is None else value.float() * scale.view(-1, *[1] * (value.ndim - 1))
    return unpacked
