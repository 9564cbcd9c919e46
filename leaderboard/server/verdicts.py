"""What a worker does with one submission, from the archive to its end: published, refused, or failed.

A submission is refused for what its archive holds, and fails for what the server could not do; a team can send a failed
one again. Each step can be cut off and is done again from the start, except the last: what is published stays.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from leaderboard.archive.contents import METADATA
from leaderboard.archive.validation import Checked, validate_archive
from leaderboard.cage.child import Watch, run_job
from leaderboard.entry.entries import Stored, read_entries
from leaderboard.entry.imitation import names_of_others
from leaderboard.entry.problems import Problem, SubmissionError, grouped, schema_problems
from leaderboard.entry.schema import Metadata, ProtocolName, ProtocolScores
from leaderboard.judging.checking import CONTROLS, SUBMISSIONS
from leaderboard.judging.composing import sent_scores
from leaderboard.judging.rescoring import Signed, rescored_entry, score_checked
from leaderboard.server.database import Database
from leaderboard.server.home import Home
from leaderboard.server.jobs import Ended, Job, advance, renew, reserve
from leaderboard.server.publishing import publish, published
from leaderboard.server.settings import Rescoring
from omnibench.errors import InputError, OmnibenchError

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a submission ended, and why where it was not published."""

    state: Ended
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker works with. ``roots`` hold the entries to compare with, the server's own first; a worker that says
    nothing for ``lease`` seconds loses its job.
    """

    home: Home
    database: Database
    roots: Sequence[Path]
    rescoring: Rescoring
    lease: float


def judge(bench: Bench, job: Job, room: Path, watch: Watch) -> Verdict:
    """Validate, re-score, publish.

    Args:
        bench: where and how.
        job: that this worker has.
        room: an empty folder of the job's own.
        watch: sees the confined processes' reports about once a second; what it raises ends them.

    Raises:
        LeaseLost: another worker has the job by now.
    """
    archive = bench.home.upload(job.id)
    try:
        checked = validate_archive(archive, room, bench.rescoring.data, runner=partial(run_job, watch=watch))
        metadata = _metadata_of(checked, job)
        if _own_name(bench, job, metadata):
            return Verdict("published")
        _refuse_imitation(bench, metadata)
        sent = _sent(checked)
    except SubmissionError as error:
        return Verdict("refused", grouped(error.problems))
    except OmnibenchError as error:
        return Verdict("failed", [_told(error, bench)])
    try:
        return _rescore(bench, job, checked, metadata, sent, watch)
    except OmnibenchError as error:
        return Verdict("failed", [_told(error, bench)])


def _metadata_of(checked: Checked, job: Job) -> Metadata:
    if checked.metadata is None or checked.sha256 != job.sha256:
        raise InputError("the archive on the server's disk is not the one that was sent")
    team = checked.metadata.submission.team
    if team != job.team:
        message = f'field "submission.team": "{team}", the token is of "{job.team}"'
        raise SubmissionError(job.id, [Problem(METADATA, message)])
    return checked.metadata


def _own_name(bench: Bench, job: Job, metadata: Metadata) -> bool:
    """Reserve the entry's id.

    Returns:
        Whether the entry is there: a worker that ended before it could say so has published this very archive.

    Raises:
        SubmissionError: another submission or entry has it.
    """
    own, *others = (published(root, metadata.entry_id) for root in bench.roots)
    mine = own is not None and own.archive is not None and own.archive.sha256 == job.sha256
    taken = any(others) or (own is not None and not mine)
    if taken or not reserve(bench.database, job, metadata.entry_id):
        message = f'field "name": there is an entry {metadata.entry_id} already; submit with another --name'
        raise SubmissionError(job.id, [Problem(METADATA, message)])
    return mine


def _refuse_imitation(bench: Bench, metadata: Metadata) -> None:
    """Raises SubmissionError where a name reads like another team's and is not spelt like it."""
    others = (stored.entry for stored in _entries(bench, SUBMISSIONS))
    doubts = names_of_others(metadata.entry_id, metadata.submission, metadata.model, others)
    problems = [Problem(METADATA, f'field "{doubt.field}": {doubt.message}') for doubt in doubts if doubt.refused]
    if problems:
        raise SubmissionError("names", problems)


def _sent(checked: Checked) -> dict[ProtocolName, ProtocolScores]:
    """The team's own scores. Raises SubmissionError where they are none."""
    try:
        return sent_scores(checked)[0]
    except ValidationError as error:
        raise SubmissionError("scores", schema_problems("the sent scores", error)) from error
    except SubmissionError:
        raise
    except InputError as error:
        message = str(error).replace(f"{checked.predictions}/", "")
        raise SubmissionError("scores", [Problem("", message)]) from error


def _rescore(
    bench: Bench,
    job: Job,
    checked: Checked,
    metadata: Metadata,
    sent: Mapping[ProtocolName, ProtocolScores],
    watch: Watch,
) -> Verdict:
    chosen: Sequence[Any] = bench.rescoring.protocols or tuple(sent) or (checked.dataset.default_protocol,)
    total = len(checked.expectation.dialogues) * len(chosen)
    advance(bench.database, job, "scoring", 0, total)

    def noting(reports: Sequence[Mapping[str, Any]]) -> None:
        done = max((int(item["done"]) for item in reports if "done" in item), default=0)
        advance(bench.database, job, "scoring", min(done, total), total)
        watch(reports)

    scored = score_checked(checked, metadata, chosen, bench.rescoring.metrics, watch=noting)
    today = datetime.datetime.now(datetime.UTC).date()
    others, controls = _entries(bench, SUBMISSIONS), _entries(bench, CONTROLS)
    entry = rescored_entry(checked, metadata, scored, sent, others, controls, Signed(bench.rescoring.by, today))
    advance(bench.database, job, "scoring", total, total)
    renew(bench.database, job, bench.lease)
    if not publish(bench.home.board, entry, scored.samples, scored.fingerprints, bench.rescoring.by):
        _LOG.warning("submission %s: the entry %s was there already", job.id, entry.id)
    return Verdict("published")


def _entries(bench: Bench, kind: str) -> list[Stored]:
    return [stored for root in bench.roots for stored in read_entries(root / kind)]


def _told(error: OmnibenchError, bench: Bench) -> str:
    """The message without where this machine keeps things."""
    return str(error).replace(f"{bench.home.root.resolve()}/", "").replace(f"{bench.home.root}/", "")
