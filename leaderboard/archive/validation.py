"""Takes an archive apart and says everything that is wrong with it; or hands out its predictions, known to be sound.

Both looks, at the listing and into the files, happen in confined processes (`leaderboard.cage.child`). Of what they
say, this process parses two small documents, and believes nothing else.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leaderboard.archive.contents import METADATA, RUN, SUMS
from leaderboard.archive.expectation import Expectation, expect
from leaderboard.cage.child import OUTPUT_BYTES, Cage, Outcome, run_job
from leaderboard.entry.addresses import contact_fault
from leaderboard.entry.imitation import control_names, reserved_names
from leaderboard.entry.limits import DEFAULT_LIMITS, GIB, Limits
from leaderboard.entry.plausible import implausible_dates, implausible_scores
from leaderboard.entry.problems import Problem, SubmissionError, schema_problems
from leaderboard.entry.records import RunManifest
from leaderboard.entry.schema import Metadata, Model, ProtocolScores
from leaderboard.entry.strict_json import markup_fault, parse_json, read_json_file
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import DATASETS, open_dataset
from omnibench.errors import InputError
from omnibench.files.checked import JsonFault
from omnibench.files.hashing import file_sha256
from omnibench.metrics.protocol import PROTOCOLS

Runner = Callable[[str, Mapping[str, Any], Cage], Outcome]
_LISTING_SECONDS = 60
_LISTING_MEMORY = GIB
_NEEDS = {"words": "text", "audio": "audio", "face": "vector"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A sound archive: its predictions unpacked in ``predictions``, its documents parsed, its sha256 and size."""

    predictions: Path
    metadata: Metadata | None
    run: RunManifest | None
    dataset: DataSet
    expectation: Expectation
    parts: dict[str, list[str]]
    sha256: str
    bytes: int
    enforced: list[str]


def validate_archive(
    archive: Path,
    work: Path,
    data: str | None = None,
    split: str | None = None,
    described: bool = True,
    controls: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    runner: Runner = run_job,
) -> Checked:
    """Check an archive, and unpack it below ``work``.

    Args:
        archive: the zip.
        work: an empty folder of the caller's; nothing is written anywhere else.
        data: a registered data set or a folder, where it is not the one that the metadata name.
        split: likewise.
        described: whether ``metadata.json`` has to be there.
        controls: whether it is one of the project's own controls, and must be.
        limits: sizes and times.
        runner: what runs the two jobs; for a process that is confined already, or disposable.

    Raises:
        SubmissionError: with every problem that was found.
        InputError: no such file.
        UsageError: no such data set or split.
    """
    if not archive.is_file():
        raise InputError(f"{archive}: no such file; expected an archive as `omnibench submit` packs it.")
    # The confined processes work inside it, where a path from here leads elsewhere.
    work = work.resolve()
    listing = _list(archive, work, limits, runner)
    metadata, problems = _metadata(listing["documents"].get(METADATA), described, controls)
    if SUMS not in listing["documents"]:
        problems.append(Problem(SUMS, "not in the archive. Pack with `omnibench submit`"))
    dataset, expectation = _data(archive, metadata, data, split, problems)
    if dataset is None or expectation is None:
        raise SubmissionError(str(archive), problems)
    problems += _data_problems(metadata, expectation)
    predictions = work / "predictions"
    found = _inspect(archive, listing, predictions, expectation, limits, problems, runner)
    run = _run(predictions)
    problems += _contradictions(metadata, run, set(found["parts"]), expectation)
    if not controls:
        problems += _sent_score_problems(predictions)
    if problems:
        raise SubmissionError(str(archive), problems)
    return Checked(
        predictions, metadata, run, dataset, expectation, found["parts"], file_sha256(archive),
        archive.stat().st_size, found["enforced"],
    )  # fmt: skip


def _list(archive: Path, work: Path, limits: Limits, runner: Runner) -> Any:
    cage = Cage(work, [archive.resolve()], _LISTING_MEMORY, _LISTING_SECONDS, OUTPUT_BYTES)
    listing = runner("list", {"archive": str(archive.resolve()), "limits": limits.to_json()}, cage)
    if listing.result is None:
        raise SubmissionError(str(archive), [Problem("", f"its listing {listing.failure}")])
    if listing.result["problems"]:
        raise SubmissionError(str(archive), [Problem(*item) for item in listing.result["problems"]])
    return listing.result


def _metadata(text: str | None, described: bool, controls: bool) -> tuple[Metadata | None, list[Problem]]:
    if text is None:
        return None, [Problem(METADATA, "not in the archive. Pack with `omnibench submit`")] if described else []
    try:
        metadata = Metadata.model_validate(parse_json(text.encode()))
    except JsonFault as fault:
        return None, [Problem(METADATA, str(fault))]
    except ValidationError as error:
        return None, schema_problems(METADATA, error)
    return metadata, list(_statement_problems(metadata, controls))


def is_control(model: Model) -> bool:
    """Whether a model is a control by its card, or by the name of one that omnibench brings."""
    return model.kind == "control" or model.name in control_names()


def _statement_problems(metadata: Metadata, controls: bool) -> Iterator[Problem]:
    """What a team says of itself and its model. Controls measure the benchmark: the project shows its own, and takes
    none.
    """
    sent, model = metadata.submission, metadata.model
    if controls:
        if model.kind != "control":
            yield Problem(METADATA, f'field "model": {model.name} is no control')
        return
    if is_control(model):
        told = f"{model.name} is a control; the project shows those itself, and accepts none"
        yield Problem(METADATA, f'field "model": {told}')
    else:
        for doubt in reserved_names(sent, model):
            yield Problem(METADATA, f'field "{doubt.field}": {doubt.message}')
    fault = contact_fault(sent.contact)
    if fault is not None:
        yield Problem(METADATA, f'field "submission.contact": "{sent.contact}" {fault}')
    today = datetime.datetime.now(datetime.UTC).date()
    for problem in implausible_dates(sent, metadata.attestation, today):
        yield Problem(METADATA, problem.message)


def _sent_score_problems(predictions: Path) -> Iterator[Problem]:
    """Sent scores that cannot be; those that are no scores at all are among the problems already."""
    for protocol in PROTOCOLS:
        path = predictions / f"scores.{protocol}.json"
        try:
            document = read_json_file(path, DEFAULT_LIMITS.document_bytes)
            scores = ProtocolScores.model_validate(
                {**{key: document[key] for key in ("protocol", "data", "metrics")}, "scored_by": "submitter"}
            )
        except (OSError, JsonFault, ValidationError, LookupError, TypeError):
            continue
        for problem in implausible_scores(scores):
            yield Problem(path.name, f'field "{problem.where}": {problem.message}')


def _data(
    archive: Path, metadata: Metadata | None, data: str | None, split: str | None, problems: list[Problem]
) -> tuple[DataSet | None, Expectation | None]:
    name = data or (metadata.data.name if metadata else None)
    if name is None:
        return None, None
    if data is None and name not in DATASETS.names():
        problems.append(Problem(METADATA, f'field "data.name": "{name}" is not registered here; name it with --data'))
        return None, None
    dataset = open_dataset(name)
    chosen = split or (metadata.data.split if metadata else "test")
    if split is None and chosen not in dataset.splits():
        known = ", ".join(dataset.splits())
        problems.append(Problem(METADATA, f'field "data.split": {name} has no split "{chosen}"; it has {known}'))
        return None, None
    return dataset, expect(dataset, chosen)


def _data_problems(metadata: Metadata | None, expectation: Expectation) -> Iterator[Problem]:
    if metadata is not None and metadata.data.manifest not in expectation.accepted:
        sent, here = metadata.data.manifest[:8], expectation.manifest[:8]
        yield Problem(METADATA, f'field "data.manifest": {sent}…, the {expectation.split} split here is {here}…')


def _inspect(
    archive: Path,
    listing: Any,
    predictions: Path,
    expectation: Expectation,
    limits: Limits,
    problems: list[Problem],
    runner: Runner,
) -> dict[str, Any]:
    arguments = {
        "archive": str(archive.resolve()),
        "folder": str(predictions),
        "names": sorted(listing["members"]),
        "sums": listing["documents"].get(SUMS, ""),
        "dialogues": expectation.to_json(),
        "limits": limits.to_json(),
    }
    seconds = limits.extra_seconds + int(expectation.seconds)
    cage = Cage(predictions.parent, [archive.resolve()], limits.decoder_memory, seconds, limits.total_bytes)
    outcome = runner("inspect", arguments, cage)
    if outcome.result is None:
        problems.append(Problem(outcome.at, f"{outcome.failure}; the files after it were not looked at"))
        return {"parts": {}, "enforced": outcome.enforced}
    problems += [Problem(*item) for item in outcome.result["problems"]]
    return {"parts": outcome.result["parts"], "enforced": outcome.enforced}


def _run(predictions: Path) -> RunManifest | None:
    """``run.json``, where it is there and sound; what is wrong with it is among the problems already."""
    try:
        content = read_json_file(predictions / RUN, DEFAULT_LIMITS.document_bytes)
        return None if markup_fault(content) else RunManifest.model_validate(content)
    except (OSError, JsonFault, ValidationError):
        return None


def _contradictions(
    metadata: Metadata | None, run: RunManifest | None, parts: set[str], expectation: Expectation
) -> Iterator[Problem]:
    """Documents that say different things, and answers that the model card promises and nobody finds."""
    if run is not None and run.data.manifest not in expectation.accepted:
        sent, here = run.data.manifest[:8], expectation.manifest[:8]
        yield Problem(RUN, f'field "data.manifest": {sent}…, the {expectation.split} split here is {here}…')
    if run is not None and run.ids is not None and set(run.ids) != set(expectation.dialogues):
        # Scoring takes them for what is expected: naming the best ones would leave out the others.
        found, whole = len(set(run.ids)), len(expectation.dialogues)
        yield Problem(RUN, f'field "ids": {found} dialogues; expected all {whole} of the split and no other')
    if run is not None and (run.condition or run.identity.condition):
        yield Problem(RUN, 'field "condition": the board ranks answers to the data as it is, under no condition')
    if run is not None and run.paced is not None:
        yield Problem(RUN, 'field "paced": what was paced on one machine ranks beside no others')
    if run is not None and run.read_back is not None:
        yield Problem(RUN, 'field "read_back": what was read from recordings ranks beside nothing that a model said')
    if metadata is None:
        return
    if run is not None and run.model != metadata.model:
        yield Problem(METADATA, f'field "model": not the model of {RUN} ({run.model.name} {run.model.version})')
    if parts:
        for output, part in _NEEDS.items():
            if output in metadata.model.outputs and part not in parts:
                yield Problem(part, f'missing: the model answers with "{output}", says its card')


def describe(checked: Checked) -> Sequence[str]:
    """What was found, for a person."""
    parts = ", ".join(f"{part} {len(ids)}" for part, ids in sorted(checked.parts.items()))
    expectation = checked.expectation
    name = expectation.version or expectation.data
    return (
        f"{len(expectation.dialogues)} dialogues of {name} {expectation.split}: {parts}",
        f"sha256 {checked.sha256}, {checked.bytes} bytes",
        *(f"decoded under: {line}" for line in checked.enforced),
    )
