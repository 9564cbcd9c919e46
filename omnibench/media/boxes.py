"""What an MP4's boxes say that FFmpeg passes over: edits at another speed, pictures cut to an aperture, encryption.

Source: ISO/IEC 14496-12, the ISO base media file format: 8.6.6 edit lists, 12.1.4 clean aperture, 8.12 protection.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

from omnibench.errors import InputError

_INSIDE: Final = (b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl")
_VISUAL_ENTRY: Final = 86
"""Bytes of a visual sample entry, its head with them, before the boxes inside it."""
_MOST_BOXES: Final = 10_000
_MOST_EDITS: Final = 1000
_NORMAL_RATE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Edit:
    """``seconds`` of a track's showing; ``empty`` where it shows nothing; ``rate`` of the media, 1 as recorded."""

    seconds: Fraction
    empty: bool
    rate: Fraction


@dataclass
class TrackBoxes:
    """One track: its edits in order, whether its pictures are cut to an aperture, whether they are encrypted."""

    number: int = 0
    edits: list[Edit] = field(default_factory=list)
    aperture: bool = False
    encrypted: bool = False


def track_boxes(path: Path) -> dict[int, TrackBoxes]:
    """The tracks by their number, of a file that is made of boxes; none of any other file, or one that is cut short.

    Raises:
        InputError: an edit list longer than any that a program writes.
        OSError: it cannot be read.
    """
    reader = _Reader(path)
    with path.open("rb") as handle:
        handle.seek(4)
        if handle.read(4) not in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"):
            return {}
        reader.read(handle, 0, path.stat().st_size)
    return {track.number: track for track in reader.tracks}


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path, self.tracks, self._timescale, self._left = path, list[TrackBoxes](), 1, _MOST_BOXES

    def read(self, handle: BinaryIO, start: int, stop: int) -> None:
        """Go through the boxes between two places; what does not fit ends it, as FFmpeg says what is wrong there."""
        for kind, begin, end in self._boxes(handle, start, stop):
            if kind == b"trak":
                self.tracks.append(TrackBoxes())
            if kind in _INSIDE:
                self.read(handle, begin, end)
            elif kind in _FIELDS and (kind == b"mvhd" or self.tracks):
                handle.seek(begin)
                try:
                    _FIELDS[kind](self, handle.read(min(end - begin, 40 + 20 * _MOST_EDITS)))
                except struct.error:
                    return
            elif kind == b"stsd" and self.tracks:
                self._sample_entry(handle, begin + 8, end)

    def _boxes(self, handle: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
        while start + 8 <= stop and self._left > 0:
            self._left -= 1
            handle.seek(start)
            head = handle.read(16)
            if len(head) < 8:
                return
            size, kind = struct.unpack(">I4s", head[:8])
            begin = start + 8
            if size == 1 and len(head) == 16:
                size, begin = struct.unpack(">Q", head[8:])[0], start + 16
            end = stop if size == 0 else start + size
            if end < begin or end > stop:
                return
            yield kind, begin, end
            start = end

    def _sample_entry(self, handle: BinaryIO, start: int, stop: int) -> None:
        track = self.tracks[-1]
        for kind, begin, end in self._boxes(handle, start, stop):
            track.encrypted |= kind in (b"encv", b"enca")
            inside = self._boxes(handle, begin - 8 + _VISUAL_ENTRY, end)
            track.aperture |= any(name == b"clap" for name, _, _ in inside)

    def movie_header(self, content: bytes) -> None:
        """``mvhd``: the unit of the edits' lengths."""
        (self._timescale,) = struct.unpack_from(">I", content, 20 if content[:1] == b"\1" else 12)
        self._timescale = self._timescale or 1

    def track_header(self, content: bytes) -> None:
        """``tkhd``: the track's number."""
        (self.tracks[-1].number,) = struct.unpack_from(">I", content, 20 if content[:1] == b"\1" else 12)

    def edit_list(self, content: bytes) -> None:
        """``elst``: what is shown, one after the other."""
        (count,) = struct.unpack_from(">I", content, 4)
        if count > _MOST_EDITS:
            raise InputError(f"{self.path}: an edit list of {count} parts; expected one that a program would write.")
        form = ">Qqi" if content[:1] == b"\1" else ">Iii"
        for number in range(count):
            length, start, rate = struct.unpack_from(form, content, 8 + number * struct.calcsize(form))
            seconds = Fraction(length, self._timescale)
            self.tracks[-1].edits.append(Edit(seconds, start == -1, Fraction(rate, _NORMAL_RATE)))


_FIELDS: Final = {b"mvhd": _Reader.movie_header, b"tkhd": _Reader.track_header, b"elst": _Reader.edit_list}
