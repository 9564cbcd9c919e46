"""Reading torch files so that a file can never run code of its own: weights as plain tensors, and TorchScript, which is
code, only when its sha256 is the pinned one.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnibench.errors import InputError

if TYPE_CHECKING:
    import torch


def load_weights(path: Path) -> Any:
    """What ``torch.save`` wrote: tensors in plain containers, on the CPU. Nothing else is unpickled.

    Raises:
        InputError: the file holds anything else, or is damaged.
    """
    import pickle

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: not a file of plain torch tensors ({reason}). Fetch it again.") from error


def load_torchscript(path: Path, sha256: str, device: str = "cpu") -> torch.jit.ScriptModule:
    """A TorchScript module in evaluation mode; the bytes that are checked are the bytes that are run.

    Args:
        path: the file.
        sha256: hex digest that it must have; ``""`` never fits.
        device: where its weights go.

    Raises:
        InputError: another file, or one that torch cannot read.
    """
    import torch

    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise InputError(
            f"{path}: sha256 {found}, expected {sha256 or 'a pinned one, and none is known'}. TorchScript is code, so "
            f"nothing but the pinned file is run: delete it and fetch it again with `omnibench assets fetch`."
        )
    try:
        return torch.jit.load(BytesIO(content), map_location=device).eval()
    except RuntimeError as error:
        raise InputError(f"{path}: not a TorchScript file: {str(error).splitlines()[0]}") from error
