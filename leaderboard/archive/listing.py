"""What an archive says it holds, checked before one byte of it is unpacked: its structure, names and sizes."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from leaderboard.archive.contents import (
    EXPECTED,
    METADATA,
    SUFFIXES,
    SUMS,
    is_document,
    left_behind,
    part_of,
    wrapping_folder,
)
from leaderboard.archive.zip_structure import Member, ZipFault, read_members
from leaderboard.entry.limits import KIB, Limits
from leaderboard.entry.problems import Problem
from omnibench.files.decoding import decoded
from omnibench.files.faults import shown

_LEFT_BEHIND_BYTES: Final = 256 * KIB
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
                    documents[name] = decoded(archive.read(name))
                except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError) as error:
                    problems.append(Problem(name, f"not readable as UTF-8 text ({error})"))
    return {"problems": [[p.where, p.message] for p in problems], "members": members, "documents": documents}


def list_archive(path: Path, limits: Limits) -> tuple[list[Problem], dict[str, int]]:
    """Everything that is wrong with an archive's structure and names, and its files with their unpacked sizes."""
    size = path.stat().st_size
    if size > limits.archive_bytes:
        return [Problem("", f"{size} bytes, expected at most {limits.archive_bytes}")], {}
    try:
        with path.open("rb") as handle:
            members, problems = read_members(handle, size, limits.members)
    except ZipFault as fault:
        return [Problem("", str(fault))], {}
    folder = wrapping_folder(member.name for member in members if not member.is_folder)
    if folder is not None and not problems:
        message = f"everything lies in {shown(folder)}/: zip its content, or let `omnibench submit` pack that folder"
        return [Problem("", message)], {}
    problems += [problem for member in members for problem in _member_problems(member, limits)]
    problems += _together(members, limits)
    kept = (member for member in members if not member.is_folder and not left_behind(member.name))
    return problems, {member.name: member.unpacked for member in kept}


def _member_problems(member: Member, limits: Limits) -> Iterator[Problem]:
    name = member.name
    fault = _name_fault(name)
    if fault:
        yield Problem(name, fault)
        return
    if stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "a symbolic link" if stat.S_ISLNK(member.mode) else "a device, pipe or socket"
        yield Problem(name, f"is {kind}; expected files alone")
    if left_behind(name.rstrip("/")):
        if member.unpacked > _LEFT_BEHIND_BYTES:
            yield Problem(name, f"{member.unpacked} bytes, expected at most {_LEFT_BEHIND_BYTES} of what systems add")
        return
    if member.is_folder:
        if name.rstrip("/") not in SUFFIXES or member.unpacked:
            yield Problem(name, f"does not belong; {EXPECTED}")
        return
    if not is_document(name) and part_of(name) is None:
        yield Problem(name, f"does not belong; {EXPECTED}")
    yield from _packing_problems(member, limits)


def _packing_problems(member: Member, limits: Limits) -> Iterator[Problem]:
    name = member.name
    if member.flags & _ENCRYPTED:
        yield Problem(name, "is encrypted")
    if member.method not in _METHODS:
        yield Problem(name, f"packed by method {member.method}; expected deflate, or none")
    if member.comment:
        yield Problem(name, "has a comment; expected none")
    if member.unpacked > limits.ratio_from and member.unpacked > limits.ratio * max(1, member.packed):
        ratio = member.unpacked / max(1, member.packed)
        message = f"unpacks to {ratio:.0f} times its size, expected at most {limits.ratio}. Store such a file unpacked"
        yield Problem(name, message)
    most = {METADATA: limits.metadata_bytes, SUMS: 200 * limits.members}.get(name)
    if most is not None and member.unpacked > most:
        yield Problem(name, f"{member.unpacked} bytes, expected at most {most}")


def _name_fault(name: str) -> str | None:
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return "is an absolute path; expected names below the archive"
    if ".." in name.replace("\\", "/").split("/"):
        return 'leads out of the archive by ".."'
    if "\\" in name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "has a backslash or a control character in its name"
    return None


def _together(members: Sequence[Member], limits: Limits) -> Iterator[Problem]:
    total = sum(member.unpacked for member in members)
    if total > limits.total_bytes:
        yield Problem("", f"unpacks to {total} bytes, expected at most {limits.total_bytes}")
    counts = Counter(member.name.casefold() for member in members)
    for name in sorted(name for name, count in counts.items() if count > 1):
        yield Problem(name, f"is there {counts[name]} times (letters' case apart)")
