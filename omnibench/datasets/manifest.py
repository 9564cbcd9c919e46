"""``manifest.json``: the order of the dialogues and what media files cannot say (who is who, the topic, a frame rate).

    {"name": "mini", "version": "mini-v1", "default_protocol": "offline",
     "splits": {"test": [{"id": "a", "fps": "30000/1001", "sample_rate": 16000, "topic": "teaching",
                          "persons": {"speaker": "karen", "listener": "james"},
                          "difficulty": {"overlap": 0.02, "backchannels": 4.1, "disfluency": 2.5, "level": "medium"},
                          "sha256": {"text/speaker/a.json": "9f3c…"}}]}}

Every key but ``splits`` and ``id`` is optional; others are ignored. ``identities`` (role to renderer identity) defaults
to ``persons``; ``difficulty`` has figures and a word; ``sha256`` freezes files, by their path in the split.
``withheld`` maps a split of which speakers alone are there to the commitment to its listeners, ``""`` where nobody ever
listened, and ``salt`` opens it (`omnibench.datasets.withheld`). ``insertion`` says after how much of the listener's
sound the speaker does what ``<split>/<modality>/inserted/<id>.*`` has: ``heard``, ``since`` and ``until`` in seconds,
``level`` in dBFS (`omnibench.types.Insertion`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from omnibench.errors import InputError
from omnibench.files.checked import read_json
from omnibench.files.names import name_fault, same

MANIFEST_NAME = "manifest.json"
_RATE = re.compile(r"\s*\d{1,9}(\.\d{1,9}|/\d{1,9})?\s*")
_HIGHEST_RATE = 100_000
_HIGHEST_SAMPLE_RATE = 10_000_000
CONDITION = ("heard", "level", "since", "until")
"""Of an insertion, by name."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One dialogue: its id, and what is known about it beyond its files."""

    id: str
    fps: Fraction | None = None
    sample_rate: int | None = None
    topic: str = ""
    persons: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    insertion: Mapping[str, float] | None = None
    difficulty: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A data set's name, version and dialogues by split, in order."""

    name: str
    version: str
    default_protocol: str
    splits: Mapping[str, tuple[ManifestEntry, ...]]
    withheld: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""


def read_manifest(path: Path) -> Manifest:
    """Read and check a ``manifest.json``.

    Raises:
        InputError: naming the field that is missing or of the wrong kind.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("splits"), dict):
        raise InputError(f'{path}: field "splits": expected an object that maps each split to its list of dialogues.')
    splits: dict[str, tuple[ManifestEntry, ...]] = {}
    for split, items in content["splits"].items():
        if not isinstance(items, list):
            raise InputError(
                f'{path}: field "splits.{split}": expected a list of dialogues, found {type(items).__name__}.'
            )
        entries = tuple(_entry(path, f"splits.{split}[{i}]", item) for i, item in enumerate(items))
        forms = Counter(same(entry.id) for entry in entries)
        repeated = sorted(entry.id for entry in entries if forms[same(entry.id)] > 1)
        if repeated:
            raise InputError(
                f'{path}: field "splits.{split}": the id "{repeated[0]}" is there twice; ids name one dialogue.'
            )
        splits[split] = entries
    name = content.get("name") or path.resolve().parent.name
    if not isinstance(name, str) or name_fault(name) or name in (".", "..") or "/" in name:
        raise InputError(f'{path}: field "name": {name!r} cannot name a folder; expected a text such as "mini".')
    return Manifest(
        name,
        str(content.get("version", "")),
        str(content.get("default_protocol", "paper")),
        splits,
        _names(path, "withheld", content.get("withheld", {}), '{"test": "<64 hex digits>"}'),
        str(content.get("salt", "")),
    )


def _entry(path: Path, where: str, item: Any) -> ManifestEntry:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        raise InputError(f'{path}: field "{where}.id": expected the dialogue\'s id, a string.')
    name: str = item["id"]
    if not name or name_fault(name) or name.startswith(".") or name != Path(name).name:
        raise InputError(
            f'{path}: field "{where}.id": {name!r} is no file stem; an id names files, without a folder, and no hidden '
            f"ones."
        )
    persons = _names(path, f"{where}.persons", item.get("persons", {}), '{"speaker": "anna", "listener": "carl"}')
    drawn_as = '{"speaker": "identity-1", "listener": "identity-2"}'
    identities = _names(path, f"{where}.identities", item.get("identities", persons), drawn_as)
    return ManifestEntry(
        name,
        _rate(path, f"{where}.fps", item.get("fps")),
        _sample_rate(path, f"{where}.sample_rate", item.get("sample_rate")),
        str(item.get("topic", "")),
        persons,
        identities,
        _names(path, f"{where}.sha256", item.get("sha256", {}), '{"text/speaker/a.json": "<64 hex digits>"}'),
        _insertion(path, f"{where}.insertion", item.get("insertion")),
        _difficulty(path, f"{where}.difficulty", item.get("difficulty", {})),
    )


def _insertion(path: Path, where: str, value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    numbers = isinstance(value, dict) and all(type(number) in (int, float) for number in value.values())
    if not numbers or set(value) != set(CONDITION) or min(value["since"], value["until"]) < 0 or value["heard"] <= 0:
        example = '{"heard": 0.8, "level": -45, "since": 3.2, "until": 7.5}'
        raise InputError(f'{path}: field "{where}": expected an object of numbers such as {example}.')
    return {name: float(number) for name, number in value.items()}


def _difficulty(path: Path, where: str, value: Any) -> dict[str, float | str]:
    figures = value.values() if isinstance(value, dict) else [None]
    if not all(isinstance(one, int | float | str) and not isinstance(one, bool) for one in figures):
        raise InputError(f'{path}: field "{where}": expected an object such as {{"overlap": 0.02, "level": "medium"}}.')
    return dict(value)


def _names(path: Path, where: str, value: Any, example: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise InputError(f'{path}: field "{where}": expected an object such as {example}.')
    return dict(value)


def _rate(path: Path, where: str, value: Any) -> Fraction | None:
    if value is None:
        return None
    try:
        # A Fraction of "1e999999999" would be as long as it says.
        if isinstance(value, bool) or (isinstance(value, str) and not _RATE.fullmatch(value)):
            raise ValueError(value)
        rate = Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise InputError(
            f'{path}: field "{where}": {value!r} is no frame rate; expected 25 or "30000/1001".'
        ) from error
    if not 0 < rate <= _HIGHEST_RATE:
        raise InputError(f'{path}: field "{where}": {value!r} is no frame rate; expected a positive one such as 25.')
    return rate


def _sample_rate(path: Path, where: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _HIGHEST_SAMPLE_RATE:
        raise InputError(
            f'{path}: field "{where}": {value!r} is no sample rate; expected a whole number such as 16000.'
        )
    return value
