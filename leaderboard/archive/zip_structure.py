"""What a zip file says of itself, read so that no two readers can understand it differently.

A zip file says everything two or three times: in a local header before each file (and perhaps a descriptor behind it),
in a directory, and in one or two records at its end. Readers differ in whom they believe. Here all have to agree, and
files have to lie one behind the other from the first byte to the directory: then there is no room for a second file in
the same bytes, for files that share data, or for anything hidden.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5; overlapping files: Fifield, "A better zip bomb" (WOOT 2019).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from leaderboard.entry.problems import Problem

_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES, _END64_BYTES, _LOCATOR_BYTES = 22, 56, 20
_ZIP64, _SECOND_NAME = 0x0001, 0x7075
_VERSIONS: Final = ((10, 45), (20, 45))
_LATER: Final = 0x8
_UTF8: Final = 0x800
_NOT_HERE_16, _NOT_HERE_32 = 0xFFFF, 0xFFFFFFFF
_RECORD_BYTES: Final = 1024


class ZipFault(ValueError):
    """Why a file is not a zip archive that is read in one way only."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file as the directory describes it. ``offset`` is of its local header, ``mode`` its Unix type and rights."""

    raw_name: bytes
    version: int
    flags: int
    method: int
    modified: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    mode: int
    comment: bytes
    extra: dict[int, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is stored: nothing is cut off, nothing replaced."""
        return self.raw_name.decode("utf-8" if self.flags & _UTF8 else "cp437", errors="backslashreplace")

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder by its name."""
        return self.raw_name.endswith(b"/")


def read_members(handle: BinaryIO, size: int, most: int) -> tuple[list[Member], list[Problem]]:
    """The files of a zip archive, and everything in which its descriptions of one of them differ.

    Args:
        handle: of the archive.
        size: of it, in bytes.
        most: files that it may hold.

    Raises:
        ZipFault: its records at the end, or its directory, do not describe a whole archive.
    """
    start = handle.read(4)
    if start != _LOCAL:
        raise ZipFault(
            "does not start as a zip archive does; expected what `omnibench submit` writes, nothing in front of it"
        )
    count, length, offset = _read_end(handle, size)
    if length > (most + 1) * _RECORD_BYTES:
        raise ZipFault(f"a directory of {length} bytes, expected at most {most} files")
    handle.seek(offset)
    members = _read_directory(handle.read(length), count, length)
    if len(members) > most:
        raise ZipFault(f"{len(members)} files, expected at most {most}")
    return members, list(_layout_problems(handle, members, offset))


def _read_end(handle: BinaryIO, size: int) -> tuple[int, int, int]:
    """``(files, bytes of the directory, its offset)``, in which all records at the end agree."""
    at = max(0, size - _END_BYTES)
    handle.seek(at)
    end = handle.read(_END_BYTES)
    if end[:4] != _END or len(end) < _END_BYTES:
        raise ZipFault("cut short, or something stands behind its end; expected a zip archive without a comment")
    disk, first_disk, here, count, length, offset, comment = struct.unpack("<4xHHHHIIH", end)
    if comment:
        raise ZipFault("the archive has a comment; expected none")
    found = (disk, first_disk, here, count, length, offset)
    handle.seek(max(0, at - _LOCATOR_BYTES))
    locator = handle.read(_LOCATOR_BYTES)
    if locator[:4] == _LOCATOR and at >= _LOCATOR_BYTES + _END64_BYTES:
        at -= _LOCATOR_BYTES + _END64_BYTES
        found = _read_end64(handle, locator, at, found)
    disk, first_disk, here, count, length, offset = found
    if disk or first_disk:
        raise ZipFault(f"its end record says that it is part {disk} of an archive in parts; expected a whole one")
    if here != count:
        raise ZipFault(f"its end record promises {count} files in all and {here} in this part; expected a whole one")
    if offset + length != at:
        raise ZipFault(f"its end record promises a directory from byte {offset} to {offset + length}, it ends at {at}")
    return count, length, offset


def _read_end64(
    handle: BinaryIO, locator: bytes, at: int, short: tuple[int, int, int, int, int, int]
) -> tuple[int, int, int, int, int, int]:
    first_disk, where, disks = struct.unpack("<4xIQI", locator)
    handle.seek(at)
    record = handle.read(_END64_BYTES)
    if (first_disk, where, disks) != (0, at, 1) or record[:4] != _END64:
        raise ZipFault("its ZIP64 locator does not point at a ZIP64 end record right in front of it")
    behind, _, _, *numbers = struct.unpack("<4xQHHIIQQQQ", record)
    if behind != _END64_BYTES - 12:
        raise ZipFault(f"its ZIP64 end record has {behind} bytes, expected {_END64_BYTES - 12}")
    disk, first_disk, here, count, length, offset = numbers
    found = (disk, first_disk, here, count, length, offset)
    limits = (_NOT_HERE_16,) * 4 + (_NOT_HERE_32,) * 2
    if any(one not in (full, limit) for one, full, limit in zip(short, found, limits, strict=True)):
        raise ZipFault("its end record and its ZIP64 end record say different things; expected one archive")
    return found


def _read_directory(content: bytes, count: int, length: int) -> list[Member]:
    members: list[Member] = []
    at = 0
    while content[at : at + 4] == _CENTRAL and len(content) >= at + 46:
        made_by, version, flags, method, modified, crc, packed, unpacked, *lengths, disk, _, attributes, offset = (
            struct.unpack("<4xHHHHIIIIHHHHHII", content[at : at + 46])
        )
        begin, at = at + 46, at + 46 + sum(lengths)
        name, extra, comment = (
            content[begin + sum(lengths[:n]) : begin + sum(lengths[: n + 1])] for n in range(len(lengths))
        )
        fields = _extra_fields(extra)
        full = _full_numbers(fields.get(_ZIP64, b""), (unpacked, packed, offset))
        if disk or full is None or fields.get(-1) is not None:
            raise ZipFault(f"its directory's record {len(members) + 1} contradicts itself; the archive is damaged")
        unpacked, packed, offset = full
        # The upper byte of "made by" tells whose attributes these are; 3 is Unix.
        mode = attributes >> 16 if made_by >> 8 == 3 else 0
        members.append(
            Member(name, version, flags, method, modified, crc, packed, unpacked, offset, mode, comment, fields)
        )
    if at != length or len(content) != length:
        raise ZipFault(f"its end record promises a directory of {length} bytes, its records have {at}")
    if len(members) != count:
        raise ZipFault(f"its end record promises {count} files, its directory lists {len(members)}")
    return members


def _layout_problems(handle: BinaryIO, members: Sequence[Member], directory: int) -> Iterator[Problem]:
    """Members that do not lie one behind the other up to the directory, or whose descriptions differ."""
    position = 0
    ordered = sorted(members, key=lambda member: member.offset)
    for number, member in enumerate(ordered):
        following = ordered[number + 1].offset if number + 1 < len(ordered) else directory
        if not number and member.offset:
            yield Problem(member.name, f"{member.offset} bytes of no file stand in front of it")
        if member.offset < position:
            yield Problem(member.name, "shares bytes with another file of the archive (overlapping members)")
            return
        handle.seek(member.offset)
        header = handle.read(30)
        if len(header) < 30 or header[:4] != _LOCAL:
            yield Problem(member.name, "no local header where the directory says; the archive is damaged")
            return
        *_, name_length, extra_length = struct.unpack("<26xHH", header)
        name, extra = handle.read(name_length), _extra_fields(handle.read(extra_length))
        yield from _header_problems(member, header, name, extra)
        position = member.offset + 30 + name_length + extra_length + member.packed
        if member.flags & _LATER and following >= position:
            handle.seek(position)
            if handle.read(min(following - position, 25)) not in _descriptors(member):
                yield Problem(member.name, "has no descriptor behind it that says what the directory says")
                return
            position = following
        if following > position and number + 1 < len(ordered):
            yield Problem(ordered[number + 1].name, f"{following - position} bytes of no file stand in front of it")
    if position > directory:
        yield Problem(ordered[-1].name, "shares bytes with the archive's directory")
    elif position < directory:
        yield Problem("", "bytes of no file stand between its files and its end")


def _header_problems(member: Member, header: bytes, name: bytes, extra: dict[int, bytes]) -> Iterator[Problem]:
    version, flags, method, modified, crc, packed, unpacked = struct.unpack("<4xHHHIIII4x", header)
    if name != member.raw_name or _SECOND_NAME in extra or _SECOND_NAME in member.extra:
        yield Problem(member.name, "has another name in its local header, or two names: one archive, two contents")
    full = _full_numbers(extra.get(_ZIP64, b""), (unpacked, packed))
    expected = (member.unpacked, member.packed, member.crc)
    found = (-1, -1, -1) if full is None or -1 in extra else (*full, crc)
    # Written without going back: then what was not known yet is zero, and stands behind the file.
    unknown = member.flags & _LATER and all(one in (0, other) for one, other in zip(found, expected, strict=True))
    if (method, flags) != (member.method, member.flags) or not (found == expected or unknown):
        yield Problem(member.name, "has another size, sum or method in its local header: one archive, two contents")
    # Only the directory's record of a file beyond 2 GiB needs the version of ZIP64.
    elif modified != member.modified or (version != member.version and (version, member.version) not in _VERSIONS):
        yield Problem(member.name, "has another date or version in its local header: one archive, two contents")


def _descriptors(member: Member) -> Iterator[bytes]:
    """What may stand behind a file that was written without going back: its numbers, with and without a mark."""
    forms = ["<IQQ"] if max(member.packed, member.unpacked) > _NOT_HERE_32 else ["<IQQ", "<III"]
    for form in forms:
        numbers = struct.pack(form, member.crc, member.packed, member.unpacked)
        yield from (_DESCRIPTOR + numbers, numbers)


def _extra_fields(content: bytes) -> dict[int, bytes]:
    """Extra fields by their id; one under -1 says that they cannot be told apart, or that one is there twice."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        if kind in fields or at + 4 + length > len(content):
            return {-1: content}
        fields[kind] = content[at + 4 : at + 4 + length]
        at += 4 + length
    return fields if not any(content[at:]) else {-1: content}


def _full_numbers(zip64: bytes, short: tuple[int, ...]) -> tuple[int, ...] | None:
    """Numbers of 32 bits, each that is full replaced by the next of the ZIP64 field; None where they do not fit."""
    left, full = zip64, []
    for number in short:
        if number == _NOT_HERE_32 and len(left) >= 8:
            full.append(struct.unpack_from("<Q", left)[0])
            left = left[8:]
        else:
            full.append(number)
    return tuple(full) if not left else None
