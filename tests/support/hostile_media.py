"""Media files that are not what they say: made byte by byte, small on disk."""

from __future__ import annotations

import io
import struct
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

from omnibench.media.video import VideoWriter

# The largest square that FFmpeg does not refuse by itself.
GIANT = 16_000


def wav(
    samples: np.ndarray,
    rate: int = 16_000,
    channels: int = 1,
    kind: int = 1,
    promised: int | None = None,
    extra: bytes = b"",
) -> bytes:
    """A WAV: PCM of 16 bits (``kind`` 1) or float (3); ``promised`` is what it says its data's size is, ``extra`` a
    chunk that does not belong.
    """
    width = 4 if kind == 3 else 2
    data = samples.astype("<f4").tobytes() if kind == 3 else (samples * 32767).astype("<i2").tobytes()
    per_second = (rate * width * channels) & 0xFFFFFFFF
    form = struct.pack("<HHIIHH", kind, channels, rate, per_second, width * channels, width * 8)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    if extra:
        chunks += b"junk" + struct.pack("<I", len(extra)) + extra + bytes(len(extra) % 2)
    size = len(data) if promised is None else promised
    chunks += b"data" + struct.pack("<I", size) + data
    total = 4 + len(chunks) + size - len(data)
    return b"RIFF" + struct.pack("<I", total) + b"WAVE" + chunks


def pickled_npy() -> bytes:
    """Objects that a careless reader would unpickle."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": print}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def promising_npy(shape: tuple[int, ...]) -> bytes:
    """A header of that shape, and eight bytes behind it."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(8)


def video(frames: int, fps: int, size: int = 64) -> bytes:
    """A sound MP4 of moving noise."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v.mp4"
        with VideoWriter(path, Fraction(fps), (size, size)) as writer:
            for _ in range(frames):
                writer.write(rng.integers(0, 255, (size, size, 3), np.uint8))
        return path.read_bytes()


def mp4_with_false_size(good: bytes) -> bytes:
    """The container announces 32 x 32, the stream's own parameters say something else."""
    return _with_announced(good, 32)


def mp4_of_giant_pictures(good: bytes) -> bytes:
    """The container announces small pictures; the stream's parameters, which decoders believe, 16000 x 16000."""
    start = good.index(b"avcC") + 4
    length = struct.unpack(">H", good[start + 6 : start + 8])[0]
    parameters = _giant_parameters()
    old = good[start + 8 : start + 8 + length]
    if len(parameters) > len(old):
        raise ValueError("the new parameters do not fit into the old ones' place")
    # Bytes behind a parameter set's stop bit are padding.
    return good[: start + 8] + parameters + bytes(length - len(parameters)) + good[start + 8 + length :]


def _with_announced(good: bytes, side: int) -> bytes:
    # A visual sample entry has its width and height 24 bytes behind its type (ISO/IEC 14496-12, 12.1.3).
    start = good.index(b"avc1", good.index(b"stsd")) + 4 + 24
    return good[:start] + struct.pack(">HH", side, side) + good[start + 4 :]


def _giant_parameters() -> bytes:
    """A sequence parameter set of H.264's baseline profile (ITU-T H.264, 7.3.2.1.1) for giant pictures."""
    bits = "".join(
        (
            f"{66:08b}", "11000000", f"{62:08b}",
            _ue(0), _ue(0), _ue(2), _ue(1), "0",
            _ue(GIANT // 16 - 1), _ue(GIANT // 16 - 1), "1", "1", "0", "0", "1",
        )
    )  # fmt: skip
    bits += "0" * (-len(bits) % 8)
    content = b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return content.replace(b"\x00\x00\x00", b"\x00\x00\x03\x00")


def _ue(value: int) -> str:
    """Exponential Golomb code."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code
