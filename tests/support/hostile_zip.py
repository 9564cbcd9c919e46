"""Zip files written byte by byte, so that they can lie in ways that a zip library would not let them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@dataclass(frozen=True)
class Member:
    """A file of the archive, and what is said of it that is not so: ``declared`` is its unpacked size, ``mode`` its
    Unix type and rights, ``packed`` its deflated bytes where they are not those of ``content``.
    """

    name: str
    content: bytes
    mode: int = 0o100644
    flags: int = 0
    method: int = 8
    declared: int | None = None
    local_name: str | None = None
    corrupt: bool = False
    packed: bytes | None = None


def raw_zip(path: Path, members: Sequence[Member], gap: bytes = b"") -> None:
    """Write an archive; ``gap`` stands between the first two members."""
    body, directory = bytearray(), bytearray()
    for number, member in enumerate(members):
        if number == 1:
            body += gap
        directory += _central(member, len(body))
        body += _local(member)
    _write(path, bytes(body), bytes(directory), len(members))


def overlapping(good: dict[str, bytes], path: Path) -> None:
    """All the transcripts are the same bytes of the archive (Fifield's bomb, in small)."""
    body, directory = bytearray(), bytearray()
    kernel = Member("text/a.json", good["text/a.json"])
    for name, content in good.items():
        if name.startswith("text/"):
            continue
        directory += _central(Member(name, content), len(body))
        body += _local(Member(name, content))
    for name in ("text/a.json", "text/b.json", "text/c.json"):
        directory += _central(Member(name, kernel.content), len(body))
    body += _local(kernel)
    _write(path, bytes(body), bytes(directory), len(good))


def with_gap(good: dict[str, bytes], path: Path) -> None:
    """A page hidden between two members."""
    raw_zip(path, [Member(name, content) for name, content in good.items()], gap=b"<html></html>" * 20)


def case_twins(good: dict[str, bytes], path: Path) -> None:
    """Two names that are one on a file system that does not tell cases apart."""
    twin = Member("text/A.json", good["text/a.json"])
    raw_zip(path, [*(Member(name, content) for name, content in good.items()), twin])


def masses_of_members(_: dict[str, bytes], path: Path) -> None:
    """More members than any submission has."""
    body, directory = bytearray(), bytearray()
    for number in range(20_001):
        member = Member(f"text/{number}.json", b"", method=0)
        directory += _central(member, len(body))
        body += _local(member)
    _write(path, bytes(body), bytes(directory), 20_001)


def hours_of_silence(good: dict[str, bytes], path: Path) -> None:
    """A true WAV of 10 hours, 576 MB that pack into half a megabyte; made without ever holding it."""
    samples = 36_000 * 8_000
    header = b"RIFF" + struct.pack("<I", 36 + 2 * samples) + b"WAVEfmt "
    header += struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16) + b"data" + struct.pack("<I", 2 * samples)
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH)
    # A full flush forgets what came before, so one packed mebibyte of zeros can be repeated.
    block = zlib.compressobj(9, wbits=-15)
    million = block.compress(bytes(1 << 20)) + block.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, wbits=-15)
    whole, left = divmod(2 * samples, 1 << 20)
    packed += million * whole + rest.compress(bytes(left)) + rest.flush()
    long = Member("audio/a.wav", b"", declared=len(header) + 2 * samples, packed=packed)
    others = [Member(name, content) for name, content in good.items() if name != long.name]
    raw_zip(path, [*others, long])


def _body(member: Member) -> bytes:
    if member.packed is not None:
        return member.packed
    if member.method != 8:
        return member.content
    packer = zlib.compressobj(6, wbits=-15)
    packed = packer.compress(member.content) + packer.flush()
    return packed[:-3] + bytes([packed[-3] ^ 0xFF]) + packed[-2:] if member.corrupt else packed


def _numbers(member: Member) -> bytes:
    declared = len(member.content) if member.declared is None else member.declared
    sizes = struct.pack("<III", zlib.crc32(member.content), len(_body(member)), min(declared, 0xFFFFFFFF - 1))
    return struct.pack("<HHHHH", 20, member.flags | 0x800, member.method, 0, 33) + sizes


def _local(member: Member) -> bytes:
    name = (member.local_name or member.name).encode()
    return _LOCAL + _numbers(member) + struct.pack("<HH", len(name), 0) + name + _body(member)


def _central(member: Member, offset: int) -> bytes:
    name = member.name.encode()
    tail = struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, member.mode << 16, offset)
    return _CENTRAL + struct.pack("<H", 3 << 8 | 20) + _numbers(member) + tail + name


def _write(path: Path, body: bytes, directory: bytes, count: int) -> None:
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + _END + end)
