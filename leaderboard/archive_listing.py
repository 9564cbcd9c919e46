"""What an archive says it holds, checked before one byte of it is unpacked.

A zip file says everything twice, in local headers and in a directory at its end, and readers differ in whom they
believe. Here both have to agree, and members have to lie one behind the other from the first byte to the directory:
then there is no room for a second file in the same bytes, for members that share data, or for anything hidden.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4; overlapping members: Fifield, "A better zip bomb" (WOOT 2019).
"""

from __future__ import annotations

import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from leaderboard.contents import EXPECTED, METADATA, SUFFIXES, SUMS, is_document, part_of
from leaderboard.limits import Limits
from leaderboard.problems import Problem

_LOCAL: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_ENCRYPTED: Final = 0x1
_DESCRIPTOR: Final = 24
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNIX: Final = 3
# The records between directory and end that archives beyond 4 GiB carry.
_ZIP64_RECORDS: Final = 56 + 20


def list_job(arguments: dict[str, Any], _: Callable[..., None]) -> dict[str, Any]:
    """Job of the confined process: the problems, the files with their sizes, and the two documents that steer the rest.

    Nothing is read from an archive whose listing has problems.
    """
    path, limits = Path(arguments["archive"]), Limits.from_json(arguments["limits"])
    problems, members = list_archive(path, limits)
    documents = {}
    if not problems:
        with zipfile.ZipFile(path) as archive:
            for name in (METADATA, SUMS):
                if name not in members:
                    continue
                try:
                    documents[name] = archive.read(name).decode("utf-8")
                except (zipfile.BadZipFile, UnicodeDecodeError, OSError, EOFError, ValueError) as error:
                    problems.append(Problem(name, f"not readable as UTF-8 text ({error})"))
    return {"problems": [[p.where, p.message] for p in problems], "members": members, "documents": documents}


def list_archive(path: Path, limits: Limits) -> tuple[list[Problem], dict[str, int]]:
    """Everything that is wrong with an archive's structure and names, and its files with their unpacked sizes."""
    size = path.stat().st_size
    if size > limits.archive_bytes:
        return [Problem("", f"{size} bytes, expected at most {limits.archive_bytes}")], {}
    with path.open("rb") as handle:
        fault = _frame_fault(handle, size)
        if fault:
            return [Problem("", fault)], {}
        try:
            archive = zipfile.ZipFile(handle)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError) as error:
            return [Problem("", f"no complete zip archive ({error}). Pack it again with `omnibench submit`")], {}
        members = archive.infolist()
        if len(members) > limits.members:
            return [Problem("", f"{len(members)} files, expected at most {limits.members}")], {}
        problems = list(_layout_problems(handle, archive, members, size))
        problems += [p for member in members for p in _member_problems(member, limits)]
    problems += _together(members, limits)
    files = {member.filename: member.file_size for member in members if not member.is_dir()}
    return problems, files


def _frame_fault(handle: BinaryIO, size: int) -> str | None:
    """Why the file is not a zip from its first byte to its last, or None."""
    start = handle.read(4)
    if start != _LOCAL:
        return "does not start as a zip archive does; expected what `omnibench submit` writes, nothing in front of it"
    handle.seek(max(0, size - 22))
    end = handle.read(22)
    if end[:4] != _END:
        return "cut short, or something stands behind its end; expected a zip archive without a comment"
    if end[20:] != b"\0\0":
        return "the archive has a comment; expected none"
    return None


def _layout_problems(
    handle: BinaryIO, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], size: int
) -> Iterator[Problem]:
    """Members that do not lie one behind the other, or whose two descriptions differ."""
    position = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        name = member.orig_filename
        if member.header_offset < position:
            yield Problem(name, "shares bytes with another file of the archive (overlapping members)")
            return
        if member.header_offset - position > (_DESCRIPTOR if position else 0):
            yield Problem(name, f"{member.header_offset - position} bytes of no file stand in front of it")
        handle.seek(member.header_offset)
        header = handle.read(30)
        if len(header) < 30 or header[:4] != _LOCAL:
            yield Problem(name, "no local header where the directory says; the archive is damaged")
            return
        flags, method, packed, unpacked, name_length, extra_length = struct.unpack("<6xHH8xIIHH", header)
        local_name = handle.read(name_length)
        if local_name != member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"):
            yield Problem(name, "has another name in its local header: one archive, two contents")
        later = bool(flags & 0x8)
        sizes = (packed, unpacked) in ((member.compress_size, member.file_size), (0xFFFFFFFF, 0xFFFFFFFF))
        if method != member.compress_type or not (sizes or (later and packed == unpacked == 0)):
            yield Problem(name, "has another size or method in its local header: one archive, two contents")
        position = member.header_offset + 30 + name_length + extra_length + member.compress_size
    directory = sum(46 + len(_raw_name(m)) + len(m.extra) + len(m.comment) for m in members)
    slack = size - 22 - directory - archive.start_dir
    if not 0 <= archive.start_dir - position <= _DESCRIPTOR or not 0 <= slack <= _ZIP64_RECORDS:
        yield Problem("", "bytes of no file stand between its files and its end")


def _raw_name(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437")


def _member_problems(member: zipfile.ZipInfo, limits: Limits) -> Iterator[Problem]:
    name = member.orig_filename
    fault = _name_fault(name)
    if fault:
        yield Problem(name, fault)
        return
    mode = member.external_attr >> 16 if member.create_system == _UNIX else 0
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "a device, pipe or socket"
        yield Problem(name, f"is {kind}; expected files alone")
    if member.is_dir():
        if name.rstrip("/") not in SUFFIXES or member.file_size:
            yield Problem(name, f"does not belong; {EXPECTED}")
        return
    if not is_document(name) and part_of(name) is None:
        yield Problem(name, f"does not belong; {EXPECTED}")
    if member.flag_bits & _ENCRYPTED:
        yield Problem(name, "is encrypted")
    if member.compress_type not in _METHODS:
        yield Problem(name, f"packed by method {member.compress_type}; expected deflate, or none")
    if member.comment:
        yield Problem(name, "has a comment; expected none")
    if member.file_size > limits.ratio_from and member.file_size > limits.ratio * max(1, member.compress_size):
        ratio = member.file_size / max(1, member.compress_size)
        message = f"unpacks to {ratio:.0f} times its size, expected at most {limits.ratio}. Store such a file unpacked"
        yield Problem(name, message)
    most = {METADATA: limits.metadata_bytes, SUMS: 200 * limits.members}.get(name)
    if most is not None and member.file_size > most:
        yield Problem(name, f"{member.file_size} bytes, expected at most {most}")


def _name_fault(name: str) -> str | None:
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return "is an absolute path; expected names below the archive"
    if ".." in name.replace("\\", "/").split("/"):
        return 'leads out of the archive by ".."'
    if "\\" in name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "has a backslash or a control character in its name"
    return None


def _together(members: Sequence[zipfile.ZipInfo], limits: Limits) -> Iterator[Problem]:
    total = sum(member.file_size for member in members)
    if total > limits.total_bytes:
        yield Problem("", f"unpacks to {total} bytes, expected at most {limits.total_bytes}")
    counts = Counter(member.filename.casefold() for member in members)
    for name in sorted(name for name, count in counts.items() if count > 1):
        yield Problem(name, f"is there {counts[name]} times (letters' case apart)")
