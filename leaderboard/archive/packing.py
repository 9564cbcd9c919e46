"""From a folder of predictions to one archive: chosen files alone, in a fixed order, with their sha256.

The same answers give the same bytes: no times of day. Answers go byte for byte as they lie in the folder, so that the
journal's sha256 hold for what is unpacked; of the documents see `leaderboard.archive.sending`.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from leaderboard.archive.contents import METADATA, SUMS, is_document, part_of, wrapping_folder
from leaderboard.archive.converting import converted
from leaderboard.archive.sending import as_sent
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.problems import Problem
from leaderboard.entry.strict_json import read_json_file
from omnibench.errors import InputError
from omnibench.files.checked import JsonFault
from omnibench.files.listing import is_left_behind

Source = Path | bytes
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 1
_BLOCK: Final = 1 << 20
# Written by `omnibench run` and `omnibench score`; what they say is recomputed, or in the files that are packed.
_LEFT_BEHIND: Final = ("scores.json", "samples.jsonl", "statistics.npz")


@dataclass(slots=True)
class Collected:
    """``files`` by their names in the archive; ``left_out`` are files of the folder that are not packed."""

    files: dict[str, Source] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def collect(folder: Path, work: Path | None = None) -> Collected:
    """Choose what is packed of a run's folder, or of an unpacked archive (known by its SHA256SUMS).

    With ``work``, a folder to write in, answers of another kind or place than an archive has go in as it has them
    (`leaderboard.archive.converting`).

    Links and special files are problems, wherever they point: nothing outside the folder is ever packed.

    Raises:
        InputError: all of it lies in a folder of that folder.
    """
    found = Collected()
    unpacked = (folder / SUMS).is_file()
    for name, path in _walk(folder, found):
        if unpacked or part_of(name) is not None:
            found.files[name] = path
        elif is_document(name):
            if name not in (METADATA, SUMS):
                found.files[name] = as_sent(name, path.read_bytes())
        elif name not in _LEFT_BEHIND and not is_left_behind(path.name):
            found.left_out.append(name)
    if not unpacked:
        _add_samples(folder, found)
        for name, path, source in converted(folder, work / "converted", found.problems) if work is not None else ():
            found.files[name] = source
            original = path.relative_to(folder).as_posix()
            found.left_out = [other for other in found.left_out if other != original]
    inner = None if found.files else wrapping_folder(found.left_out)
    if inner is not None:
        raise InputError(f"{folder}: everything lies in {inner}/ below it; name that folder, {folder / inner}.")
    return found


def _walk(folder: Path, found: Collected) -> Iterator[tuple[str, Path]]:
    for root, folders, files in os.walk(folder):
        for name in sorted([*folders, *files]):
            path = Path(root) / name
            relative = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                found.problems.append(Problem(relative, "is a symbolic link; expected files alone"))
            elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                found.problems.append(Problem(relative, "is a device, pipe or socket; expected files alone"))
            elif stat.S_ISREG(mode) and not name.startswith("."):
                yield relative, path
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (Path(root) / name).is_symlink()
        )


def _add_samples(folder: Path, found: Collected) -> None:
    """``samples.jsonl`` belongs to the protocol of ``scores.json``, and is named after it in the archive."""
    if not (folder / "samples.jsonl").is_file() or not (folder / "scores.json").is_file():
        return
    try:
        protocol = read_json_file(folder / "scores.json", DEFAULT_LIMITS.document_bytes).get("protocol")
    except (JsonFault, AttributeError) as error:
        found.problems.append(Problem("scores.json", f"{error}. Run `omnibench score` again"))
        return
    name = f"samples.{protocol}.jsonl"
    if is_document(name):
        found.files[name] = as_sent(name, (folder / "samples.jsonl").read_bytes())


def pack(files: Mapping[str, Source], metadata: Mapping[str, object] | None, target: Path) -> None:
    """Write the archive.

    Args:
        files: by name; SHA256SUMS is made unless it is among them (an unpacked archive keeps its own).
        metadata: content of ``metadata.json``; None to leave it out, or where ``files`` has it.
        target: the new ``.zip``.
    """
    everything = dict(files)
    if metadata is not None:
        everything[METADATA] = (json.dumps(metadata, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if SUMS not in everything:
        lines = [f"{_digest(everything[name])}  {name}\n" for name in sorted(everything)]
        everything[SUMS] = "".join(lines).encode()
    first = [name for name in (METADATA, SUMS) if name in everything]
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        for name in [*first, *sorted(set(everything) - set(first))]:
            _write(archive, name, everything[name])


def _write(archive: zipfile.ZipFile, name: str, source: Source) -> None:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    member.create_system = 3
    member.compress_type = zipfile.ZIP_DEFLATED if _worth_packing(name, source) else zipfile.ZIP_STORED
    member.file_size = len(source) if isinstance(source, bytes) else source.stat().st_size
    # No public name before Python 3.13 but for a member that is written at once, and videos are large.
    member._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001
    with archive.open(member, "w") as output:
        for block in _blocks(source):
            output.write(block)


def _worth_packing(name: str, source: Source) -> bool:
    """Whether to deflate: not what is packed already, nor what would look like a bomb (a silent listener's zeros)."""
    if name.endswith(".mp4"):
        return False
    packer, before, after = zlib.compressobj(_LEVEL), 0, 0
    for block in _blocks(source):
        before += len(block)
        after += len(packer.compress(block))
    after += len(packer.flush())
    return before <= DEFAULT_LIMITS.ratio_from or before < DEFAULT_LIMITS.ratio * after // 2


def _blocks(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as handle:
        while block := handle.read(_BLOCK):
            yield block


def _digest(source: Source) -> str:
    digest = hashlib.sha256()
    for block in _blocks(source):
        digest.update(block)
    return digest.hexdigest()
