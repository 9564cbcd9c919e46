"""Builds chat: dialogue after dialogue into a folder that is a valid data set after each of them."""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from omnibench.datasets.manifest import MANIFEST_NAME
from omnibench.errors import MismatchError, UsageError
from omnibench.files.atomic import move, write_text
from omnibench.studio.chat.filters import Counts
from omnibench.studio.chat.leaks import held_out_grams
from omnibench.studio.chat.order import Dialogue, dialogues
from omnibench.studio.chat.people import leaks
from omnibench.studio.performance import SAMPLE_RATE
from omnibench.studio.script import ROLES
from omnibench.studio.workshop import workshop
from omnibench.system.progress import Ticker

NAME: Final = "chat"
RECIPE: Final = "chat-v2"
KEPT: Final = "b858fb64cc40db063253e498396a2c051b9f4d09d11bde534147a4e80a42b86c"
"""sha256 of all text that is kept, as `python -m omnibench.studio.chat` computes it. Other text needs another name."""
SPLITS: Final = ("train", "val")
FILTERS_NAME: Final = "filters.json"
Refused = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Built:
    """What a folder holds: dialogues and their seconds; and what a build cost.

    ``added``: seconds of dialogue that this build made, in ``wall`` seconds and ``processor`` seconds of all processes.
    """

    dialogues: int
    seconds: float
    added: float = 0.0
    wall: float = 0.0
    processor: float = 0.0


def build_chat(out: Path, hours: float, seed: int, workers: int = 2, targets_only: bool = False) -> Built:
    """Fill ``out`` until it holds ``hours`` of dialogue; what is there already stays and counts.

    Dialogue k of a seed is the same however it is come by. A build may be stopped at any time: what the manifest
    lists is whole, and the next build goes on behind it.

    Args:
        out: a new folder, or one that was built with the same seed.
        hours: of dialogue, wanted in all.
        seed: which dialogues.
        workers: processes.
        targets_only: the synthesiser's plans in place of sound and faces (`omnibench.studio.chat.targets`).

    Raises:
        UsageError: ``out`` holds something else.
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    version = f"{RECIPE}-seed-{seed}{'-targets' if targets_only else ''}"
    entries = _entries(out, version)
    _sweep(out, {name for entry in entries for name in entry["sha256"]})
    seconds, wanted = sum(float(entry["duration"]) for entry in entries), hours * 3600
    if seconds >= wanted:
        return Built(len(entries), seconds)
    rest = islice(_counted(dialogues(seed, held_out_grams(), counts := Counts()), counts), len(entries), None)
    staging = out.with_name(f".{out.name}.building")
    begun, spent, before = time.monotonic(), _processor_seconds(), seconds
    with (
        Ticker(f"build {NAME}", math.ceil(wanted), "second", leave=True, done=round(seconds)) as ticker,
        closing(_made(rest, partial(make, staging=staging, targets_only=targets_only), workers)) as made,
    ):
        for entry, refused in made:
            for name in entry["sha256"]:
                target = out / split_of(entry["id"]) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                move(staging / entry["id"] / name, target)
            entries.append(entry)
            _write(out, version, entries, refused)
            seconds += float(entry["duration"])
            real_time = (seconds - before) / (time.monotonic() - begun)
            ticker.reach(round(seconds), {"times real time": real_time})
            if seconds >= wanted:
                break
    shutil.rmtree(staging, ignore_errors=True)
    wall, processor = time.monotonic() - begun, _processor_seconds() - spent
    return Built(len(entries), seconds, seconds - before, wall, processor)


def _processor_seconds() -> float:
    """Of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def split_of(dialogue: str) -> str:
    """Where a dialogue goes: the 2nd, 22nd and so on are val, which a training watches. Nothing of it is scored."""
    return SPLITS[int(dialogue.rpartition("-")[2]) % 20 == 2]


def _counted(found: Iterator[Dialogue], counts: Counts) -> Iterator[tuple[Dialogue, Refused]]:
    """Each dialogue with what the filters had refused when it was found, however far ahead that is."""
    return ((dialogue, counts.as_json()) for dialogue in found)


def make(dialogue: Dialogue, staging: Path, targets_only: bool) -> dict[str, Any]:
    """Make one dialogue's files in a folder of its own; returns its manifest entry.

    Raises:
        MismatchError: it would leak; the filters and the cast should have prevented that.
    """
    from omnibench.studio.chat.targets import write_targets
    from omnibench.studio.speech.planned import say
    from omnibench.studio.timeline import perform
    from omnibench.studio.writing import entry_of, face_of, write_part

    for role in ROLES:
        if leaks(dialogue.casting.of(role)):
            raise MismatchError(f"{dialogue.id}: {dialogue.casting.of(role).voice} is a voice that is scored.")
    root = staging / dialogue.id
    shutil.rmtree(root, ignore_errors=True)
    if targets_only:
        performance, files = write_targets(root, dialogue)
    else:
        performance = perform(dialogue.script, dialogue.casting, say)
        files = [
            file
            for role in ROLES
            for file in write_part(root, dialogue.id, performance, role, face_of(performance, role, False), False)
        ]
    return entry_of(dialogue.id, performance, root, files)


def _made(
    rest: Iterator[tuple[Dialogue, Refused]], job: Callable[[Dialogue], dict[str, Any]], workers: int
) -> Generator[tuple[dict[str, Any], Refused], None, None]:
    """Entries in the order of the dialogues, made by ``workers`` processes."""
    pending: deque[tuple[Future[dict[str, Any]], Refused]] = deque()
    with workshop(workers) as pool:  # closed when enough is there, which cancels what is waiting
        while True:
            while len(pending) <= workers:  # one waits for whoever is ready first
                dialogue, refused = next(rest)
                pending.append((pool.submit(job, dialogue), refused))
            future, refused = pending.popleft()
            yield future.result(), refused


def _entries(out: Path, version: str) -> list[dict[str, Any]]:
    """What was built before. Raises UsageError for a folder that holds anything else."""
    manifest = out / MANIFEST_NAME
    if not manifest.is_file():
        if out.exists() and (not out.is_dir() or any(not _own(path.name) for path in out.iterdir())):
            raise UsageError(f"{out}: holds something else than chat; choose a new folder with --out.")
        return []
    content = json.loads(manifest.read_text(encoding="utf-8"))
    if content.get("version") != version:
        raise UsageError(f"{out}: holds {content.get('version')}, expected {version}; choose a new folder with --out.")
    return sorted((entry for split in content["splits"].values() for entry in split), key=lambda entry: entry["id"])


def _own(name: str) -> bool:
    """Whether a build that was stopped before its first dialogue was listed may have left something of this name."""
    return name in (*SPLITS, FILTERS_NAME) or name.startswith((f".{FILTERS_NAME}", f".{MANIFEST_NAME}"))


def _write(out: Path, version: str, entries: list[dict[str, Any]], refused: Refused) -> None:
    filters: dict[str, Any] = {"version": version, "dialogues": len(entries), **refused}
    write_text(out / FILTERS_NAME, json.dumps(filters, indent=1) + "\n")
    head = {"name": NAME, "version": version, "default_protocol": "offline", "sample_rate": SAMPLE_RATE}
    splits = []
    for split in SPLITS:
        own = [json.dumps(entry, ensure_ascii=False) for entry in entries if split_of(entry["id"]) == split]
        splits += ['"' + split + '": [\n' + ",\n".join(own) + "\n]"] if own else []
    text = f'{json.dumps(head)[:-1]}, "splits": {{{", ".join(splits)}}}}}\n'
    write_text(out / MANIFEST_NAME, text)


def _sweep(out: Path, wanted: set[str]) -> None:
    """Remove files that were moved in for a dialogue that a stopped build did not come to list."""
    for split in SPLITS:
        for path in (out / split).glob(f"*/*/{NAME}-*"):
            if path.relative_to(out / split).as_posix() not in wanted:
                path.unlink()
