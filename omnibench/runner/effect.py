"""Whether a condition finds anything to damage in the data, and whether it damaged anything that the model reads."""

from __future__ import annotations

from collections.abc import Iterable

from omnibench.conditions.catalogue import Condition
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, UsageError
from omnibench.files.records import JournalLine
from omnibench.responder import ModelCard

_NAMES = {"audio": "sound", "words": "words", "face": "faces", "image": "pictures"}


def check_effect(condition: Condition, dataset: DataSet, split: str, ids: Iterable[str]) -> None:
    """Refuse a condition that finds nothing to damage. Raises UsageError where no speaker has what it damages."""
    if "face" in condition.damages or any(_acts(condition, dataset, split, dialogue) for dialogue in ids):
        return
    lacking = _list(condition.damages, "and no")
    raise UsageError(
        f"--condition {condition}: {dataset.name}-{split} has no {lacking} of a speaker, and it damages nothing else. "
        f"Run without it, or under one that damages faces: freeze, camera-lost, frames-dropped, frames-late."
    )


def without_effect(condition: Condition, card: ModelCard, entries: Iterable[JournalLine]) -> str:
    """A sentence about dialogues in which nothing changed that the model reads, ``""`` where there is none."""
    counts = [entry.damaged for entry in entries if entry.status == "ok" and entry.damaged is not None]
    if all(counts):
        return ""
    reason = "they are too short for it, or nothing was said or heard where it struck"
    if not set(card.inputs) & set(condition.damages):
        reads = _list(card.inputs, "and") if card.inputs else "nothing of the speaker"
        reason = f"it damages {_list(condition.damages, 'and')}, the model reads {reads}"
    return (
        f"{condition} changed nothing that {card.name} reads in {counts.count(0)} of {len(counts)} dialogues, whose "
        f"answers are those of a run without it: {reason}."
    )


def _acts(condition: Condition, dataset: DataSet, split: str, dialogue: str) -> bool:
    try:
        speaker = dataset.dialogue(split, dialogue).speaker
        return speaker.has_audio or ("words" in condition.damages and bool(speaker.words))
    except InputError:
        return True  # played, it gets the reason in the journal


def _list(parts: Iterable[str], last: str) -> str:
    *most, end = (_NAMES[part] for part in parts)
    return f"{', '.join(most)} {last} {end}" if most else end
