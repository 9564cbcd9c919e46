"""One maintainer's decision from archive to files: validate, score, compare, write the entry and its award."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leaderboard.archive.submitting import Statement, make_archive
from leaderboard.archive.validation import Checked, validate_archive
from leaderboard.entry.entries import AWARDS, ENTRY, read_awards, read_entries, to_json, write_entry
from leaderboard.entry.schema import Award, Entry, Metadata, ProtocolName, ProtocolScores
from leaderboard.judging.checking import CONTROLS, SUBMISSIONS
from leaderboard.judging.composing import sent_scores
from leaderboard.judging.rescoring import Signed, reproduced, rescored_entry, score_checked
from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import write_bytes
from omnibench.files.locking import locked


@dataclass(frozen=True, slots=True)
class Request:
    """What a maintainer asks for; the fields are the options of ``omnibench leaderboard rescore``."""

    submission: Path
    by: str
    root: Path
    data: str | None = None
    protocols: tuple[str, ...] = ()
    url: str | None = None
    reproduction: Path | None = None
    control: bool = False
    metrics: tuple[str, ...] | None = None


def award(request: Request, work: Path) -> tuple[Path, Entry]:
    """Re-score an archive, write its entry below ``root``, and note the award.

    Returns:
        The entry's folder and the entry.

    Raises:
        SubmissionError: the archive is refused, or cannot be scored.
        MismatchError: it is not reproduced; then nothing is written.
        InputError: another archive than the one of the entry that is there.
        UsageError: options that do not go together.
    """
    checked, metadata = _take(request, work)
    submissions = read_entries(request.root / SUBMISSIONS)
    before = next((stored.entry for stored in submissions if stored.entry.id == metadata.entry_id), None)
    url = _url(request, checked, before)
    sent, _ = sent_scores(checked)
    scored = score_checked(checked, metadata, _protocols(request, checked, sent), request.metrics)
    today = datetime.datetime.now(datetime.UTC).date()
    controls = read_entries(request.root / CONTROLS)
    others = [] if request.control else submissions
    entry = rescored_entry(checked, metadata, scored, sent, others, controls, Signed(request.by, today, url))
    if request.reproduction is not None:
        entry = _reproduce(request, entry, work)
    if request.control:
        folder = write_entry(request.root / CONTROLS, entry, scored.samples)
        return folder, entry
    folder = write_entry(request.root / SUBMISSIONS, entry, scored.samples, scored.fingerprints)
    note_award(request.root, entry, folder, request.by, today)
    return folder, entry


def _take(request: Request, work: Path) -> tuple[Checked, Metadata]:
    inside = work / "submission"
    inside.mkdir()
    if request.submission.is_dir():
        if not request.control:
            raise UsageError(f"{request.submission}: a folder; pack it with `omnibench submit` first.")
        fields = {"team": "The omnibench project", "contact": request.by, "notes": "A control."}
        archive = work / "control.zip"
        _, checked, _ = make_archive(
            request.submission, Statement(fields), archive, inside, request.data, controls=True
        )
    else:
        checked = validate_archive(request.submission, inside, request.data, controls=request.control)
    if checked.metadata is None:
        raise InputError(f"{request.submission}: no metadata.json in it. Pack it with `omnibench submit`.")
    return checked, checked.metadata


def _protocols(request: Request, checked: Checked, sent: Mapping[ProtocolName, ProtocolScores]) -> list[ProtocolName]:
    chosen = list(request.protocols) or list(sent) or [checked.dataset.default_protocol]
    known: dict[str, ProtocolName] = {"paper": "paper", "strict": "strict", "offline": "offline"}
    return [known[name] for name in dict.fromkeys(chosen)]


def _url(request: Request, checked: Checked, before: Entry | None) -> str | None:
    if before is None or before.archive is None:
        return request.url
    if before.archive.sha256 != checked.sha256:
        raise InputError(
            f"{request.submission}: sha256 {checked.sha256[:12]}…, the entry {before.id} is of the archive "
            f"{before.archive.sha256[:12]}…. Fetch that one, or let the team submit under a new name."
        )
    return request.url or before.archive.url


def _reproduce(request: Request, entry: Entry, work: Path) -> Entry:
    if request.reproduction is None:
        return entry
    inside = work / "reproduction"
    inside.mkdir()
    again = validate_archive(request.reproduction, inside, request.data)
    if again.metadata is None or again.metadata.model != entry.model:
        raise InputError(f"{request.reproduction}: answers of another model than {entry.model.name}'s.")
    if again.sha256 == (entry.archive.sha256 if entry.archive else ""):
        raise InputError(f"{request.reproduction}: the team's own archive; expected one that you made yourself.")
    scored = score_checked(again, again.metadata, list(entry.scores), request.metrics)
    return reproduced(entry, scored.scores, again.sha256)


def note_award(root: Path, entry: Entry, folder: Path, by: str, today: datetime.date) -> None:
    """Write into ``awards.json`` that the entry's file, as it is now, has its badge."""
    give_award(root, entry, (folder / ENTRY).read_bytes(), by, today)


def give_award(root: Path, entry: Entry, content: bytes, by: str, today: datetime.date) -> None:
    """Write into ``awards.json`` that ``entry.json`` of that content has the entry's badge; one process at a time."""
    badge: Literal["re-scored", "reproduced"] = "reproduced" if entry.badge == "reproduced" else "re-scored"
    sha256 = hashlib.sha256(content).hexdigest()
    with locked(root):
        awards = read_awards(root)
        given = {**awards.awards, entry.id: Award(badge=badge, entry_sha256=sha256, by=by, date=today)}
        write_bytes(root / AWARDS, to_json(awards.model_copy(update={"awards": dict(sorted(given.items()))})))
