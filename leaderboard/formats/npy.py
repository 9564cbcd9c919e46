"""Numbers: ``.npy`` files of plain floats, nothing pickled, nothing behind the last number.

Source: NEP 1, "A simple file format for NumPy arrays".
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

_HEADER_BYTES: Final = 10_000
_LARGEST_FACE: Final = 1e4
_LONGEST_STEP: Final = 3600.0
_WIDTH: Final = 64


def vector_faults(path: Path, frames: int | None) -> list[str]:
    """Faults of face coefficients ``(T, 64)``, ``T`` within a frame of ``frames``."""
    faults, array = _load(path, 2)
    if array is None:
        return faults
    if array.shape[1] != _WIDTH:
        return [f"shape {array.shape}, expected (T, {_WIDTH})"]
    if len(array) == 0 or (frames is not None and abs(len(array) - frames) > 1):
        return [f"{len(array)} frames, expected {frames if frames is not None else 'some'} to within one"]
    if not np.isfinite(array).all():
        frame = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        return [f"NaN or infinity in frame {frame}"]
    largest = float(np.abs(array).max())
    if largest > _LARGEST_FACE:
        return [f"a value of {largest:g}; no coefficient is beyond {_LARGEST_FACE:g}"]
    return []


def timing_faults(path: Path, frames: int | None) -> list[str]:
    """Faults of step times ``(T,)`` in seconds, ``T`` within a frame of ``frames``."""
    faults, array = _load(path, 1)
    if array is None:
        return faults
    if frames is not None and abs(len(array) - frames) > 1:
        return [f"{len(array)} steps, expected {frames} to within one"]
    if not np.isfinite(array).all() or (array < 0).any() or (array > _LONGEST_STEP).any():
        return [f"step times must be finite, from 0 to {_LONGEST_STEP:g} s"]
    return []


def _load(path: Path, dimensions: int) -> tuple[list[str], NDArray[np.float64] | None]:
    with path.open("rb") as handle:
        try:
            version = npy_format.read_magic(handle)
            readers = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
            if version not in readers:
                return [f".npy version {version}, expected (1, 0) or (2, 0)"], None
            shape, _, kind = readers[version](handle, max_header_size=_HEADER_BYTES)
        except (ValueError, EOFError, OSError) as error:
            return [f"no readable .npy header ({str(error).splitlines()[0]})"], None
        start = handle.tell()
    if kind.hasobject:
        return ["holds pickled Python objects; expected plain floats"], None
    if kind.kind != "f" or kind.itemsize not in (2, 4, 8):
        return [f"type {kind}, expected floats of 2, 4 or 8 bytes"], None
    if len(shape) != dimensions or any(length < 0 for length in shape):
        return [f"shape {shape}, expected {dimensions} dimension{'s' if dimensions > 1 else ''}"], None
    promised = start + int(np.prod([int(n) for n in shape], dtype=object)) * kind.itemsize
    if promised != path.stat().st_size:
        return [f"its header promises {promised} bytes, the file has {path.stat().st_size}"], None
    return [], np.asarray(np.load(path, allow_pickle=False), np.float64)
