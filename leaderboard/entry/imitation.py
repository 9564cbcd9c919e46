"""Names that a reader would take for somebody else's: a control's, one of the paper's rows, another team's.

Names are compared as a reader sees them (`leaderboard.entry.naming`). A name that reads like one that is taken, and is
not spelt like it, is refused: nothing but deceiving comes of it. What two teams may honestly share, like the name of a
model, waits for a maintainer's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from leaderboard.entry.naming import folded, mixed_word, skeleton
from leaderboard.entry.schema import Entry, Model, Submission
from omnibench.responder import MODELS
from omnibench.tables.paper import TABLES
from omnibench.tables.paper_tables import CONTROLS

_PROJECT: Final = (
    "The omnibench project",
    "omnibench",
    "omnibench team",
    "The paper's authors",
    "OmniResponse authors",
)
_HUMAN: Final = ("GT", "ground truth", "human", "human listener", "human listeners", "human reference")
_CONTROLS_MODULE: Final = "baselines.controls."


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a name: ``field`` of the entry, and why. ``refused``, or else for a maintainer to look at."""

    field: str
    message: str
    refused: bool = True


def reserved_names(submission: Submission, model: Model) -> Iterator[Doubt]:
    """Names of an entry that are taken before there is any other entry: the project's, its controls', the paper's."""
    yield from _spelling("submission.team", submission.team)
    yield from _spelling("model.name", model.name)
    if skeleton(submission.team) in {skeleton(name) for name in _PROJECT}:
        yield Doubt("submission.team", f'"{submission.team}" reads like the project or the paper\'s authors')
    elif skeleton(submission.team) in _controls():
        control = _controls()[skeleton(submission.team)]
        yield Doubt(
            "submission.team", f'"{submission.team}" reads like the control "{control}"; name it after who you are'
        )
    if skeleton(model.group) == skeleton(CONTROLS):
        yield Doubt("model.group", f'"{model.group}" is the group of the project\'s own controls')
    key = skeleton(model.name)
    if model.name in control_names():
        message = f"{model.name} is a control; the project shows those itself, and accepts none"
        yield Doubt("model", message)
    elif key in _controls():
        message = f'"{model.name}" reads like the control "{_controls()[key]}"; name it after what is yours'
        yield Doubt("model.name", message)
    elif key in _reported() and model.name not in MODELS.ours:
        row = _reported()[key]
        message = f'"{model.name}" reads like the row "{row}" that the paper reports; name it after what is yours'
        yield Doubt("model.name", message)


def names_of_others(identity: str, submission: Submission, model: Model, others: Iterable[Entry]) -> Iterator[Doubt]:
    """What an entry's names have to do with those of the entries that stand.

    Args:
        identity: the new one's id.
        submission: its team and contact.
        model: its card.
        others: those that stand; the entry itself may be among them.
    """
    team = submission.team
    for other in (other for other in others if other.id != identity):
        if folded(team) != folded(other.submission.team):
            yield from _another_team(identity, team, model.name, other)
        elif folded(submission.contact) != folded(other.submission.contact):
            message = f'"{team}" is the team of {other.id}, whose contact is another'
            yield Doubt("submission.team", message, refused=False)


def _another_team(identity: str, team: str, model: str, other: Entry) -> Iterator[Doubt]:
    if skeleton(team) == skeleton(other.submission.team):
        yield Doubt("submission.team", f'"{team}" reads like "{other.submission.team}", the team of {other.id}')
    if folded(model) == folded(other.model.name):
        yield Doubt("model.name", f'"{model}" is the model of {other.id}, of another team', refused=False)
    elif skeleton(model) == skeleton(other.model.name):
        yield Doubt("model.name", f'"{model}" reads like "{other.model.name}", the model of {other.id}')
    elif skeleton(identity[11:]) == skeleton(other.id[11:]):
        yield Doubt("id", f"{identity} reads like {other.id}, of another team", refused=False)


def _spelling(field: str, name: str) -> Iterator[Doubt]:
    word = mixed_word(name)
    if word is not None:
        yield Doubt(field, f'"{word}" mixes the letters of two alphabets that look alike')


@cache
def control_names() -> tuple[str, ...]:
    """The models that are controls, of those that omnibench brings."""
    return tuple(name for name in MODELS.ours if MODELS.module(name).startswith(_CONTROLS_MODULE))


@cache
def _controls() -> dict[str, str]:
    return {skeleton(name): name for name in (*_HUMAN, *control_names())}


@cache
def _reported() -> dict[str, str]:
    # Of a system that two tables name, the first table's row.
    rows = [row for table in reversed(TABLES.values()) for row in table.rows]
    return {skeleton(name): row.title for row in rows for name in (row.title, row.title.partition(" (")[0], row.model)}
