"""Which dialogue comes as number k of a seed, without end: the same whatever is asked for, and by whatever steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from omnibench.studio.chat.acting import act, pieces
from omnibench.studio.chat.corpus import conversations
from omnibench.studio.chat.filters import Counts, Gram, kept_of
from omnibench.studio.chat.people import cast
from omnibench.studio.people import Casting, draw
from omnibench.studio.script import Script, read_scripts

_NAMED: Final = 12
"""So many characters of a chat's id name it in a slug."""

Act = Callable[[str], Script]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue to make: its name in the data set, its script and who plays it."""

    id: str
    script: Script
    casting: Casting


def dialogues(seed: int, leaks: Set[Gram], counts: Counts) -> Iterator[Dialogue]:
    """All dialogues of a seed, one after the other, endlessly.

    Chats and mini's training scripts are shuffled by the seed. Each gives its first dialogue, then each its
    second, until all have given theirs, so that a short data set has many topics; then all begins again, played by
    other people. Within a round, a chat's two people are the same in all its dialogues.

    Args:
        seed: any number.
        leaks: see `omnibench.studio.chat.filters.kept_of`.
        counts: gets what the filters refuse in the chats that are come by; each counts once.
    """
    written = {conversation.id: conversation for conversation in conversations()}
    scripts = {script.slug: script for script in read_scripts(splits=("train",))}
    order = sorted([*written, *scripts], key=lambda name: (draw(str(seed), name), name))
    found: dict[str, list[Act]] = {}

    def acts(name: str) -> list[Act]:
        if name in scripts:
            return [lambda slug: replace(scripts[name], slug=slug)]
        kept = kept_of(written[name], leaks, counts)
        every = pieces(kept) if kept is not None else ()
        if kept is not None and not every:
            counts.conversations["no dialogue of 20 s is left"] += 1
        shuffled = sorted(every, key=lambda piece: draw(str(seed), name, str(piece.number)))
        return [lambda slug, piece=piece: act(piece, slug) for piece in shuffled]  # type: ignore[misc]

    number = 0
    for turn in count():
        visit = 0
        while any(visit < len(found.get(name, (None,))) for name in order):
            for name in order:
                if name not in found:
                    found[name] = acts(name)
                if visit < len(found[name]):
                    number += 1
                    script = found[name][visit](f"{seed}-{turn}-{name[:_NAMED]}-{visit}")
                    yield Dialogue(f"chat-{number:06d}", script, cast(str(seed), str(turn), name))
            visit += 1
