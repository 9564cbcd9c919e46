"""Makes a team's archive: what they say, the model's card, the answers. Checked as the receiver does, then kept."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leaderboard.archive.completing import data_of, require_whole, run_of
from leaderboard.archive.contents import RUN
from leaderboard.archive.packing import collect, pack
from leaderboard.archive.validation import Checked, validate_archive
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.own_protocol import refusal
from leaderboard.entry.problems import Problem, SubmissionError, schema_problems
from leaderboard.entry.schema import Metadata
from leaderboard.entry.strict_json import read_json_file
from omnibench import __version__
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.files.checked import JsonFault
from omnibench.files.faults import shown


@dataclass(frozen=True, slots=True)
class Statement:
    """What a team says: ``fields`` of `leaderboard.entry.schema.Submission` but for the date, ``name`` of the entry
    (made from the model's where it is empty), files with a model card and an attestation.
    """

    fields: Mapping[str, Any]
    name: str = ""
    card: Path | None = None
    attestation: Path | None = None
    date: datetime.date | None = None


def make_archive(
    folder: Path,
    statement: Statement,
    target: Path | None,
    work: Path,
    data: str | None = None,
    split: str | None = None,
    controls: bool = False,
) -> tuple[Path, Checked, list[str]]:
    """Pack a run's folder and check the archive.

    Args:
        folder: predictions, with ``run.json`` or with a card in the statement.
        statement: of the team.
        target: the archive to write; ``<entry id>.zip`` in the current folder where None.
        work: an empty folder; the archive is unpacked there.
        data: what the answers are to, where no ``run.json`` says so.
        split: likewise.
        controls: whether it is one of the project's own controls.

    Returns:
        The archive, what was found in it, and the files of the folder that are not part of it.

    Raises:
        CoverageError: answers to a part of the split.
        SubmissionError: with every problem of the statement and of the files; then no archive is left.
        InputError: no such folder, no card and no data to go by, a run under a condition, paced or read back, or scores
            under a protocol of the team's own alone.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected predictions as `omnibench run` writes them.")
    if reason := refusal(folder):
        raise InputError(reason)
    found = collect(folder, work)
    run = run_of(folder)
    if condition := run.get("condition"):
        raise InputError(
            f"{folder}: made under the condition {shown(str(condition))}; the board ranks answers to data as they "
            f"are: run again without --condition."
        )
    if run.get("paced"):
        raise InputError(f"{folder}: answers paced on one machine, which rank beside no others: send {folder.parent}.")
    if run.get("read_back"):
        raise InputError(f"{folder}: read back from recordings, which rank beside no others: send {folder.parent}.")
    said = data_of(run)
    name = data or said[0]
    if name is None:
        raise InputError(f"{folder}: no {RUN} says which data it answers. Name it with --data, like --data mini.")
    dataset = open_dataset(name)
    chosen = split or said[1] or "test"
    require_whole(folder, found.files, run, dataset.ids(chosen), name, chosen)
    metadata, problems = metadata_of(statement, run, _data_ref(dataset, chosen))
    found.problems.extend(problems)
    final = target or Path(f"{metadata.entry_id if metadata else 'submission'}.zip")
    fresh = _beside(final)
    try:
        pack(found.files, None if metadata is None else metadata.model_dump(mode="json"), fresh)
        described = metadata is not None
        checked = _sound(
            found.problems,
            lambda: validate_archive(fresh, work, name, chosen, described=described, controls=controls),
        )
        fresh.replace(final)
    finally:
        fresh.unlink(missing_ok=True)
    return final, checked, found.left_out


def _sound(problems: list[Problem], check: Callable[[], Checked]) -> Checked:
    """What the receiver's check finds, with every problem at once."""
    try:
        checked = check()
    except SubmissionError as error:
        raise SubmissionError("The submission", [*problems, *error.problems]) from error
    if problems:
        raise SubmissionError("The submission", problems)
    return checked


def _beside(final: Path) -> Path:
    """An unfinished archive lies beside the finished one, so that the last step is a rename."""
    if not final.parent.is_dir():
        raise InputError(f"{final.parent}: no such folder; --out expects a file in one that is there.")
    return final.with_name(f".{final.name}.part")


def _data_ref(dataset: DataSet, split: str) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "version": dataset.version,
        "split": split,
        "manifest": dataset.manifest_hash(split),
        "dialogues": len(dataset.ids(split)),
    }


def metadata_of(
    statement: Statement, run: Mapping[str, Any], data: Mapping[str, Any]
) -> tuple[Metadata | None, list[Problem]]:
    """``metadata.json`` of what the team says and its ``run.json``; None where something is wrong with it."""
    problems: list[Problem] = []
    model = _document(statement.card, problems) if statement.card else run.get("model")
    if model is None:
        problems.append(Problem(RUN, "not there; describe the model in a JSON file and name it with --card"))
    attestation = _document(statement.attestation, problems) if statement.attestation else None
    card = model if isinstance(model, dict) else {}
    date = statement.date or datetime.datetime.now(datetime.UTC).date()
    content = {
        "schema_version": 1,
        "name": statement.name or _slug(str(card.get("name", ""))),
        "submission": {**statement.fields, "date": date.isoformat()},
        "model": model or {},
        "data": dict(data),
        "attestation": attestation,
        "omnibench": __version__,
    }
    try:
        return Metadata.model_validate(content), problems
    except ValidationError as error:
        return None, [*problems, *schema_problems("metadata.json", error)]


def _document(path: Path, problems: list[Problem]) -> Any:
    try:
        return read_json_file(path, DEFAULT_LIMITS.metadata_bytes)
    except OSError as error:
        raise InputError(f"{path}: not readable ({error.strerror}); expected a JSON file.") from error
    except JsonFault as fault:
        problems.append(Problem(str(path), str(fault)))
        return None


def _slug(name: str) -> str:
    """An entry's name from a model's; of one without a Latin letter or digit, its hash."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]
    return found or f"model-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
