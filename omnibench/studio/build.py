"""Builds ``mini``: scripts to performances to faces to files in ResponseNet layout, with a manifest.

The test split is whole: FLAC, float32 ``.npy`` vectors, MP4. Train and val are compact, to be small in the repository:
Ogg Opus at about 24 kbit/s of speech, vectors rounded to what float16 holds exactly, no video (it can be rendered from
the vectors at any time).
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.giving_out import give_out
from omnibench.datasets.withheld import Known, write_known
from omnibench.files.atomic import atomic_path, write_text
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, TRANSLATION_COLUMNS
from omnibench.studio.faces import animate
from omnibench.studio.people import PEOPLE, draw
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance
from omnibench.studio.script import ROLES, SCRIPTS, Role, Script, read_scripts
from omnibench.studio.secret import Secret
from omnibench.studio.timeline import perform
from omnibench.studio.voice import speak

NAME: Final = "mini"
VERSION: Final = "mini-v1"
SPLITS: Final = ("train", "val", "test")
WHOLE_SPLITS: Final = ("test",)
FIRST_ID: Final = {"train": 1, "val": 1001, "test": 2001}
# libsndfile's scale for Opus: 0.95 is 24 kbit/s where somebody speaks, next to nothing where nobody does.
OPUS_COMPRESSION: Final = 0.95
VIDEO_SIZE: Final = 256
VIDEO_CRF: Final = 26
VOICE_SAMPLE: Final = "The north wind and the sun were talking about which of them was the stronger."
"""What a listener is heard with where nothing of the split's own may be given out."""


@dataclass(frozen=True, slots=True)
class Task:
    """One dialogue to build: its id in the data set, its script, and where to; ``context`` for one whose listener is
    withheld from teams.
    """

    id: str
    script: Script
    out: Path
    cache: Path
    video: bool
    context: bool = False


def build_mini(
    out: Path,
    splits: Sequence[str] = SPLITS,
    workers: int = 2,
    video: bool = True,
    cache: Path | None = None,
    scripts: Path = SCRIPTS,
    secret: Secret | None = None,
    limit: int | None = None,
) -> dict[str, int]:
    """Write ``mini`` under ``out`` and its ``manifest.json``; splits that are not asked for stay as they are.

    Args:
        out: receives ``<split>/{video,audio,vector,text}/{speaker,listener}/<id>.*``.
        splits: which to build.
        workers: processes.
        video: whether to render the test split's video.
        cache: keeps the synthesiser's answers, so that a build that was stopped goes on, and a second one speaks only
            what is new; by default ``<out>.speech`` beside ``out``.
        scripts: the folder with ``<split>/*.txt``.
        secret: from which people, times, faces and names are drawn; they are those of ``mini-v1`` without one.
        limit: build only so many dialogues of each split.

    Returns:
        Dialogues built per split.

    Raises:
        omnibench.errors.InputError: a script that does not parse or cannot be pronounced.
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    from tqdm import tqdm

    speech = cache or out.with_name(f"{out.name}.speech")
    tasks = {split: _tasks(scripts, split, out, speech, video, secret)[:limit] for split in splits}
    built: dict[str, list[dict[str, Any]]] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            for split, chosen in tasks.items():
                done = pool.map(build_dialogue, chosen)
                built[split] = list(tqdm(done, split, total=len(chosen), unit="dialogue", file=sys.stderr))
        except BaseException:  # a build that is stopped must not finish what is still waiting
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    manifest = out / "manifest.json"
    before = json.loads(manifest.read_text(encoding="utf-8"))["splits"] if manifest.exists() else {}
    kept = before | built
    content = {
        **({"name": NAME, "version": VERSION} if secret is None else _kept_from(secret)),
        "default_protocol": "offline",
        "sample_rate": SAMPLE_RATE,
        "splits": {split: kept[split] for split in SPLITS if split in kept},
    }
    write_text(manifest, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    for split, entries in built.items():
        _sweep(out / split, {name for entry in entries for name in entry["sha256"]})
    return {split: len(entries) for split, entries in built.items()}


def build_inputs(out: Path, secret: Secret, splits: Sequence[str], scripts: Path = SCRIPTS, limit: int | None = None,
                 video: bool = True) -> dict[str, int]:  # fmt: skip
    """Write what teams get of the data set that `build_mini` writes from the same arguments: speakers, and what
    may be known of listeners. The listeners themselves are made in a hidden folder beside ``out``, which is removed.

    Raises:
        omnibench.errors.InputError, omnibench.errors.MissingError: as `build_mini`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        whole = Path(work, "whole")
        build_mini(whole, splits, video=video, cache=Path(work, "speech"), scripts=scripts, secret=secret, limit=limit)
        return give_out(whole, out)


def _kept_from(secret: Secret) -> dict[str, str]:
    """What a manifest says of a secret: names by which equal ones are known, and the salt of the commitment."""
    return {"name": f"{NAME}-{secret.tag}", "version": f"{VERSION}-{secret.tag}", "salt": secret.salt}


def build_dialogue(task: Task) -> dict[str, Any]:
    """Write one dialogue's files; returns its manifest entry, with every file's sha256 by ``modality/role/name``."""
    performance = perform(task.script, task.cache)
    whole = task.script.split in WHOLE_SPLITS
    root = task.out / task.script.split
    files: list[Path] = []
    for role in ROLES:
        part = performance.part(role)
        face = face_of(performance, role, whole)
        files += [
            _write_text(root / "text" / role / f"{task.id}.json", part),
            _write_audio(root / "audio" / role / f"{task.id}.{'flac' if whole else 'ogg'}", part.audio),
            _write_vector(root / "vector" / role / f"{task.id}.{'npy' if whole else 'npz'}", face),
        ]
        if whole and task.video:
            files.append(_write_video(root / "video" / role / f"{task.id}.mp4", face, part.person, performance))
        if task.context and role == "listener":
            files.append(write_known(root, task.id, _known(task, face, part.person)))
    return {
        "id": task.id,
        "slug": performance.slug,
        "topic": performance.topic,
        "mood": performance.mood,
        "fps": str(performance.fps),
        "sample_rate": SAMPLE_RATE,
        "frames": performance.frames,
        "duration": performance.duration,
        "persons": {role: performance.part(role).person for role in ROLES},
        "sha256": {f.relative_to(root).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files},
    }


def face_of(performance: Performance, role: Role, whole: bool) -> NDArray[np.float32]:
    """The animated coefficients ``(frames, 64)`` of one person, rounded by :func:`compact` unless ``whole``."""
    seed = draw(performance.slug, "face") % 2**32
    face = animate(performance, role, performance.fps, seed)
    return face if whole else compact(face)


def compact(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round blendshapes to 1/256, rotations to 1/2048 and positions to 1/32 cm: all exact in float16."""
    rounded = face.copy()
    for columns, steps in ((EXPRESSION, 256), (list(ROTATION_COLUMNS), 2048), (list(TRANSLATION_COLUMNS), 32)):
        rounded[:, columns] = np.round(face[:, columns] * steps) / steps
    return rounded


def _known(task: Task, face: NDArray[np.float32], person: str) -> Known:
    """First picture, first face and the voice, saying what is in no dialogue."""
    from omnibench.media.renderer import get_renderer
    from omnibench.media.video import read_frames

    video = task.out / task.script.split / "video" / "listener" / f"{task.id}.mp4"
    drawn = read_frames(video) if video.is_file() else get_renderer().render(face[:1], person, VIDEO_SIZE)
    voices = {someone.id: someone for people in PEOPLE.values() for someone in people}
    return Known(next(iter(drawn)), speak(VOICE_SAMPLE, voices[person], "neutral", task.cache).audio, face[0])


def _tasks(folder: Path, split: str, out: Path, cache: Path, video: bool, secret: Secret | None) -> list[Task]:
    scripts = read_scripts(folder, (split,))
    if secret is not None:
        hidden = sorted(map(secret.applied, scripts), key=lambda script: script.slug)
        return [Task(script.slug[:12], script, out, cache, video, context=True) for script in hidden]
    first = FIRST_ID[split]
    return [Task(f"{NAME}-{first + i:04d}", script, out, cache, video) for i, script in enumerate(scripts)]


def _write_text(path: Path, part: Part) -> Path:
    content = {
        "text": " ".join(word.text for word in part.words),
        "words": [{"text": word.text, "start": word.start, "end": word.end} for word in part.words],
        "turns": [
            {"start": turn.start, "end": turn.end, "mood": turn.mood, "kind": turn.kind, "text": turn.text}
            for turn in part.turns
        ],
    }
    write_text(path, json.dumps(content, ensure_ascii=False) + "\n")
    return path


def _write_audio(path: Path, audio: NDArray[np.int16]) -> Path:
    import soundfile

    with atomic_path(path) as temporary:
        if path.suffix == ".flac":
            soundfile.write(temporary, audio, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        else:
            soundfile.write(
                temporary, audio, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=OPUS_COMPRESSION
            )
    return path


def _write_vector(path: Path, face: NDArray[np.float32]) -> Path:
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        if path.suffix == ".npy":
            np.save(handle, face)
        else:
            # Column after column, each coefficient's slow curve lies together and deflates to half.
            np.savez_compressed(handle, face=np.asfortranarray(face.astype(np.float16)))
    return path


def _write_video(path: Path, face: NDArray[np.float32], person: str, performance: Performance) -> Path:
    from omnibench.media.renderer import get_renderer
    from omnibench.media.video import VideoWriter

    with VideoWriter(path, performance.fps, (VIDEO_SIZE, VIDEO_SIZE), crf=VIDEO_CRF) as video:
        for image in get_renderer().render(face, person, VIDEO_SIZE):
            video.write(image)
    return path


def _sweep(split: Path, wanted: set[str]) -> None:
    """Remove dialogues of an earlier build that the manifest no longer names."""
    for path in split.glob(f"*/*/{NAME}-*"):
        if path.relative_to(split).as_posix() not in wanted:
            path.unlink()
