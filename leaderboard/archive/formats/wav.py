"""Sound: mono PCM or float WAV whose chunks fill the file, as long as the dialogue to within a frame.

Source: Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0"; WAVE_FORMAT_EXTENSIBLE.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from leaderboard.entry.limits import Limits
from omnibench.errors import InputError

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_BITS: Final = {_PCM: (16, 24, 32), _FLOAT: (32,)}
_NOTES: Final = (b"LIST", b"fact", b"PEAK")
_NOTE_BYTES: Final = 4096
_BLOCK: Final = 1 << 18


class Fault(ValueError):
    """What is wrong with a file, in words."""


def wav_faults(path: Path, frames: int | None, fps: Fraction | None, limits: Limits) -> list[str]:
    """Faults of a sound file that should last ``frames`` at ``fps`` (None: the data tells no length)."""
    try:
        with path.open("rb") as handle:
            rate, samples = _header(handle, path.stat().st_size, limits)
        _check_length(rate, samples, frames, fps)
        _decode(path, samples)
    except Fault as fault:
        return [str(fault)]
    except InputError as error:
        return [str(error).removeprefix(f"{path}: ")]
    return []


def _header(handle: BinaryIO, size: int, limits: Limits) -> tuple[int, int]:
    """``(rate, samples)`` of a file whose chunks fill it exactly."""
    head = handle.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise Fault("no WAV file (no RIFF/WAVE header)")
    promised = struct.unpack("<I", head[4:8])[0] + 8
    if promised != size:
        raise Fault(f"its header promises {promised} bytes, the file has {size}")
    form: tuple[int, int, int] | None = None
    data: int | None = None
    position = 12
    while position < size:
        head = handle.read(8)
        if len(head) < 8:
            raise Fault("ends in the middle of a chunk")
        name, length = head[:4], struct.unpack("<I", head[4:])[0]
        position += 8 + length + length % 2
        if position > size + length % 2:
            raise Fault(f"the chunk {name!r} promises {length} bytes, fewer are there")
        if name == b"fmt " and form is None:
            form = _format(handle.read(length), limits)
        elif name == b"data" and data is None:
            data = length
        elif name not in _NOTES or length > _NOTE_BYTES:
            raise Fault(f"holds a chunk {name!r} of {length} bytes; expected fmt and data alone")
        handle.seek(position)
    if form is None or data is None:
        raise Fault("has no format or no data chunk")
    rate, width, _ = form
    if data % width:
        raise Fault(f"{data} bytes of data are no whole number of {width}-byte samples")
    return rate, data // width


def _format(content: bytes, limits: Limits) -> tuple[int, int, int]:
    if len(content) < 16:
        raise Fault("its format chunk is cut short")
    kind, channels, rate, per_second, width, bits = struct.unpack("<HHIIHH", content[:16])
    if kind == _EXTENSIBLE and len(content) >= 26:
        kind = struct.unpack("<H", content[24:26])[0]
    low, high = limits.sample_rates
    if channels != 1:
        raise Fault(f"{channels} channels, expected 1: the listener's voice")
    if kind not in _BITS or bits not in _BITS[kind]:
        raise Fault(f"encoding {kind} with {bits} bits, expected PCM of 16, 24 or 32 bits, or float of 32")
    if not low <= rate <= high:
        raise Fault(f"{rate} samples per second, expected {low} to {high}")
    if width != bits // 8 or per_second != rate * width:
        raise Fault("its format chunk contradicts itself (bytes per sample or second)")
    return rate, width, bits


def _check_length(rate: int, samples: int, frames: int | None, fps: Fraction | None) -> None:
    if frames is None or fps is None:
        return
    seconds, expected = Fraction(samples, rate), Fraction(frames) / fps
    if abs(seconds - expected) > 1 / fps:
        raise Fault(f"lasts {float(seconds):.3f} s, expected {float(expected):.3f} s to within a frame")


def _decode(path: Path, samples: int) -> None:
    from omnibench.media.audio import AudioReader

    with AudioReader(path) as reader:
        if reader.info.samples != samples:
            raise Fault(f"decodes to {reader.info.samples} samples, its header promises {samples}")
        for start in range(0, samples, _BLOCK):
            if not np.isfinite(reader.read(start, start + _BLOCK)).all():
                raise Fault(f"NaN or infinity between samples {start} and {start + _BLOCK}")
