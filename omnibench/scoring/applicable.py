"""Whether a metric can be measured on a folder of answers at all, and on each of its dialogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from omnibench.datasets.base import DataSet
from omnibench.errors import AbsentError, InputError
from omnibench.metrics.base import MetricSpec, Need
from omnibench.predictions.folder import Part, Predictions
from omnibench.predictions.soundness import length_of
from omnibench.scoring.scores import Outcome
from omnibench.types import Dialogue

PARTS: Mapping[Need, Part] = {
    "text": "text",
    "words": "text",
    "face": "vector",
    "audio": "audio",
    "video": "video",
    "timing": "timing",
}

PROMISES: Final[Mapping[Need, tuple[str, ...]]] = {
    "text": ("words",),
    "words": ("words",),
    "audio": ("audio",),
    "face": ("face",),
    "video": ("face", "image"),
}
"""What of a card's ``outputs`` lets a part be expected."""

TIMED: Final[frozenset[Need]] = frozenset({"words", "timing"})
"""What a model that is offline by declaration cannot be measured on: when it speaks, and how fast it is."""


def untimed(reference: Dialogue) -> set[str]:
    """Why nothing tells the dialogue's frame rate or its length, or nothing."""
    reasons = set()
    for ask in (lambda: reference.fps, lambda: reference.duration):
        try:
            ask()
        except AbsentError as error:
            reasons.add(str(error))
        except InputError:
            # Files that contradict each other fail for this reason, each dialogue by itself.
            continue
    return reasons


def inapplicable(spec: MetricSpec, answers: Predictions, dataset: DataSet, split: str, ids: Sequence[str]) -> str:
    """Why the metric is the paper's dash for these predictions or this data, or ``""``. Raises InputError where a part
    that it needs holds something, and nothing that can be read.
    """
    offline = answers.ran.model.kind == "offline"
    read_back = answers.ran.read_back is not None
    if read_back and spec.holds_words:
        return "the words were read from the sound: the model claims none to hold against it"
    for need in spec.needs:
        if there := answers.unread(PARTS[need]):
            raise InputError(there)
        if not answers.has(PARTS[need]) and not _failed_to_answer(need, answers, ids):
            return f"no {PARTS[need]}/ in the predictions"
        if need == "words" and _never_timed(answers, ids):
            return "text/ does not say when its words are spoken"
        if offline and (need in TIMED or spec.family == "turns"):
            return "the model is offline: its answers have no time of their own"
    for asked in spec.reference_needs:
        # Faces that were read compare with faces that were read, which takes pictures.
        need = "video" if read_back and asked == "face" else asked
        if not any(_has(dataset.dialogue(split, dialogue_id), need) for dialogue_id in ids):
            return f"no {PARTS[need]} of the human listeners in {dataset.name}"
    return ""


def _failed_to_answer(need: Need, answers: Predictions, ids: Sequence[str]) -> bool:
    """Whether the model's card promises that part, and there is none since it failed on every dialogue: a failure is no
    dash.
    """
    promised = bool({*PROMISES.get(need, ())} & {*answers.ran.model.outputs})
    return promised and all(answers.status(dialogue_id)[0] == "model_failed" for dialogue_id in ids)


def _never_timed(answers: Predictions, ids: Sequence[str]) -> bool:
    """Whether every answer says something, and none says when."""
    said = [dialogue_id for dialogue_id in ids if answers.contains("text", dialogue_id)]
    return bool(said) and all(_untimed(answers, dialogue_id) for dialogue_id in said)


def _untimed(answers: Predictions, dialogue_id: str) -> bool:
    """Whether a file has a ``text`` and no ``words``; what is wrong with a file is said elsewhere."""
    try:
        return not answers.words(dialogue_id) and bool(answers.text(dialogue_id).strip())
    except InputError:
        return False


def _has(reference: Dialogue, need: Need) -> bool:
    listener = reference.listener
    try:
        drawn = bool(reference.identities.get("listener")) and listener.file("vector") is not None
    except InputError:  # one that should be there: the fault of this dialogue alone
        drawn = True
    return {"video": listener.has_video or drawn, "audio": listener.has_audio}.get(PARTS[need], True)


def failure(spec: MetricSpec, answers: Predictions, reference: Dialogue) -> Outcome | None:
    """Why a dialogue has no answer for the metric to measure, or None."""
    status, reason = answers.status(reference.id)
    if status == "model_failed":
        return Outcome(reference.id, "model_failed", reason)
    if status == "infra_failed":
        return Outcome(reference.id, "infra_failed", reason)
    parts = list(dict.fromkeys(PARTS[need] for need in spec.needs))
    for part in parts:
        if not answers.contains(part, reference.id):
            # An answer that is fine otherwise may say why it lacks a part.
            why = f" ({reason})" if reason else ""
            return Outcome(reference.id, "infra_failed", f"{answers.lacking(part, reference.id)}{why}")
    if "words" in spec.needs and _untimed(answers, reference.id):
        fault = f'text/{reference.id}.json: a "text" without "words"; expected the times of what is said'
        return Outcome(reference.id, "metric_failed", fault)
    length = length_of(reference)
    for part in parts:
        if fault := answers.unsound(part, reference.id, length):
            return Outcome(reference.id, "metric_failed", fault)
    return None
