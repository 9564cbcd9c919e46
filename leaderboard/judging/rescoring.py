"""From an archive to an entry that the project stands for: scores recomputed, oddities noted, a badge awarded.

What the team sent as scores is advice: it is compared, and shown where it differs. ``reproduced`` is for answers that
the maintainers made themselves with the team's model, and that score within the interval of what was sent.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leaderboard.archive.sending import as_sent
from leaderboard.archive.validation import Checked
from leaderboard.cage.child import Cage, Watch, run_job
from leaderboard.entry.entries import Stored
from leaderboard.entry.limits import DEFAULT_LIMITS, Limits
from leaderboard.entry.problems import Problem, SubmissionError
from leaderboard.entry.schema import (
    Difference,
    Entry,
    Flag,
    Metadata,
    Number,
    ProtocolName,
    ProtocolScores,
    Verification,
)
from leaderboard.judging.cautions import better_than_ground_truth, differing, duplicate_flags, unconfirmed
from leaderboard.judging.composing import archive_of, scores_of
from omnibench import __version__
from omnibench.assets.finding import assets_folder
from omnibench.datasets.withheld import NOTHING_TO_COMPARE
from omnibench.errors import InputError, MismatchError
from omnibench.features.store import cache_folder
from omnibench.metrics.base import METRICS


@dataclass(frozen=True, slots=True)
class Scored:
    """What the confined process made of one archive. ``samples`` are the texts of ``samples.jsonl``."""

    scores: Mapping[ProtocolName, ProtocolScores]
    samples: Mapping[ProtocolName, bytes]
    flags: Sequence[Flag]
    checks: Mapping[str, str]
    fingerprints: Mapping[str, Any]
    enforced: Sequence[str]


@dataclass(frozen=True, slots=True)
class Signed:
    """The maintainer who gives a badge, the day, and where the archive lies (None where the project holds it)."""

    by: str
    date: datetime.date
    url: str | None = None


def score_checked(
    checked: Checked,
    metadata: Metadata,
    protocols: Sequence[ProtocolName],
    metrics: Sequence[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    watch: Watch | None = None,
) -> Scored:
    """Score sound predictions in a confined process, under each protocol with all its metrics or those named; ``watch``
    sees its reports (`leaderboard.cage.child.run_job`).

    Raises:
        SubmissionError: scoring failed on these files, with the file or protocol it was at.
        InputError: the listeners of the data set are withheld here too.
    """
    dataset = checked.dataset
    if dataset.withholds(checked.expectation.split):
        raise InputError(
            f"{dataset.root}: {NOTHING_TO_COMPARE}. Name the whole that they were given out of with --data."
        )
    data = dataset.name if dataset.root is None or _registered(dataset.name) else str(dataset.root.resolve())
    arguments = {
        "predictions": str(checked.predictions),
        "data": data,
        "split": checked.expectation.split,
        "protocols": list(protocols),
        "metrics": None if metrics is None else list(metrics),
        "online": metadata.model.kind == "online",
    }
    features, assets = cache_folder().resolve(), assets_folder().resolve()
    readable = [features, assets, *([dataset.root.resolve()] if dataset.root else [])]
    cage = Cage(checked.predictions.parent, readable, limits.scoring_memory, limits.scoring_seconds, limits.total_bytes)
    environment = {"OMNIBENCH_CACHE": str(features.parent), "OMNIBENCH_ASSETS": str(assets)}
    outcome = run_job("score", arguments, cage, environment, watch)
    if outcome.result is None:
        raise SubmissionError(str(checked.predictions), [Problem(outcome.at, outcome.failure)])
    found = outcome.result
    samples = {name: _published(text, checked.predictions) for name, text in found["samples"].items()}
    scores = {
        name: scores_of(_without_paths(document, checked.predictions), "project", samples[name])
        for name, document in found["scores"].items()
    }
    prints = {"schema_version": 1, "manifest": checked.expectation.manifest, "dialogues": found["fingerprints"]}
    flags = [Flag.model_validate(item) for item in found["flags"]]
    return Scored(scores, samples, flags, found["checks"], prints, outcome.enforced)


def rescored_entry(
    checked: Checked,
    metadata: Metadata,
    scored: Scored,
    sent: Mapping[ProtocolName, ProtocolScores],
    others: Sequence[Stored],
    controls: Sequence[Stored],
    signed: Signed,
) -> Entry:
    """The entry with the badge ``re-scored``.

    Args:
        checked: the archive.
        metadata: what it says of itself.
        scored: what was found.
        sent: the scores that the team sent.
        others: the entries there are, for duplicates.
        controls: the project's own, for what no answer should be better than.
        signed: by whom and when.
    """
    differences = differing(sent, scored.scores)
    better, compared = better_than_ground_truth(scored.scores, controls)
    duplicates = duplicate_flags(metadata.entry_id, scored.fingerprints, others)
    flags = [*scored.flags, *better, *duplicates, *_disagreement(differences, unconfirmed(sent, scored.scores))]
    checks = {
        **scored.checks,
        "better_than_ground_truth": compared,
        "duplicate_entry": "checked",
        "scores_differ": "checked" if sent else "the team sent no scores",
    }
    return Entry(
        schema_version=1,
        id=metadata.entry_id,
        badge="re-scored",
        submission=metadata.submission,
        model=metadata.model,
        run=checked.run.run() if checked.run else None,
        attestation=metadata.attestation,
        archive=None if metadata.model.kind == "control" else archive_of(checked, signed.url),
        scores=dict(scored.scores),
        flags=flags,
        verification=Verification.model_validate(
            {
                "by": signed.by,
                "date": signed.date,
                "omnibench": __version__,
                "checks": checks,
                "confinement": list(scored.enforced),
                "differences": differences,
            }
        ),
    )


def reproduced(entry: Entry, reproduction: Mapping[ProtocolName, ProtocolScores], sha256: str) -> Entry:
    """The entry with the badge ``reproduced``.

    Args:
        entry: re-scored.
        reproduction: scores of answers that the maintainers made with the team's model.
        sha256: of the archive of those answers.

    Raises:
        MismatchError: a value lies outside the interval of the entry's, or cannot be compared.
    """
    faults = [
        fault for name, scores in entry.scores.items() for fault in _outside(name, scores, reproduction.get(name))
    ]
    if faults:
        raise MismatchError(f"{entry.id}: not reproduced:\n" + "\n".join(f"  - {fault}" for fault in faults))
    document = entry.model_dump()
    document["verification"]["reproduction_sha256"] = sha256
    return Entry.model_validate({**document, "badge": "reproduced"})


def _outside(protocol: ProtocolName, scores: ProtocolScores, other: ProtocolScores | None) -> list[str]:
    faults = []
    for name, number in scores.metrics.items():
        # Step times are the machine's, not the model's.
        if not isinstance(number, Number) or "timing" in METRICS.get(name).spec.needs:
            continue
        again = other.metrics.get(name) if other else None
        if not isinstance(again, Number):
            faults.append(f"{protocol}: {name} has no value in the reproduction")
            continue
        margin = 0.5 * 10 ** -METRICS.get(name).spec.decimals
        low, high = number.value - margin, number.value + margin
        if number.interval is not None:
            low, high = min(low, number.interval.low), max(high, number.interval.high)
        if not low <= again.value <= high:
            faults.append(f"{protocol}: {name} is {again.value:g}, expected {low:g} to {high:g}")
    return faults


def _disagreement(differences: Sequence[Difference], unconfirmed: Sequence[str]) -> list[Flag]:
    parts = []
    if differences:
        first = differences[0]
        parts.append(
            f"{len(differences)} sent scores are not the recomputed ones; {first.metric} under {first.protocol} was "
            f"sent as {first.sent:g} and is {first.found:g}."
        )
    if unconfirmed:
        parts.append(f"Sent as numbers, and none could be computed: {', '.join(unconfirmed)}.")
    return [Flag(kind="scores_differ", message=" ".join(parts))] if parts else []


def _registered(name: str) -> bool:
    from omnibench.datasets.opening import DATASETS

    return name in DATASETS.names()


def _published(text: str, folder: Path) -> bytes:
    """Per-dialogue scores as an entry keeps them: reasons name files, but not where this machine has them."""
    return as_sent("samples.jsonl", text.replace(f"{folder}/", "").encode())


def _without_paths(document: Any, folder: Path) -> Any:
    if isinstance(document, dict):
        return {key: _without_paths(value, folder) for key, value in document.items()}
    return document.replace(f"{folder}/", "") if isinstance(document, str) else document
