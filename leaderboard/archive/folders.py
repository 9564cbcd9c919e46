"""Checks a folder by packing it and checking the archive: what is looked at is what would be sent."""

from __future__ import annotations

from pathlib import Path

from leaderboard.archive.completing import data_of, require_whole, run_of
from leaderboard.archive.contents import METADATA, RUN
from leaderboard.archive.packing import collect, pack
from leaderboard.archive.validation import Checked, validate_archive
from leaderboard.entry.problems import SubmissionError
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, OmnibenchError


def validate_folder(
    folder: Path, work: Path, data: str | None = None, split: str | None = None
) -> tuple[Checked, list[str]]:
    """Check a run's folder, or an unpacked archive.

    Returns:
        What `validate_archive` says, and the files that are not part of a submission.

    Raises:
        CoverageError: answers to a part of the split.
        SubmissionError: with every problem.
        InputError: no such folder, or nothing says which data it answers.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected predictions as `omnibench run` writes them.")
    found = collect(folder, work)
    described = METADATA in found.files
    if not described:
        run = run_of(folder)
        said = data_of(run)
        data, split = data or said[0], split or said[1]
        if data is None and not found.problems:
            raise InputError(f"{folder}: no {RUN} says which data it answers. Name it with --data, like --data mini.")
        if data is not None:
            chosen = split or "test"
            require_whole(folder, found.files, run, open_dataset(data).ids(chosen), data, chosen)
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
