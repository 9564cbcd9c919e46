"""A codec that several checkpoints speak through: trained once, named by its hash, held by one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from torch import Tensor

from omnibench.errors import InputError, MissingError

SHIPPED: Final = Path(__file__).parents[1] / "weights" / "tiny.safetensors"
TRAINED: Final = Path("codec") / "codec.safetensors"
PREFIX: Final = "codec."


def codec_hash(state: Mapping[str, Tensor]) -> str:
    """sha256 of a codec's tensors in half precision, as checkpoints hold them: names and bytes in the names' order."""
    found = hashlib.sha256()
    for name in sorted(state):
        value = state[name].half() if state[name].is_floating_point() else state[name]
        found.update(name.encode() + b"\0" + value.contiguous().numpy().tobytes())
    return found.hexdigest()


def training_folder(source: Path) -> Path:
    """The folder of the training that left ``source``, where that is still there; else ``source`` itself."""
    return source.parent if source.is_file() and (source.parent / TRAINED).is_file() else source


def read_codec(source: Path) -> dict[str, Tensor]:
    """The codec's tensors.

    Args:
        source: a folder of `omnibench train omniresponse`, or a checkpoint that holds its codec.

    Raises:
        MissingError: neither is there.
        InputError: cut short, or a checkpoint without a codec.
    """
    folder = training_folder(source)
    path = folder / TRAINED if folder.is_dir() else source
    if not path.is_file():
        raise MissingError(
            f"{source}: no codec there; expected a folder of `omnibench train omniresponse`, or a checkpoint that "
            f"holds its codec, such as {SHIPPED}."
        )
    prefix = "" if folder.is_dir() else PREFIX
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
            state = {name.removeprefix(prefix): file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise InputError(f"{path}: not a whole safetensors file ({error}). Copy it again.") from error
    if not state:
        raise InputError(f"{path}: no codec in it. Give the checkpoint or the training folder that its codec is from.")
    return state


def find_codec(wanted: str, checkpoint: Path) -> dict[str, Tensor]:
    """The codec with the hash ``wanted`` that ``checkpoint`` was trained with: its training folder's, or the shipped
    one.

    Raises:
        InputError: neither is the one.
    """
    seen = []
    for source in (checkpoint.parent / TRAINED, SHIPPED):
        if source.is_file():
            state = read_codec(source.parents[1] if source.name == TRAINED.name else source)
            if codec_hash(state) == wanted:
                return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
            seen.append(f"{source} ({codec_hash(state)[:16]})")
    raise InputError(
        f"{checkpoint}: speaks through the codec with sha256 {wanted[:16]}..., which it does not hold; seen: "
        f"{', '.join(seen) or 'none'}. Keep it in its training folder, or train it again: `omnibench train "
        "omniresponse --config NAME --codec-from CHECKPOINT`."
    )
