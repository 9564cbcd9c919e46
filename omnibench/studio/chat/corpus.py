"""The written chat: BYU's Chit-Chat Challenge as the package ``chitchat-dataset`` 0.9.0 ships it (MIT).

Its file is read and none of its code is run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from omnibench.errors import MissingError

SHA256: Final = "d2a5d0bf6acf354fef51f3af39cbece2220d3b8f6086b658c3d335105798312a"
FASTEST: Final = 10
"""Characters that hardly anybody types in a second; most people type four (Dhakal et al. 2018)."""
_INSTALL: Final = "pip install 'omnibench[studio]'"


@dataclass(frozen=True, slots=True)
class Said:
    """What one person wrote before the other answered: messages as typed.

    ``crossed``: it was on its way before the other's last message could be read, so it answers what stands before that.
    """

    person: int
    messages: tuple[str, ...]
    crossed: bool = False


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
    turns: list[tuple[int, list[str], bool]] = []
    before = 0.0
    for message in (message for group in groups for message in group):
        person = numbers.setdefault(message["sender"], len(numbers))
        sent = datetime.fromisoformat(message["timestamp"].replace("Z", "+00:00")).timestamp()
        if not turns or turns[-1][0] != person:
            longest = (sent - before + 1) * FASTEST  # times are in whole seconds
            turns.append((person, [], bool(turns) and longest < len(message["text"])))
        turns[-1][1].append(message["text"])
        before = sent
    return Conversation(name, len(numbers), tuple(Said(person, tuple(m), crossed) for person, m, crossed in turns))
