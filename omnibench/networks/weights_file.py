"""Published weights into a module of ours: tensors alone, nothing that runs code, and every one of them fits."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import nn

from omnibench.errors import InputError


def load_weights(network: nn.Module, path: Path) -> None:
    """Fill ``network`` with the state dictionary in ``path`` (`torch.save`, on the CPU).

    Raises:
        InputError: no state dictionary, or names or shapes that are not this network's.
    """
    kind = type(network).__name__
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(
            f"{path}: not the weights of {kind} ({str(error).splitlines()[0]}); expected its state dictionary. "
            f"`omnibench assets verify` says which files are whole."
        ) from error
