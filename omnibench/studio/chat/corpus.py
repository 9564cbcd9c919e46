"""The written chat: BYU's Chit-Chat Challenge as the package ``chitchat-dataset`` 0.9.0 ships it (MIT).

Its file is read and none of its code is run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from omnibench.errors import MissingError

SHA256: Final = "d2a5d0bf6acf354fef51f3af39cbece2220d3b8f6086b658c3d335105798312a"
_INSTALL: Final = "pip install 'omnibench[studio]'"


@dataclass(frozen=True, slots=True)
class Said:
    """What one person wrote before the other answered: messages as typed."""

    person: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat: people are numbered in the order in which they first write."""

    id: str
    people: int
    turns: tuple[Said, ...]


def conversations() -> tuple[Conversation, ...]:
    """All chats, in the file's order.

    Raises:
        MissingError: the package is not installed, or its file is not the one expected.
    """
    spec = find_spec("chitchat_dataset")
    if spec is None or spec.origin is None:
        raise MissingError(f'The chat needs the package "chitchat-dataset", 0.9.0. Install it: {_INSTALL}')
    path = Path(spec.origin).with_name("dataset.json")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise MissingError(
            f'{path} has sha256 {found}, expected {SHA256}. Install "chitchat-dataset" 0.9.0: {_INSTALL}'
        )
    return tuple(_conversation(name, item["messages"]) for name, item in json.loads(content).items())


def _conversation(name: str, groups: list[list[dict[str, str]]]) -> Conversation:
    """Messages of one person in a row are one turn, however the file groups them."""
    numbers: dict[str, int] = {}
    turns: list[tuple[int, list[str]]] = []
    for message in (message for group in groups for message in group):
        person = numbers.setdefault(message["sender"], len(numbers))
        if not turns or turns[-1][0] != person:
            turns.append((person, []))
        turns[-1][1].append(message["text"])
    return Conversation(name, len(numbers), tuple(Said(person, tuple(messages)) for person, messages in turns))
