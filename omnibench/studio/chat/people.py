"""Who talks in chat: mini's training people, and others whose voices are mixtures of those people's voices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from itertools import combinations
from typing import Final

from omnibench.media.mesh.people import appearance
from omnibench.studio.people import FRAME_RATES, PEOPLE, STUDIO_PEOPLE, Casting, Person, draw

Voice = tuple[frozenset[str], tuple[object, ...]]
_SAME_VOICE: Final = ("id", "voice", "speed")
_SPEEDS: Final = (0.89, 0.98)


@cache
def people() -> tuple[Person, ...]:
    """All of them, always in the same order: ``p01`` ... of mini's train split, then ``c001`` ...

    Each of the latter speaks with the mean of two voices of one sex. Their looks come from a hash of their names, and
    names whose face would have the other sex are passed over.
    """
    train = PEOPLE["train"]
    others: list[Person] = []
    number = 0
    for first, second in combinations(train, 2):
        if first.gender != second.gender:
            continue
        mixed = f"{first.voice}+{second.voice}"
        number += 1
        while appearance(f"c{number:03d}").gender != first.gender:
            number += 1
        low, high = _SPEEDS
        speed = round(low + (high - low) * draw(mixed, "speed") / 2**48, 2)
        others.append(Person(f"c{number:03d}", mixed, speed))
    return (*train, *(person for person in others if not leaks(person)))


@cache
def by_id() -> Mapping[str, Person]:
    """Every person by id."""
    return {person.id: person for person in people()}


def cast(*key: str) -> Casting:
    """Two different people and a frame rate, drawn from ``key`` alone: the same key, the same people."""
    everybody = people()
    first = draw(*key, "speaker") % len(everybody)
    second = (first + 1 + draw(*key, "listener") % (len(everybody) - 1)) % len(everybody)
    return Casting(everybody[first], everybody[second], FRAME_RATES[draw(*key, "fps") % len(FRAME_RATES)])


@cache
def held_out_voices() -> frozenset[Voice]:
    """The voices of everybody who is scored."""
    scored = [person for split, group in PEOPLE.items() if split != "train" for person in group]
    return frozenset(map(voice_of, [*scored, *(person for group in STUDIO_PEOPLE.values() for person in group)]))


def voice_of(person: Person) -> Voice:
    """What tells a voice from another: the tables that it is mixed from, and how it is played, its pace apart."""
    played = (getattr(person, field.name) for field in fields(person) if field.name not in _SAME_VOICE)
    return frozenset(person.voice.split("+")), tuple(played)


def leaks(person: Person) -> bool:
    """Whether somebody's voice, or one that it is mixed from, is that of a person who is scored."""
    tables, played = voice_of(person)
    return not held_out_voices().isdisjoint([(tables, played), *((frozenset({table}), played) for table in tables)])
