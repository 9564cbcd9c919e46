"""Where the sound of a WAV lies, also where its header was never finished: pipes, recorders and crashed programs leave
sizes of 0 or of 2 or 4 GB.

Source: Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0"; WAVE_FORMAT_EXTENSIBLE; EBU Tech
3306 (RF64) and ITU-R BS.2088 (BW64).
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from omnibench.errors import InputError

_TAGS: Final = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}
_LONG: Final = (b"RF64", b"BW64")
_EXTENSIBLE: Final = 0xFFFE
_LARGEST: Final = 0xFFFFFFFF
_STREAMED: Final = ((0x7FFFF000, 0x80000100), (0xFFFFF000, _LARGEST))
"""Between these lie the sizes that programs write which do not know when the sound ends."""
RATES: Final = (1_000, 768_000)
ENCODINGS: Final = {
    (1, 8): "PCM_U8", (1, 16): "PCM_16", (1, 24): "PCM_24", (1, 32): "PCM_32", (3, 32): "FLOAT", (3, 64): "DOUBLE",
    (6, 8): "ALAW", (7, 8): "ULAW",
}  # fmt: skip
"""libsndfile's names of encodings by their number and their bits."""
_MOST_CHUNKS: Final = 10_000
_TAIL_PER_SECOND: Final = 25
"""Bytes behind the sound that belong to nothing are passed over where they would last less than a frame."""


@dataclass(frozen=True, slots=True)
class WavHeader:
    """``size`` bytes of sound from ``start`` on: ``width`` bytes a sample of all channels, ``encoding`` as libsndfile
    names it or ``""``.

    ``finished``: libsndfile finds the sound by itself. ``chunks``: name and size of all others but the format's.
    ``loose``: bytes at the end that belong to no chunk.
    """

    channels: int
    rate: int
    width: int
    encoding: str
    byte_order: str
    start: int
    size: int
    finished: bool
    chunks: tuple[tuple[bytes, int], ...]
    loose: int

    @property
    def samples(self) -> int:
        """How many there are, of an encoding that has a name."""
        return self.size // self.width


def wav_header(path: Path) -> WavHeader | None:
    """What a WAV's header says, held against the file; None for what is no WAV.

    Raises:
        InputError: it contradicts itself, or promises more sound than there is, or less.
        OSError: it cannot be read.
    """
    with path.open("rb") as handle:
        head = handle.read(12)
        if len(head) < 12 or head[:4] not in _TAGS or head[8:] != b"WAVE":
            return None
        return _Reader(path, handle, head[:4]).header()


class _Reader:
    def __init__(self, path: Path, handle: BinaryIO, tag: bytes) -> None:
        self._path, self._handle, self._tag = path, handle, tag
        self._end, self._order = path.stat().st_size, _TAGS[tag]
        self._chunks: list[tuple[bytes, int]] = []

    def header(self) -> WavHeader | None:
        form, long_size, position = b"", 0, 12
        while (chunk := self._chunk(position)) is not None and chunk[0] != b"data":
            name, size = chunk
            if name == b"fmt ":
                form = self._handle.read(min(size, 40))
            elif name == b"ds64" and self._tag in _LONG:
                (_, long_size) = struct.unpack("<QQ", self._handle.read(16).ljust(16, b"\0"))
            else:
                self._chunks.append((name, size))
            position += 8 + size + size % 2
        if chunk is None or len(form) < 16:
            return None
        declared = long_size if self._tag in _LONG and chunk[1] == _LARGEST else chunk[1]
        return self._found(form, position + 8, declared)

    def _found(self, form: bytes, start: int, declared: int) -> WavHeader:
        code, channels, rate, _, width, bits = struct.unpack(self._order + "HHIIHH", form[:16])
        if code == _EXTENSIBLE and len(form) >= 26:
            (code,) = struct.unpack(self._order + "H", form[24:26])
        encoding = ENCODINGS.get((code, -(-bits // 8) * 8), "")
        self._require_sense(channels, rate, width, bits, encoding)
        there = self._end - start
        streamed = declared > there and any(low <= declared <= high for low, high in _STREAMED)
        unfinished = not declared and there >= width and self._explained(start)[0] < self._end
        if streamed or unfinished:
            size, loose = there, 0
        elif declared > there + 1:
            raise InputError(
                f"{self._path}: truncated: its header promises {declared} bytes of sound, the file has {there}. "
                f"Copy the file again."
            )
        else:
            size = min(declared, there)
            explained, later = self._explained(start + size + size % 2)
            self._chunks += later
            loose = max(0, self._end - explained)
            if loose > rate * width // _TAIL_PER_SECOND:
                raise InputError(
                    f"{self._path}: its header promises {declared} bytes of sound, and {loose} more follow that are "
                    f"nothing else: half of a recording would go unheard. Write it anew: `ffmpeg -ignore_length 1 "
                    f"-i {self._path.name} new.wav`."
                )
        finished = not unfinished and self._tag in (b"RIFF", b"RF64")
        order = "BIG" if self._order == ">" else "LITTLE"
        size -= size % max(width, 1)
        return WavHeader(channels, rate, width, encoding, order, start, size, finished, tuple(self._chunks), loose)

    def _require_sense(self, channels: int, rate: int, width: int, bits: int, encoding: str) -> None:
        if not RATES[0] <= rate <= RATES[1]:
            raise InputError(f"{self._path}: {rate} samples per second; expected {RATES[0]} to {RATES[1]}.")
        if encoding and channels and width != channels * -(-bits // 8):
            raise InputError(
                f"{self._path}: its header contradicts itself: {channels} channel{'s' if channels != 1 else ''} of "
                f"{bits} bits in {width} bytes; expected {channels * -(-bits // 8)}. Write it anew."
            )

    def _chunk(self, position: int) -> tuple[bytes, int] | None:
        """Name and size of the chunk at a place, the handle behind its head; None where there is none."""
        self._handle.seek(position)
        head = self._handle.read(8)
        if len(head) < 8 or len(self._chunks) > _MOST_CHUNKS:
            return None
        return head[:4], struct.unpack(self._order + "I", head[4:])[0]

    def _explained(self, position: int) -> tuple[int, list[tuple[bytes, int]]]:
        """How far the bytes from a place on are chunks, filling or a tag, and those chunks."""
        found: list[tuple[bytes, int]] = []
        while (chunk := self._chunk(position)) is not None and _is_name(chunk[0]) and len(found) < _MOST_CHUNKS:
            if position + 8 + chunk[1] > self._end:
                break
            found.append(chunk)
            position += 8 + chunk[1] + chunk[1] % 2
        self._handle.seek(position)
        rest = self._handle.read(129)
        known = (not rest.strip(b"\0") and len(rest) < 129) or (rest[:3] == b"TAG" and len(rest) == 128)
        return (self._end if known else position), found


def _is_name(name: bytes) -> bool:
    return name.strip().isalnum() and name.isascii()


class SoundOnly(io.RawIOBase):
    """The sound of a WAV as a file of its own, for a reader that is told what is in it."""

    def __init__(self, path: Path, header: WavHeader) -> None:
        super().__init__()
        self._handle, self._start, self._size, self._at = path.open("rb"), header.start, header.size, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte of the sound."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The byte that comes next."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; how many bytes there were."""
        self._handle.seek(self._start + self._at)
        content = self._handle.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def close(self) -> None:
        """Close the file."""
        self._handle.close()
        super().close()
