"""Checks a folder by packing it and checking the archive: what is looked at is what would be sent."""

from __future__ import annotations

from pathlib import Path

from leaderboard.contents import METADATA, RUN
from leaderboard.limits import DEFAULT_LIMITS
from leaderboard.packing import collect, pack
from leaderboard.problems import SubmissionError
from leaderboard.strict_json import JsonFault, read_json_file
from leaderboard.validation import Checked, validate_archive
from omnibench.errors import InputError, OmnibenchError


def validate_folder(
    folder: Path, work: Path, data: str | None = None, split: str | None = None
) -> tuple[Checked, list[str]]:
    """Check a run's folder, or an unpacked archive.

    Returns:
        What `validate_archive` says, and the files that are not part of a submission.

    Raises:
        SubmissionError: with every problem.
        InputError: no such folder, or nothing says which data it answers.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected predictions as `omnibench run` writes them.")
    found = collect(folder)
    described = METADATA in found.files
    if not described:
        said = _data_of_run(folder)
        data, split = data or said[0], split or said[1]
        if data is None and not found.problems:
            raise InputError(f"{folder}: no {RUN} says which data it answers. Name it with --data, like --data mini.")
    archive = work / "packed.zip"
    pack(found.files, None, archive)
    try:
        checked = validate_archive(archive, work, data, split, described)
    except SubmissionError as error:
        raise SubmissionError(str(folder), [*found.problems, *error.problems]) from error
    except OmnibenchError:
        if found.problems:
            raise SubmissionError(str(folder), found.problems) from None
        raise
    if found.problems:
        raise SubmissionError(str(folder), found.problems)
    return checked, found.left_out


def _data_of_run(folder: Path) -> tuple[str | None, str | None]:
    """``(data, split)`` of ``run.json``, where it says so."""
    try:
        data = read_json_file(folder / RUN, DEFAULT_LIMITS.document_bytes)["data"]
        return str(data["name"]), str(data["split"])
    except (OSError, JsonFault, KeyError, TypeError):
        return None, None
