"""Builds ``events``: situations to files in ResponseNet layout, speakers alone, with a record of what is asked.

Compact, as mini's train split is: Ogg Opus, vectors that float16 holds, no video. Of who listens there is a first face;
their voice is what they say as speakers of other situations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.datasets.asked import event_path
from omnibench.datasets.layout import INSERTED
from omnibench.datasets.withheld import Known, write_known
from omnibench.files.atomic import write_text
from omnibench.media.face import neutral_face
from omnibench.studio.casting import RATES
from omnibench.studio.events.acting import Acted, Cast, act
from omnibench.studio.events.draws import Draws, shuffled
from omnibench.studio.events.kinds import RECORDED
from omnibench.studio.events.plan import Plan
from omnibench.studio.events.triggered import TRIGGERED
from omnibench.studio.people import STUDIO_PEOPLE, Person, draw
from omnibench.studio.performance import SAMPLE_RATE
from omnibench.studio.speech.planned import say
from omnibench.studio.workshop import workshop
from omnibench.studio.writing import compact, hashes_of, write_audio, write_vector, write_words
from omnibench.system.progress import ticked

NAME: Final = "events"
VERSION: Final = "events-v1"
SPLIT: Final = "test"
EACH: Final = 13
"""Situations of each kind."""
MAKERS: Final = {**RECORDED, **TRIGGERED}


@dataclass(frozen=True, slots=True)
class Task:
    """One situation to build."""

    id: str
    plan: Plan
    cast: Cast
    listener: Person
    out: Path
    cache: Path


def people() -> tuple[Person, ...]:
    """Who acts and who listens: the people of studio's val and test."""
    return tuple(person for split in ("val", "test") for person in STUDIO_PEOPLE[split])


def tasks(out: Path, cache: Path, seed: str = VERSION, each: int = EACH) -> list[Task]:
    """All situations, kind after kind: ids, plans and who acts, from a seed's name alone.

    Everybody speaks in turn, so equally often and never twice in a kind, each time to somebody else.
    """
    found = []
    everybody = shuffled(people(), seed, "cast")
    count = len(everybody)
    for place, (kind, make) in enumerate(MAKERS.items()):
        for number in range(each):
            name, turn = f"{seed}|{kind}|{number}", place * EACH + number
            apart = 1 + turn % (count - 1)
            speaker, listener = everybody[turn % count], everybody[(turn + apart) % count]
            behind = everybody[(turn + 1 + apart % (count - 1)) % count]
            cast = Cast(name, speaker, behind, RATES[draw(name, "fps") % len(RATES)])
            dialogue = f"{NAME}-{kind.replace('_', '-')}-{number + 1:02d}"
            found.append(Task(dialogue, make(Draws(seed, kind, number)), cast, listener, out, cache))
    return found


def build_events(out: Path, workers: int = 2, cache: Path | None = None, each: int = EACH) -> dict[str, int]:
    """Write ``events`` under ``out`` and its ``manifest.json``.

    Args:
        out: receives ``test/{text,audio,vector}/{speaker,inserted}/<id>.*``, ``test/events/<id>.json`` and
            ``test/context/``.
        workers: processes.
        cache: keeps what was spoken, so that a build that was stopped goes on; by default ``<out>.speech`` beside it.
        each: situations of each kind.

    Returns:
        Situations built, by split.

    Raises:
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    todo = tasks(out, cache or out.with_name(f"{out.name}.speech"), each=each)
    with workshop(workers) as pool:
        done = pool.map(build_situation, todo)
        built = list(ticked(done, f"build {NAME}", len(todo), "situation"))
    content = {
        "name": NAME,
        "version": VERSION,
        "default_protocol": "offline",
        "sample_rate": SAMPLE_RATE,
        "splits": {SPLIT: built},
        "withheld": {SPLIT: ""},
    }
    write_text(out / "manifest.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    wanted = {name for entry in built for name in entry["sha256"]}
    for path in (out / SPLIT).rglob("*"):
        if path.is_file() and path.relative_to(out / SPLIT).as_posix() not in wanted:
            path.unlink()
    return {SPLIT: len(built)}


def build_situation(task: Task) -> dict[str, Any]:
    """Write one situation's files; returns its manifest entry."""

    found, root = act(task.plan, task.cast, partial(say, cache=task.cache)), task.out / SPLIT
    files = _write(root, "speaker", task.id, found.main)
    if found.inserted is not None:
        files += _write(root, INSERTED, task.id, found.inserted)
    record = event_path(root, task.id)
    write_text(record, json.dumps(found.record.document(), ensure_ascii=False) + "\n")
    files += [record, write_known(root, task.id, Known(initial_face=_first_face(task)))]
    return {
        "id": task.id,
        "topic": task.plan.kind,
        "fps": str(task.cast.fps),
        "sample_rate": SAMPLE_RATE,
        "frames": len(found.main.face),
        "duration": found.duration,
        "persons": {"speaker": task.cast.speaker.id, "listener": task.listener.id},
        **({} if found.insertion is None else {"insertion": found.insertion}),
        "sha256": hashes_of(root, files),
    }


def _first_face(task: Task) -> Any:
    """A resting face, with a hint of a smile that is the person's own."""
    face = neutral_face()
    face[44:46] = np.round(256 * (0.04 + 0.08 * draw(task.listener.id, "rest") / 2**48)) / 256
    return face


def _write(root: Path, role: str, name: str, acted: Acted) -> list[Path]:
    return [
        write_words(root / "text" / role / f"{name}.json", acted.part),
        write_audio(root / "audio" / role / f"{name}.ogg", acted.audio),
        write_vector(root / "vector" / role / f"{name}.npz", compact(acted.face)),
    ]
