"""Builds a data set of the studio: scripts to performances to faces to files in ResponseNet layout, with a manifest."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.alternatives import ALTERNATIVES
from omnibench.datasets.giving_out import give_out
from omnibench.datasets.withheld import Known, write_known
from omnibench.files.atomic import write_text
from omnibench.studio.alternatives import Reply, act_replies, read_replies
from omnibench.studio.difficulty import difficulty_of
from omnibench.studio.people import Casting, Person
from omnibench.studio.performance import SAMPLE_RATE
from omnibench.studio.recipe import Recipe
from omnibench.studio.script import ROLES, Script, read_scripts
from omnibench.studio.secret import Secret
from omnibench.studio.timeline import perform
from omnibench.studio.voice import Utterance
from omnibench.studio.workshop import workshop
from omnibench.studio.writing import VIDEO_SIZE, entry_of, face_of, write_part, write_video
from omnibench.system.progress import ticked

VOICE_SAMPLE: Final = "The north wind and the sun were talking about which of them was the stronger."
"""What a listener is heard with where nothing of the split's own may be given out."""


@dataclass(frozen=True, slots=True)
class Task:
    """One dialogue to build: its id in the data set, its script and cast, and where to.

    ``replies`` are what others would have answered, by answered turn; ``context`` is for a dialogue whose listener is
    withheld from teams.
    """

    recipe: Recipe
    id: str
    script: Script
    casting: Casting
    out: Path
    cache: Path
    video: bool
    replies: Mapping[int, tuple[Reply, ...]] = field(default_factory=dict)
    context: bool = False

    def say(self, text: str, person: Person, mood: str) -> Utterance:
        """A line in somebody's voice; what was said before is kept."""
        return self.recipe.say(text, person, mood, self.cache)

    def reply(self, text: str, mood: str) -> Utterance:
        """Another answer of the listener's: when its words are said, without the sound."""
        return self.recipe.time(text, self.casting.listener, mood)


def build(
    recipe: Recipe,
    out: Path,
    splits: Sequence[str] | None = None,
    workers: int = 2,
    video: bool = True,
    cache: Path | None = None,
    secret: Secret | None = None,
    limit: int | None = None,
) -> dict[str, int]:
    """Write a data set under ``out`` and its ``manifest.json``; splits that are not asked for stay as they are.

    Args:
        recipe: of which one.
        out: receives ``<split>/{video,audio,vector,text}/{speaker,listener}/<id>.*``.
        splits: which to build, all of them otherwise.
        workers: processes.
        video: whether to draw the video of the splits that have one.
        cache: keeps the synthesiser's answers, so that a build that was stopped goes on, and a second one speaks only
            what is new; by default ``<out>.speech`` beside ``out``.
        secret: from which people, times, faces and names are drawn; they are those of the version without one.
        limit: build only so many dialogues of each split.

    Returns:
        Dialogues built per split.

    Raises:
        omnibench.errors.InputError: a script that does not parse or cannot be pronounced.
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    speech = cache or out.with_name(f"{out.name}.speech")
    every = _tasks(recipe, out, speech, video, secret)
    tasks = {split: [task for task in every if task.script.split == split][:limit] for split in splits or recipe.splits}
    built: dict[str, list[dict[str, Any]]] = {}
    with workshop(workers) as pool:
        for split, chosen in tasks.items():
            done = pool.map(build_dialogue, chosen)
            built[split] = list(ticked(done, f"build {recipe.name} {split}", len(chosen), "dialogue"))
    manifest = out / "manifest.json"
    before = json.loads(manifest.read_text(encoding="utf-8"))["splits"] if manifest.exists() else {}
    kept = before | built
    content = {
        **({"name": recipe.name, "version": recipe.version} if secret is None else _kept_from(recipe, secret)),
        "default_protocol": "offline",
        "sample_rate": SAMPLE_RATE,
        "splits": {split: kept[split] for split in recipe.splits if split in kept},
    }
    write_text(manifest, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    for split, entries in built.items():
        _sweep(out / split, recipe.name, {name for entry in entries for name in entry["sha256"]})
    return {split: len(entries) for split, entries in built.items()}


def build_inputs(recipe: Recipe, out: Path, secret: Secret, splits: Sequence[str], limit: int | None = None,
                 video: bool = True) -> dict[str, int]:  # fmt: skip
    """Write what teams get of the data set that `build` writes from the same arguments: speakers, and what
    may be known of listeners. The listeners themselves are made in a hidden folder beside ``out``, which is removed.

    Raises:
        omnibench.errors.InputError, omnibench.errors.MissingError: as `build`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        whole = Path(work, "whole")
        build(recipe, whole, splits, video=video, cache=Path(work, "speech"), secret=secret, limit=limit)
        return give_out(whole, out)


def _kept_from(recipe: Recipe, secret: Secret) -> dict[str, str]:
    """What a manifest says of a secret: names by which equal ones are known, and the salt of the commitment."""
    return {"name": f"{recipe.name}-{secret.tag}", "version": f"{recipe.version}-{secret.tag}", "salt": secret.salt}


def build_dialogue(task: Task) -> dict[str, Any]:
    """Write one dialogue's files; returns its manifest entry."""
    performance = perform(task.script, task.casting, task.say)
    whole = task.script.split in task.recipe.whole
    root = task.out / task.script.split
    files: list[Path] = []
    for role in ROLES:
        face = face_of(performance, role, whole)
        files += write_part(root, task.id, performance, role, face, whole)
        if whole and task.video:
            video = root / "video" / role / f"{task.id}.mp4"
            files.append(write_video(video, face, performance.part(role).person, performance))
        if task.context and role == "listener":
            files.append(write_known(root, task.id, _known(task, face)))
    if task.replies:
        files.append(act_replies(root, task.id, task.script, performance, task.replies, task.reply))
    graded = {"difficulty": difficulty_of(task.script, performance)} if task.recipe.graded else {}
    return {**entry_of(task.id, performance, root, files), **graded}


def _known(task: Task, face: NDArray[np.float32]) -> Known:
    """First picture, first face and the voice, saying what is in no dialogue."""
    from omnibench.media.renderer import get_renderer
    from omnibench.media.video import read_frames

    person = task.casting.listener
    video = task.out / task.script.split / "video" / "listener" / f"{task.id}.mp4"
    drawn = read_frames(video) if video.is_file() else get_renderer().render(face[:1], person.id, VIDEO_SIZE)
    return Known(next(iter(drawn)), task.say(VOICE_SAMPLE, person, "neutral").audio, face[0])


def _tasks(recipe: Recipe, out: Path, cache: Path, video: bool, secret: Secret | None) -> list[Task]:
    """All dialogues of a data set: the cast of each depends on all of them."""
    scripts = read_scripts(recipe.scripts, recipe.splits)
    replies = read_replies(recipe.scripts / ALTERNATIVES, scripts)
    task = partial(Task, recipe, out=out, cache=cache, video=video)
    if secret is not None:
        hidden = {secret.applied(script).slug: script for script in scripts}
        drawn = [replace(hidden[slug], slug=slug) for slug in sorted(hidden)]
        casting = recipe.cast(drawn)
        return [
            task(s.slug[:12], s, casting[s.slug], replies=replies.get(hidden[s.slug].slug, {}), context=True)
            for s in drawn
        ]
    casting = recipe.cast(scripts)
    numbers = dict(recipe.first_id)
    tasks = []
    for script in scripts:
        name = f"{recipe.name}-{numbers[script.split]:04d}"
        numbers[script.split] += 1
        tasks.append(task(name, script, casting[script.slug], replies=replies.get(script.slug, {})))
    return tasks


def _sweep(split: Path, name: str, wanted: set[str]) -> None:
    """Remove dialogues of an earlier build that the manifest no longer names."""
    for path in (*split.glob(f"*/*/{name}-*"), *split.glob(f"{ALTERNATIVES}/{name}-*")):
        if path.relative_to(split).as_posix() not in wanted:
            path.unlink()
