"""Rows from submissions, from local runs and from the paper."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from leaderboard.entry.own_protocol import refusal
from leaderboard.entry.problems import Problem, SubmissionError
from leaderboard.site.bibtex import PAPER, made_up
from leaderboard.site.rows import ABLATIONS, Badge, Measured, Notice, Row, slug_of, web_address
from omnibench.errors import InputError
from omnibench.files.records import Card, RunRecord
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.scoring.leaving_out import without_each
from omnibench.scoring.paired_values import Row as PairedRow
from omnibench.scoring.paired_values import read_rows
from omnibench.scoring.scores import STATISTICS, read_samples, read_scores
from omnibench.tables.paper import SOURCE, TABLE_2, TABLE_3, ReportedRow
from omnibench.tables.paper_tables import CONTROLS

if TYPE_CHECKING:
    from leaderboard.entry.schema import Award, Entry, ProtocolName, Sample

REPORTED_DATA: Final = {"name": "ResponseNet", "version": "", "split": "test", "dialogues": 140}
FLAG_TITLES: Final = {
    "better_than_ground_truth": "Better than the human listener",
    "copies_ground_truth_text": "Words copy the human listener's",
    "copies_ground_truth_audio": "Sound copies the human listener's",
    "copies_ground_truth_face": "Face copies the human listener's",
    "shares_ground_truth_words": "More words in common with the human listener than a listener can know",
    "resembles_ground_truth_audio": "Sounds like the human listener, at some tempo and pitch",
    "resembles_ground_truth_face": "Moves like the human listener, at some tempo and delay",
    "frozen_face": "The face does not move",
    "precedes_cause": "Answers come before their cause",
    "said_without_sound": "Words are said without sound",
    "sound_without_words": "Sound without words",
    "sound_off_words": "The sound comes earlier or later than its words say",
    "sound_says_other_words": "The sound says other words",
    "lips_off_sound": "The lips do not follow the sound",
    "plays_a_recording": "Plays somebody else's recording",
    "another_voice": "Another voice than the reference",
    "duplicate_entry": "The same answers as another entry",
    "scores_differ": "Sent scores differ from the recomputed ones",
}


def entry_rows(root: Path) -> list[Row]:
    """Rows of all entries below ``submissions/`` and ``controls/``, each with the badge that it was awarded.

    Args:
        root: the leaderboard's folder, with ``awards.json`` in it.

    Raises:
        InputError: no such folder, an entry that breaks the schema, or one with a badge that nobody awarded to it.
    """
    rows, problems = sound_entry_rows(root)
    if problems:
        raise SubmissionError(str(root), problems)
    return rows


def sound_entry_rows(root: Path) -> tuple[list[Row], list[Problem]]:
    """As `entry_rows`, without the entries that are out of order: these are told of instead, so that one bad entry
    leaves the others on the site. Raises InputError where there is no such folder, or ``awards.json`` is damaged.
    """
    from leaderboard.entry.entries import CONTROLS, ENTRY, SUBMISSIONS, read_awards, readable_entries

    if not root.is_dir():
        raise InputError(f"{root}: no such folder; expected one with submissions/, controls/ and awards.json.")
    awards = read_awards(root).awards
    rows: list[Row] = []
    problems: list[Problem] = []
    for stored in readable_entries(root / SUBMISSIONS, problems):
        sha256 = hashlib.sha256((stored.folder / ENTRY).read_bytes()).hexdigest()
        try:
            check_award(stored.folder, stored.entry.badge, sha256, awards.get(stored.entry.id))
        except InputError as error:
            problems.append(Problem("", str(error)))
            continue
        rows.append(submission_row(stored.entry, stored.samples()))
    controls = readable_entries(root / CONTROLS, problems)
    return [*rows, *(submission_row(stored.entry, stored.samples()) for stored in controls)], problems


def check_award(folder: Path, badge: str, sha256: str, award: Award | None) -> None:
    """Raises InputError for an entry with another badge than ``awards.json`` gives to its file of that hash."""
    from leaderboard.judging.checking import award_fault

    fault = award_fault(badge, sha256, award)
    if fault is not None:
        raise InputError(
            f"{folder}/entry.json: {fault}. `omnibench leaderboard rescore` by a maintainer awards badges."
        )


def submission_row(entry: Entry, samples: Mapping[ProtocolName, Sequence[Sample]]) -> Row:
    """A row from an entry under ``submissions/`` or ``controls/``.

    Args:
        entry: checked by the schema.
        samples: per-dialogue scores by protocol, for those that have them.
    """
    control = entry.model.kind == "control"
    sent = entry.submission
    links = {"Paper": sent.paper, "Code": sent.code, "Predictions": entry.archive.url if entry.archive else None}
    badge: Badge = "control" if control else entry.badge
    return Row(
        slug=slug_of(entry.id),
        name=entry.model.name,
        badge=badge,
        measured=tuple(_entry_scores(entry, protocol, samples.get(protocol, ())) for protocol in entry.scores),
        group=CONTROLS if control else entry.model.group,
        kind=entry.model.kind,
        team=sent.team,
        date=sent.date.isoformat(),
        summary=entry.model.summary,
        notes=sent.notes,
        bibtex=sent.bibtex or made_up(entry.id, entry.model.name, sent.team, str(sent.date.year), entry.model.citation),
        facts=tuple(_entry_facts(entry)),
        links=tuple((label, url) for label, url in ((k, web_address(v)) for k, v in links.items()) if url),
        notices=tuple(_notices(entry)),
        withdrawn=entry.withdrawn,
    )


def _entry_scores(entry: Entry, protocol: ProtocolName, samples: Sequence[Sample]) -> Measured:
    found = entry.scores[protocol]
    metrics = {name: metric.model_dump(mode="json", exclude_none=True) for name, metric in found.metrics.items()}
    rows: dict[str, dict[str, PairedRow]] = {}
    for sample in samples:
        for name, own in sample.metrics.items():
            if own.status in ("ok", "model_failed"):
                counted = dict(own.statistics) if own.status == "ok" else None
                rows.setdefault(name, {})[sample.id] = PairedRow(sample.person, counted)
    lines = [_sample(sample) for sample in samples]
    return Measured(protocol, found.data.model_dump(mode="json"), metrics, lines, _without(protocol, metrics, rows))


def _without(
    protocol: str, metrics: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Mapping[str, PairedRow]]
) -> dict[str, dict[str, float]]:
    """By metric a row's numbers without each person, of those that have a number and a better direction."""
    sections = load_protocol(protocol).metrics
    found = {}
    for name, entry in metrics.items():
        if "value" in entry and entry.get("direction") != "none" and name in sections and name in rows:
            found[name] = dict(without_each(METRICS.get(name), sections[name], rows[name], entry["value"]))
    return {name: own for name, own in found.items() if own}


def _sample(sample: Sample) -> dict[str, Any]:
    """What pages show of it."""
    metrics = {}
    for name, found in sample.metrics.items():
        metrics[name] = dict[str, Any](status=found.status, reason=found.reason)
        if found.value is not None:
            metrics[name]["value"] = found.value
    return {"id": sample.id, "person": sample.person, "metrics": metrics}


def _entry_facts(entry: Entry) -> list[tuple[str, str]]:
    facts = [
        ("Team", entry.submission.team),
        ("Contact", entry.submission.contact),
        ("Model version", entry.model.version),
    ]
    facts += _card_facts(entry.model)
    if entry.run is not None:
        facts += _run_facts(entry.run.model_dump(mode="json"))
    if entry.attestation is not None:
        attested = entry.attestation
        text = f"trained on {', '.join(attested.trained_on)}; test split not used"
        facts.append(("Attested", f"{text} ({attested.signed_by}, {attested.date.isoformat()})"))
    if entry.archive is not None:
        facts.append(("Archive sha256", entry.archive.sha256))
    if entry.verification is not None:
        done = entry.verification
        facts.append(("Re-scored", f"{done.date.isoformat()} by {done.by}, omnibench {done.omnibench}"))
    return facts


def _notices(entry: Entry) -> list[Notice]:
    notices = []
    for flag in entry.flags:
        cleared = ""
        if flag.cleared is not None:
            cleared = f"{flag.cleared.reason} ({flag.cleared.by}, {flag.cleared.date.isoformat()})"
        notices.append(Notice(FLAG_TITLES[flag.kind], flag.message, tuple(flag.dialogues), cleared))
    for difference in entry.verification.differences if entry.verification else ():
        text = f"{difference.metric} under {difference.protocol}: sent {difference.sent:g}, found {difference.found:g}"
        notices.append(Notice("A sent score is not the recomputed one", text))
    return notices


def local_rows(root: Path) -> list[Row]:
    """Rows of every scored run below a folder, sorted by path; each has all protocols that it was scored under. Of a
    run that was scored under somebody's own alone a line on stderr says that it is left out.

    Raises:
        InputError: no such folder, nothing scored in it, or a file in it is damaged.
    """
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; expected the runs that `omnibench run` writes.")
    folders = sorted({path.parent for path in root.rglob("scores.json")})
    if not folders:
        raise InputError(f"{root}: no scored run in it; `omnibench run --model omniresponse` makes one.")
    rows = []
    for folder in folders:
        if reason := refusal(folder):
            print(f"left out: {reason}", file=sys.stderr)
        else:
            rows.append(local_row(folder, folder.relative_to(root).as_posix(), root.resolve().name))
    return rows


def local_row(folder: Path, label: str, below: str = "") -> Row:
    """One run folder as a row; ``label`` tells it from the others, like its path below ``runs/``, and ``below`` is what
    that folder is called.
    """
    run = _run_json(folder)
    card = run.model
    latest = read_scores(folder / "scores.json")
    name = card.name or latest.model or folder.name
    measured = []
    for protocol in PROTOCOLS:
        path = folder / f"scores.{protocol}.json"
        if not path.is_file() and protocol != latest.protocol:
            continue
        scores = latest if protocol == latest.protocol else read_scores(path)
        metrics = {metric: entry.document() for metric, entry in scores.metrics.items()}
        lines: list[dict[str, Any]] = []
        without: dict[str, dict[str, float]] = {}
        if protocol == latest.protocol:
            lines = [line.document() for line in read_samples(folder)]
            without = _without(protocol, metrics, _rows_of(folder))
        measured.append(Measured(protocol, scores.data.document(), metrics, lines, without))
    control = card.kind == "control"
    return Row(
        slug=slug_of(f"local-{label}".replace("/", "-")),
        name=name,
        badge="control" if control else "local run",
        measured=tuple(measured),
        group=CONTROLS if control and name != "ground_truth" else _local_group(name, card.group),
        kind=card.kind,
        summary=card.summary,
        bibtex=made_up(name, name, note=card.citation or f"A run of omnibench, version {card.version}"),
        facts=(
            *_card_facts(card),
            ("Folder", PurePosixPath(below, label).as_posix()),
            *_run_facts(run.document()),
            *_pace_facts(run),
            *_machine_facts(run),
        ),
        folder=folder,
    )


def _rows_of(folder: Path) -> Mapping[str, Mapping[str, PairedRow]]:
    """What is left of scoring a run; nothing where its arrays are gone."""
    return read_rows(folder) if (folder / STATISTICS).is_file() else {}


def _local_group(name: str, own: str) -> str:
    paper = {row.model: row.group for row in TABLE_2.rows}
    return paper.get(name, own)


def _run_json(folder: Path) -> RunRecord:
    path = folder / "run.json"
    return RunRecord.read(path, "Run again, or leave the folder out of --runs.") if path.exists() else RunRecord()


def _card_facts(card: Card) -> list[tuple[str, str]]:
    facts = [
        ("Sees and hears", ", ".join(card.inputs)),
        ("Answers with", ", ".join(card.outputs)),
        ("Parameters", f"{card.parameters:,}" if card.parameters else ""),
        ("Trained on", ", ".join(card.trained_on)),
        ("Transferred", "trained on other data than it was run on" if card.transferred else ""),
        ("Licence", card.licence),
        ("Citation", card.citation),
    ]
    return [(label, text) for label, text in facts if text]


def _run_facts(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = {
        "transcript": "Transcript",
        "condition": "Condition",
        "seed": "Seed",
        "renderer": "Renderer",
        "omnibench": "omnibench",
        "checkpoint_sha256": "Checkpoint sha256",
        "processor": "Processor",
    }
    return [(label, str(run[key])) for key, label in names.items() if run.get(key) not in (None, "")]


def _pace_facts(run: RunRecord) -> list[tuple[str, str]]:
    paced = run.paced
    if paced is None:
        return []
    return [("Pace", f"{paced.pace}, {paced.buffer} frame of play-out, on machine {paced.machine}")]


def _machine_facts(run: RunRecord) -> list[tuple[str, str]]:
    machine, given = run.hardware, run.model_fields_set
    facts = [("Machine", f"{machine.processor or '?'}, {machine.cores or '?'} cores")] if "hardware" in given else []
    return facts + ([("omnibench", run.packages.get("omnibench", "?"))] if "packages" in given else [])


def reported_rows() -> list[Row]:
    """The paper's own rows: Table 2, and of Table 3 the three ablations that are not in Table 2."""
    rows = [_reported(row, TABLE_2.metrics, row.group, row.title) for row in TABLE_2.rows]
    known = {row.model for row in TABLE_2.rows}
    ablations = [row for row in TABLE_3.rows if row.model not in known]
    return [*rows, *(_reported(row, TABLE_3.metrics, ABLATIONS, row.title) for row in ablations)]


def _reported(row: ReportedRow, metrics: Sequence[str], group: str, title: str) -> Row:
    values: dict[str, dict[str, Any]] = {}
    for metric, value in zip(metrics, row.values, strict=True):
        dash = {"status": "not_applicable", "reason": "a dash in the paper's table"}
        values[metric] = dash if value is None else {"value": value}
    return Row(
        slug=f"reported-{slug_of(row.model)}",
        name=title,
        badge="reported",
        measured=(Measured("paper", REPORTED_DATA, values),),
        group=group,
        kind="reported",
        team="the paper's authors",
        date="2025",
        summary=f"Reported in {SOURCE}; not measured here.",
        bibtex=PAPER,
    )
