"""Copies of dialogues on disk in which everything after a cut is another future."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from omnibench.datasets.layout import INSERTED
from omnibench.datasets.manifest import CONDITION
from omnibench.datasets.tracks import MODALITIES, Modality
from omnibench.datasets.transcript import Transcript
from omnibench.datasets.withheld import WithheldTrack
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, neutral_face
from omnibench.media.video import VideoWriter
from omnibench.types import Audio, Dialogue, Face, Image, Track, Word, samples_before

LONGEST_FACTOR = 1.5


@dataclass(frozen=True, slots=True)
class Future:
    """What replaces a dialogue after frame ``cut``: other data, up to another length. ``seed`` draws it."""

    cut: int
    frames: int
    seed: int


def draw_future(dialogue: Dialogue, cut: int, seed: int) -> Future:
    """Another future after ``cut``: it ends between two frames after the cut and half a clip later than the real
    one.
    """
    rng = np.random.default_rng([seed, cut])
    return Future(cut, int(rng.integers(cut + 3, int(dialogue.frames * LONGEST_FACTOR) + 4)), seed)


def write_copy(root: Path, split: str, dialogues: Sequence[tuple[Dialogue, Future | None]], *, images: bool) -> None:
    """Write dialogues in ResponseNet layout, each with its future replaced or, for None, as it is. What is inserted
    once the listener was heard stays as it is: when that is hangs on the past alone.

    Up to the cut a copy reads as the recording does, to the bit: audio and vectors are float32, and video is H.264 of
    RGB without loss.

    Args:
        root: the folder to make.
        split: the folder below it.
        dialogues: the recordings; both people are written, the listener's future is replaced too, unless there is
            none.
        images: whether to write video; slow, and of use to models that see.
    """
    entries, withheld = [], {}
    for dialogue, future in dialogues:
        _write_track(root / split, "speaker", dialogue, dialogue.speaker, future, images=images)
        if isinstance(dialogue.listener, WithheldTrack):
            withheld = {split: ""}
        else:
            _write_track(root / split, "listener", dialogue, dialogue.listener, future, images=images)
        entry: dict[str, object] = {"id": dialogue.id, "fps": str(dialogue.fps), "sample_rate": dialogue.sample_rate}
        if dialogue.insertion is not None:
            _write_track(root / split, INSERTED, dialogue, dialogue.insertion.speaker, None, images=images)
            entry["insertion"] = {name: getattr(dialogue.insertion, name) for name in CONDITION}
        entries.append({**entry, "persons": dialogue.identities})
    manifest = {"name": "audit", "version": "audit", "splits": {split: entries}, "withheld": withheld}
    (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _write_track(
    folder: Path, role: str, dialogue: Dialogue, track: Track, future: Future | None, *, images: bool
) -> None:
    whole = track.frames if role == INSERTED else dialogue.frames
    kept = whole if future is None else future.cut + 1
    frames = whole if future is None else future.frames
    rng = np.random.default_rng([0 if future is None else future.seed, kept, len(role)])
    paths = {part: _path(folder, part, role, dialogue.id, track) for part in MODALITIES}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    face = np.concatenate([track.face(0, kept), _other_faces(rng, track.face(0, 1)[0], frames - kept)])
    if paths["vector"].suffix == ".npz":
        np.savez(paths["vector"], face=face)
    else:
        np.save(paths["vector"], face, allow_pickle=False)
    words = _other_words(rng, track.words, dialogue, kept, frames)
    items = [{"text": word.text, "start": word.start, "end": word.end} for word in words]
    text = " ".join(word.text for word in words)
    paths["text"].write_text(json.dumps({"text": text, "words": items}), encoding="utf-8")
    if track.has_audio:
        audio = _other_audio(rng, track, dialogue, kept, frames)
        soundfile.write(str(paths["audio"]), audio, dialogue.sample_rate, subtype="FLOAT")
    if images and track.has_video:
        _write_video(rng, paths["video"], dialogue, track.images(), kept, frames)


def _path(folder: Path, part: Modality, role: str, name: str, track: Track) -> Path:
    """The file, with the suffix that the original has where a copy without loss can have it too."""
    suffixes = {"vector": (".npy", ".npz"), "text": (".json",), "audio": (".wav",), "video": (".mp4",)}[part]
    original = track.file(part)
    suffix = suffixes[0] if original is None else original.suffix
    return folder / part / role / f"{name}{suffix if suffix in suffixes else suffixes[0]}"


def _other_faces(rng: np.random.Generator, like: Face, count: int) -> Face:
    """Random expressions on a head that turns, ``(count, 64)``."""
    head = like if np.isfinite(like).all() else neutral_face()
    faces = np.repeat(head[None], count, axis=0).astype(np.float32)
    faces[:, EXPRESSION] = rng.uniform(0, 1, faces[:, EXPRESSION].shape)
    angle = rng.uniform(-0.5, 0.5, count)
    zero, one = np.zeros(count), np.ones(count)
    turned = np.stack(
        [np.cos(angle), zero, np.sin(angle), zero, one, zero, -np.sin(angle), zero, np.cos(angle)], axis=-1
    )
    faces[:, ROTATION_COLUMNS] = turned
    return faces


def _other_words(
    rng: np.random.Generator, words: Sequence[Word], dialogue: Dialogue, kept: int, frames: int
) -> list[Word]:
    """The words that have ended by the cut, then words of the same dialogue in random order, all after the cut."""
    if kept >= frames:
        return list(words)
    spoken = [word for word in words if Transcript().frame_of(word, dialogue.fps) < kept]
    border, end = float(kept / dialogue.fps), float(frames / dialogue.fps)
    vocabulary = [word.text for word in words] or ["Yes.", "No.", "Why?"]
    begin = max([border, *(word.start for word in spoken)]) + 1e-3
    while begin + 0.05 < end:
        stop = min(end, begin + float(rng.uniform(0.05, 0.4)))
        spoken.append(Word(str(rng.choice(vocabulary)), begin, stop))
        begin = stop + float(rng.uniform(0.0, 0.3))
    return spoken


def _other_audio(rng: np.random.Generator, track: Track, dialogue: Dialogue, kept: int, frames: int) -> Audio:
    """The samples up to the cut, then bursts of noise."""
    border, stop = (samples_before(i, dialogue.fps, dialogue.sample_rate) for i in (kept, frames))
    audio = np.zeros(stop, np.float32)
    known = track.audio(0, border)
    audio[: len(known)] = known
    loudness = np.repeat(rng.uniform(0, 0.3, 1 + (stop - border) // 800), 800)[: stop - border]
    audio[border:] = rng.uniform(-1, 1, stop - border) * loudness
    return audio


def _write_video(
    rng: np.random.Generator, path: Path, dialogue: Dialogue, images: Iterator[Image], kept: int, frames: int
) -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    writer: VideoWriter | None = None
    try:
        for index in range(frames):
            image = next(images, image) if index < kept else _other_image(rng, image)
            if writer is None:
                writer = VideoWriter(path, dialogue.fps, (image.shape[1], image.shape[0]), crf=None).__enter__()
            writer.write(image)
    finally:
        if writer is not None:
            writer.__exit__(None, None, None)


def _other_image(rng: np.random.Generator, like: Image) -> Image:
    """Coloured blocks of 8 pixels, which compress well enough."""
    height, width = like.shape[:2]
    blocks = rng.integers(0, 256, (-(-height // 8), -(-width // 8), 3), np.uint8)
    return blocks.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]
