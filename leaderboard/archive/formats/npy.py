"""Numbers: ``.npy`` files of plain floats, nothing pickled, nothing behind the last number.

Source: NEP 1, "A simple file format for NumPy arrays".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from omnibench.files.checked import ARRAY_FAULTS, reason_of
from omnibench.predictions.soundness import Length, face_fault, step_fault

_HEADER_BYTES: Final = 10_000
_LARGEST_FACE: Final = 1e4
_KINDS: Final = {"f": "floats", "i": "whole numbers"}


def vector_faults(path: Path, frames: int | None) -> list[str]:
    """Faults of face coefficients ``(T, 64)``, ``T`` within a frame of ``frames``."""
    faults, array = _load(path, 2)
    if array is None:
        return faults
    if fault := face_fault(array, Length(frames, None)):
        return [fault]
    largest = float(np.abs(array).max())
    if largest > _LARGEST_FACE:
        return [f"a value of {largest:g}; no coefficient is beyond {_LARGEST_FACE:g}"]
    return []


def timing_faults(path: Path, frames: int | None) -> list[str]:
    """Faults of step times ``(T,)`` in seconds, ``T`` within a frame of ``frames``."""
    faults, array = _load(path, 1)
    return faults if array is None else step_faults(array, frames)


def step_faults(seconds: NDArray[np.float64], frames: int | None) -> list[str]:
    """Faults of what each of ``frames`` steps took, by whatever clock."""
    fault = step_fault(seconds, frames)
    return [fault] if fault else []


def _load(path: Path, dimensions: int) -> tuple[list[str], NDArray[np.float64] | None]:
    with path.open("rb") as handle:
        faults, array = load_plain(handle, path.stat().st_size, dimensions, "f")
    return faults, None if array is None else np.asarray(array, np.float64)


def load_plain(handle: BinaryIO, size: int, dimensions: int, kind: str) -> tuple[list[str], NDArray[Any] | None]:
    """An array of plain numbers that fills a file, or why it is none.

    Args:
        handle: of the file, at its start.
        size: of it, in bytes; no more is read than the header promises and the file has.
        dimensions: that it has to have.
        kind: ``"f"`` for floats, ``"i"`` for whole numbers.
    """
    try:
        version = npy_format.read_magic(handle)
        readers = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
        if version not in readers:
            return [f".npy version {version}, expected (1, 0) or (2, 0)"], None
        shape, _, found = readers[version](handle, max_header_size=_HEADER_BYTES)
    except ARRAY_FAULTS as error:
        return [f"no readable .npy header ({reason_of(error)})"], None
    start = handle.tell()
    if found.hasobject:
        return [f"holds pickled Python objects; expected plain {_KINDS[kind]}"], None
    if found.kind != kind or found.itemsize not in (2, 4, 8):
        return [f"type {found}, expected {_KINDS[kind]} of 2, 4 or 8 bytes"], None
    if len(shape) != dimensions or any(length < 0 for length in shape):
        return [f"shape {shape}, expected {dimensions} dimension{'' if dimensions == 1 else 's'}"], None
    promised = start + int(np.prod([int(n) for n in shape], dtype=object)) * found.itemsize
    if promised != size:
        return [f"its header promises {promised} bytes, the file has {size}"], None
    handle.seek(0)
    return [], np.asarray(npy_format.read_array(handle, allow_pickle=False))
