"""Checkpoints that the original code of a published model wrote with ``torch.save``, read without running anything."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from omnibench.errors import InputError

_TORCH_BEGINNINGS = (b"PK\x03\x04", b"\x80\x02")


def is_original(path: Path) -> bool:
    """Whether a file begins as ``torch.save`` makes them, zipped or not; False for one that is not there."""
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(4).startswith(_TORCH_BEGINNINGS)


def read_original(path: Path) -> Mapping[str, Any]:
    """What the file holds, tensors and plain values only.

    Raises:
        InputError: cut short, or it needs code to be read.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{path}: cannot be read as tensors alone ({reason}). Copy it again; a file that holds code is refused."
        ) from error
    if not isinstance(content, Mapping):
        raise InputError(f"{path}: holds a {type(content).__name__}, expected names and tensors.")
    return content


def renamed(content: Mapping[str, Any], prefixes: Mapping[str, str], path: Path) -> dict[str, Tensor]:
    """The tensors of a state dict under our names.

    Args:
        content: the state dict, or a checkpoint that holds it as ``state_dict`` or ``model``; names may begin with
            ``module.``, as DistributedDataParallel leaves them.
        prefixes: beginnings of the original names to ours; ``""`` for those that the model never uses.
        path: for messages.

    Raises:
        InputError: a name that no prefix covers.
    """
    state = content.get("model", content.get("state_dict", content))
    tensors: dict[str, Tensor] = {}
    for name, value in state.items():
        plain = name.removeprefix("module.")
        known = next((p for p in prefixes if plain.startswith(p)), None)
        if known is None or not isinstance(value, Tensor):
            raise InputError(f'{path}: unexpected entry "{name}"; expected tensors named {", ".join(prefixes)}...')
        if prefixes[known]:
            tensors[prefixes[known] + plain[len(known) :]] = value
    return tensors
