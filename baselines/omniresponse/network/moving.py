"""Segments and batches onto a device."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")


def moved(value: Value, device: torch.device) -> Value:
    """A dataclass with all its tensors on ``device``, those of dataclasses within it too; itself, if they are there."""
    found: Any = value
    if isinstance(found, Tensor):
        return found.to(device)  # type: ignore[return-value]
    if device.type == "cpu" or not is_dataclass(found) or isinstance(found, type):
        return value
    parts = {field.name: moved(getattr(found, field.name), device) for field in fields(found)}
    return replace(found, **parts)  # type: ignore[return-value]
