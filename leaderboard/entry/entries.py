"""Entries on disk: one folder each, written whole or not at all, read only when all of it is as it must be.

What is checked here needs no archive: it is the whole of what the project's CI can say about a pull request.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from leaderboard.entry.problems import Problem, SubmissionError, schema_problems
from leaderboard.entry.schema import Awards, Entry, ProtocolName, Sample
from leaderboard.entry.strict_json import parse_json, read_json_file
from omnibench.errors import InputError
from omnibench.files.atomic import sync, write_bytes
from omnibench.files.checked import JsonFault

SUBMISSIONS: Final = "submissions"
CONTROLS: Final = "controls"
ENTRY: Final = "entry.json"
FINGERPRINTS: Final = "fingerprints.json"
AWARDS: Final = "awards.json"
ENTRY_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}_[a-z0-9][a-z0-9-]{0,62}")
_OWN: Final = re.compile(r"entry\.json|fingerprints\.json|samples\.(?:paper|strict|offline)\.jsonl")
_ENTRY_BYTES: Final = 4 << 20
_SAMPLES_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry and where it lies."""

    folder: Path
    entry: Entry

    def samples(self) -> dict[ProtocolName, list[Sample]]:
        """Per-dialogue scores by protocol, for those that have them."""
        return {
            protocol: read_samples(self.folder / scores.samples)
            for protocol, scores in self.entry.scores.items()
            if scores.samples is not None
        }


def read_entries(root: Path) -> list[Stored]:
    """All entries below ``submissions/`` or ``controls/``, by id; none where the folder does not exist.

    What is no entry is passed over (`foreign_to` lists it): a file system and a desktop leave things of their own.

    Raises:
        SubmissionError: something of an entry is not as `check_entry` wants it; the message lists all of it.
    """
    return list(each_entry(root))


def each_entry(root: Path) -> Iterator[Stored]:
    """As `read_entries`, each read when it is asked for: the samples of all of them would fill the memory. Raises
    SubmissionError after those that are in order.
    """
    problems: list[Problem] = []
    yield from readable_entries(root, problems)
    if problems:
        raise SubmissionError(str(root), problems)


def checked_entry(folder: Path) -> Stored:
    """One entry. Raises SubmissionError where it is not as `check_entry` wants it."""
    problems = check_entry(folder, strangers=True)
    if problems:
        raise SubmissionError(str(folder.parent), problems)
    return Stored(folder, read_entry(folder))


def readable_entries(root: Path, problems: list[Problem]) -> Iterator[Stored]:
    """As `each_entry`, without the entries that are out of order: ``problems`` is told of these instead."""
    for folder in filter(is_entry, entry_folders(root)):
        faults = check_entry(folder, strangers=True)
        problems += faults
        if not faults:
            yield Stored(folder, read_entry(folder))


def entry_folders(root: Path) -> list[Path]:
    """What lies directly below, by name; hidden names and a README are passed over."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if not path.name.startswith(".") and path.name != "README.md")


def foreign_to(root: Path) -> list[Path]:
    """What lies among the entries and is none, and what lies in an entry's folder and is not its."""
    found = []
    for path in entry_folders(root):
        inside = sorted(path.iterdir()) if is_entry(path) else ()
        found += [other for other in inside if not _OWN.fullmatch(other.name)] if inside else [path]
    return found


def is_entry(path: Path) -> bool:
    """Whether a path below ``submissions/`` or ``controls/`` is an entry's folder, by its name and kind."""
    return bool(ENTRY_NAME.fullmatch(path.name)) and path.is_dir() and not path.is_symlink()


def read_entry(folder: Path) -> Entry:
    """``entry.json``. Raises InputError where it is none."""
    path = folder / ENTRY
    try:
        return _entry_of(_bounded(path, _ENTRY_BYTES))
    except (OSError, JsonFault) as error:
        raise InputError(f"{path}: {error}") from error
    except ValidationError as error:
        raise SubmissionError(str(path), schema_problems(ENTRY, error)) from error


def read_samples(path: Path) -> list[Sample]:
    """The lines of a ``samples.<protocol>.jsonl``. Raises InputError where one is none."""
    try:
        return list(_samples_of(_bounded(path, _SAMPLES_BYTES)))
    except (OSError, JsonFault) as error:
        raise InputError(f"{path}: {error}") from error
    except ValidationError as error:
        raise SubmissionError(str(path), schema_problems(path.name, error)) from error


def _bounded(path: Path, most: int) -> bytes:
    size = path.stat().st_size
    if size > most:
        raise JsonFault(f"{size} bytes, expected at most {most}")
    return path.read_bytes()


# Checking an entry reads all of it, and whoever checked it wants it next: the last ones are not parsed twice.
@lru_cache(maxsize=2)
def _entry_of(content: bytes) -> Entry:
    return Entry.model_validate(parse_json(content))


@lru_cache(maxsize=4)
def _samples_of(content: bytes) -> tuple[Sample, ...]:
    return tuple(Sample.model_validate(parse_json(line)) for line in content.splitlines())


def check_entry(folder: Path, strangers: bool = False) -> list[Problem]:
    """Everything that is wrong with one entry's folder; ``strangers``: files that are not an entry's may lie there."""
    where = folder.name
    if folder.is_symlink() or not folder.is_dir():
        return [Problem(where, f"expected a folder with {ENTRY}")]
    found = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_file()]
    found = [path for path in found if not strangers or _OWN.fullmatch(path.relative_to(folder).as_posix())]
    if found:
        return [Problem(f"{where}/{path.relative_to(folder)}", "expected plain files alone") for path in found]
    try:
        entry = read_entry(folder)
    except SubmissionError as error:
        return [Problem(f"{where}/{ENTRY}", problem.message) for problem in error.problems]
    except InputError as error:
        return [Problem(where, str(error).removeprefix(f"{folder}/"))]
    return list(_entry_problems(folder, entry, strangers))


def _entry_problems(folder: Path, entry: Entry, strangers: bool) -> Iterator[Problem]:
    where = folder.name
    if entry.id != where:
        yield Problem(f"{where}/{ENTRY}", f'field "id": "{entry.id}", expected the folder\'s name')
    named = {scores.samples: (protocol, scores) for protocol, scores in entry.scores.items() if scores.samples}
    allowed = {ENTRY, FINGERPRINTS, *named}
    for path in sorted(folder.iterdir()):
        if path.name not in allowed and not (strangers and not _OWN.fullmatch(path.name)):
            yield Problem(f"{where}/{path.name}", f"does not belong; expected {', '.join(sorted(map(str, allowed)))}")
    for name, (protocol, scores) in named.items():
        path = folder / str(name)
        if not path.is_file():
            yield Problem(f"{where}/{name}", "missing, though entry.json names it")
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() != scores.samples_sha256:
            yield Problem(f"{where}/{name}", f"another file than scores.{protocol}.samples_sha256 says")
        try:
            samples = read_samples(path)
        except InputError as error:
            yield Problem(f"{where}/{name}", str(error).removeprefix(f"{path}: "))
            continue
        found = len({sample.id for sample in samples})
        if found != scores.data.dialogues or found != len(samples):
            told = f"{found} dialogues in {len(samples)} lines, expected {scores.data.dialogues}"
            yield Problem(f"{where}/{name}", f"{told}, one line each")


def read_awards(root: Path) -> Awards:
    """``awards.json`` in the leaderboard's folder; empty where there is none. Raises InputError where it is damaged."""
    path = root / AWARDS
    if not path.is_file():
        return Awards(schema_version=1)
    try:
        return Awards.model_validate(read_json_file(path, _ENTRY_BYTES))
    except JsonFault as error:
        raise InputError(f"{path}: {error}") from error
    except ValidationError as error:
        raise SubmissionError(str(path), schema_problems(AWARDS, error)) from error


def write_entry(
    root: Path, entry: Entry, samples: Mapping[ProtocolName, bytes], fingerprints: Mapping[str, Any] | None = None
) -> Path:
    """Write an entry's folder below ``root``, in place of one of the same id; never half an entry.

    Args:
        root: ``submissions/`` or ``controls/``.
        entry: names a samples file for each protocol in ``samples``.
        samples: content of ``samples.<protocol>.jsonl``.
        fingerprints: content of ``fingerprints.json``.
    """
    root.mkdir(parents=True, exist_ok=True)
    final, fresh, old = root / entry.id, root / f".{entry.id}.new", root / f".{entry.id}.old"
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir()
    for protocol, content in samples.items():
        write_bytes(fresh / f"samples.{protocol}.jsonl", content)
    if fingerprints is not None:
        write_bytes(fresh / FINGERPRINTS, to_json(fingerprints, indent=None))
    write_bytes(fresh / ENTRY, to_json(entry))
    if final.exists():
        final.rename(old)
    fresh.rename(final)
    sync(root)
    shutil.rmtree(old, ignore_errors=True)
    return final


def to_json(content: BaseModel | Mapping[str, Any], indent: int | None = 2) -> bytes:
    """A document's bytes: the same content gives the same bytes."""
    plain = content.model_dump(mode="json") if isinstance(content, BaseModel) else content
    return (json.dumps(plain, indent=indent, allow_nan=False, ensure_ascii=False) + "\n").encode()
