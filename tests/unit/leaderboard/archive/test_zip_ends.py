"""End records that lie: nothing stands before, between or behind the files and the one directory that names them."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from leaderboard.archive.zip_structure import ZipFault, read_members

COUNT = 29
_DATE = (2026, 1, 1, 0, 0, 0)


def packed(count: int, name: str = "text/{}.json") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(name.format(number), _DATE), b'{"text": ""}' * 20)
    return target.getvalue()


GOOD = packed(COUNT)
END = len(GOOD) - 22
LENGTH, OFFSET = struct.unpack("<12xII2x", GOOD[END:])
FILES, DIRECTORY, BODY = GOOD[:OFFSET], GOOD[OFFSET:END], GOOD[:END]
FIRST = 46 + sum(struct.unpack_from("<HHH", DIRECTORY, 28))
ANOTHER = packed(1, "hidden.html")
HIDDEN = ANOTHER[: struct.unpack("<16xI2x", ANOTHER[-22:])[0]]


def end(here: int = COUNT, length: int = LENGTH, offset: int = OFFSET, **other: int) -> bytes:
    numbers = (other.get("disk", 0), other.get("first", 0), here, other.get("count", here), length, offset)
    return struct.pack("<4sHHHHIIH", b"PK\x05\x06", *numbers, other.get("comment", 0))


def end64(count: int = COUNT, length: int = LENGTH, offset: int = OFFSET, **other: int) -> bytes:
    numbers = (other.get("bytes", 44), 45, 45, 0, 0, count, count, length, offset)
    locator = (other.get("first", 0), other.get("where", END), other.get("disks", 1))
    return struct.pack("<4sQHHIIQQQQ4sIQI", b"PK\x06\x06", *numbers, b"PK\x06\x07", *locator)


def moved(by: int) -> bytes:
    """The directory with all its files that many bytes further on."""
    found, at = bytearray(DIRECTORY), 0
    while at < len(found):
        (offset,) = struct.unpack_from("<I", found, at + 42)
        struct.pack_into("<I", found, at + 42, offset + by)
        at += 46 + sum(struct.unpack_from("<HHH", found, at + 28))
    return bytes(found)


def behind(front: bytes) -> bytes:
    return front + FILES + moved(len(front)) + end(offset=OFFSET + len(front))


SOUND: Mapping[str, bytes] = {
    "as it is": GOOD,
    "ZIP64, numbers in it": BODY + end64() + end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
    "ZIP64, numbers in both": BODY + end64() + end(),
}
LIES: Mapping[str, bytes] = {
    "65,535 files": BODY + end(65_535),
    "65,535 files in all": BODY + end(count=65_535),
    "one file more": BODY + end(COUNT + 1),
    "one file less": BODY + end(COUNT - 1),
    "no file": BODY + end(0),
    "a directory that is longer": BODY + end(length=LENGTH + 1),
    "a directory that is shorter": BODY + end(length=LENGTH - 1),
    "no directory": BODY + end(0, 0, END),
    "a directory that begins later": BODY + end(offset=OFFSET + 1),
    "a directory of everything": BODY + end(length=END, offset=0),
    "a directory without its first record": BODY + end(COUNT - 1, LENGTH - FIRST, OFFSET + FIRST),
    "an offset for ZIP64 without it": BODY + end(offset=0xFFFFFFFF),
    "ZIP64: more files": BODY + end64(COUNT + 1) + end(0xFFFF),
    "ZIP64: other files than the end": BODY + end64(COUNT - 1) + end(),
    "ZIP64: another offset": BODY + end64(offset=OFFSET + 1) + end(offset=0xFFFFFFFF),
    "ZIP64: a huge number of files": BODY + end64(1 << 62) + end(0xFFFF),
    "ZIP64: a huge directory": BODY + end64(length=1 << 62) + end(length=0xFFFFFFFF),
    "ZIP64: a longer record": BODY + end64(bytes=48) + end(),
    "ZIP64: a locator that points elsewhere": BODY + end64(where=0) + end(),
    "ZIP64: a locator of two parts": BODY + end64(disks=2) + end(),
    "ZIP64: a locator of another part": BODY + end64(first=1) + end(),
    "ZIP64: a locator alone": BODY + end64()[56:] + end(),
    "a comment": BODY + end(comment=3) + b"abc",
    "a comment that is longer": BODY + end(comment=2) + b"abc",
    "a comment that is an end record": BODY + end(comment=22) + end(),
    "a comment that is an empty archive": BODY + end(comment=22) + end(0, 0, END + 22),
    "a comment that is a directory": BODY + end(comment=LENGTH + 22) + DIRECTORY + end(offset=END + 22),
    "a byte behind it": GOOD + b"\n",
    "a second archive behind it": GOOD + GOOD,
    "a second end record": GOOD + end(),
    "a script in front of it": b"#!/bin/sh\n" + GOOD,
    "bytes in front of it, offsets adjusted": behind(b"PK\x03\x04" + bytes(100)),
    "a hidden file in front of it, offsets adjusted": behind(HIDDEN),
    "a hidden file behind the others": FILES + HIDDEN + DIRECTORY + end(offset=OFFSET + len(HIDDEN)),
    "a second directory": FILES + DIRECTORY * 2 + end(offset=OFFSET + LENGTH),
    "two directories as one": FILES + DIRECTORY * 2 + end(2 * COUNT, 2 * LENGTH),
    "a part of an archive": BODY + end(disk=1),
    "a directory in another part": BODY + end(first=1),
    "an end alone": end(0, 0, 0),
    "nothing": b"",
    "cut in its end": GOOD[:-5],
    "cut in its directory": GOOD[: OFFSET + 10],
    "cut in a file": GOOD[:50],
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_ends(name: str) -> None:
    members, problems = read_members(io.BytesIO(SOUND[name]), len(SOUND[name]), 100)
    assert (len(members), problems) == (COUNT, [])


@pytest.mark.parametrize("name", LIES)
def test_ends_that_lie(name: str) -> None:
    said = []
    with contextlib.suppress(ZipFault):
        said = read_members(io.BytesIO(LIES[name]), len(LIES[name]), 100)[1]
        assert said
