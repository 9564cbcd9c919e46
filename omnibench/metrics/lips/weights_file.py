"""Published weights into a module of ours: tensors alone, nothing that runs code, and every one of them fits."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from omnibench.errors import InputError
from omnibench.features.torch_files import load_weights


def fill(network: nn.Module, path: Path) -> None:
    """Fill ``network`` with the state dictionary in ``path`` (`torch.save`, on the CPU).

    Raises:
        InputError: no file of plain tensors, no state dictionary, or names or shapes that are not this network's.
    """
    state = load_weights(path)
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not the weights of {type(network).__name__} ({str(error).splitlines()[0]}); expected its state "
            f"dictionary. `omnibench assets verify` says which files are whole."
        ) from error
