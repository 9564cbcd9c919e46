"""The large embedded data set: its files are the ones that the manifest froze, and there is enough of everybody."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from omnibench.datasets.mini import DATA as MINI
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.studio import DATA
from omnibench.studio.alternatives import answered_turns
from omnibench.studio.recipe import STUDIO
from omnibench.studio.script import ROLES, read_scripts

MANIFEST: dict[str, Any] = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
SPLITS: dict[str, list[dict[str, Any]]] = MANIFEST["splits"]
MEGABYTE = 1 << 20


def people(entries: list[dict[str, Any]]) -> set[str]:
    return {person for entry in entries for person in entry["persons"].values()}


def test_name_version_and_size() -> None:
    assert (MANIFEST["name"], MANIFEST["version"], tuple(SPLITS)) == (STUDIO.name, STUDIO.version, STUDIO.splits)
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 30 * MEGABYTE


@pytest.mark.parametrize(("split", "dialogues", "persons"), [("val", 60, 15), ("test", 120, 30)])
def test_there_are_enough_dialogues_of_enough_people(split: str, dialogues: int, persons: int) -> None:
    entries = SPLITS[split]
    assert len(entries) >= dialogues
    for role in ROLES:
        plays = Counter(entry["persons"][role] for entry in entries)
        assert len(plays) >= persons
        assert max(plays.values()) - min(plays.values()) <= 1
    assert {Fraction(entry["fps"]) for entry in entries} == {Fraction(25), Fraction(30000, 1001), Fraction(30)}
    seconds = [entry["duration"] for entry in entries]
    assert sum(10 <= length < 30 for length in seconds) > len(seconds) / 2
    assert sum(30 <= length < 60 for length in seconds) >= len(seconds) * 0.18
    levels = Counter(entry["difficulty"]["level"] for entry in entries)
    assert min(levels[level] for level in ("easy", "medium", "hard")) >= len(entries) * 0.2


def test_three_dialogues_of_test_last_for_minutes() -> None:
    assert sum(120 <= entry["duration"] <= 180 for entry in SPLITS["test"]) == 3


def test_nobody_is_in_two_splits() -> None:
    mini = json.loads((MINI / "manifest.json").read_text(encoding="utf-8"))["splits"]
    known = set().union(*map(people, mini.values()))
    assert not people(SPLITS["val"]) & people(SPLITS["test"])
    assert not (people(SPLITS["val"]) | people(SPLITS["test"])) & known


@pytest.mark.parametrize("split", ["val", "test"])
def test_every_file_is_the_frozen_one(split: str) -> None:
    named = {name: digest for entry in SPLITS[split] for name, digest in entry["sha256"].items()}
    found = {path.relative_to(DATA / split).as_posix() for path in (DATA / split).rglob("*") if path.is_file()}
    assert found == set(named)
    for name, digest in named.items():
        assert hashlib.sha256((DATA / split / name).read_bytes()).hexdigest() == digest, name


def test_every_script_is_there_with_its_cast_and_the_others_answers() -> None:
    scripts = read_scripts(STUDIO.scripts, STUDIO.splits)
    cast, data = STUDIO.cast(scripts), open_dataset("studio")
    entries = {entry["slug"]: entry for entries in SPLITS.values() for entry in entries}
    assert set(entries) == {script.slug for script in scripts}
    for script in scripts:
        entry, casting = entries[script.slug], cast[script.slug]
        assert entry["persons"] == {role: casting.of(role).id for role in ROLES}
        assert Fraction(entry["fps"]) == casting.fps
        answers = data.alternatives(script.split, entry["id"])
        if script.split == "test":
            assert [len(answer.replies) for answer in answers] == [2] * len(answered_turns(script))
            said = {line.text for line in script.lines if line.role == "listener"}
            assert not said & {reply.text for answer in answers for reply in answer.replies}
    data.close()
