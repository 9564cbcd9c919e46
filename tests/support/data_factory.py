"""Synthetic dialogues in ResponseNet layout, with real MP4, audio, vectors and word times, for tests of every room.

    from data_factory import write_dataset          # tests/support is on the path
    root = write_dataset(tmp_path / "data", ids=("a", "b"), fps=Fraction(30), seconds=2)

The speaker talks in the first half of a clip and the listener answers in the second; lips open with the voice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from omnibench.media.audio import write_wav
from omnibench.media.face import FACE_DIM, index_of, pack
from omnibench.media.video import VideoWriter
from omnibench.types import Word

ROLES = ("speaker", "listener")
MODALITIES = ("video", "audio", "vector", "text")
VOCABULARY = (
    "well",
    "I",
    "think",
    "the",
    "market",
    "is",
    "good",
    "and",
    "my",
    "family",
    "went",
    "home",
    "today",
    "right",
)


@dataclass(frozen=True)
class Kinds:
    """What files there are, and how they are written.

    ``persons`` (``{id: {"speaker": "p1", "listener": "p2"}}``) writes a ``manifest.json`` beside the splits; without it
    the folder is as ResponseNet comes, with none.
    """

    sample_rate: int = 16_000
    modalities: Sequence[str] = MODALITIES
    roles: Sequence[str] = ROLES
    size: int = 64
    audio_suffix: str = ".wav"
    vector_suffix: str = ".npy"
    vector_dtype: type = np.float64
    persons: Mapping[str, Mapping[str, str]] | None = None


def write_dataset(
    root: Path,
    split: str = "test",
    ids: Sequence[str] = ("dialogue_000", "dialogue_001"),
    fps: Fraction = Fraction(25),
    seconds: float = 2.0,
    seed: int = 0,
    **kinds: Any,
) -> Path:
    """Write a valid split and return ``root``; a second call with another ``split`` adds to the same folder. ``kinds``
    are fields of `Kinds`. The same arguments give the same bytes.
    """
    kind, fps = Kinds(**kinds), Fraction(fps)
    frames = max(1, round(seconds * fps))
    samples = round(frames * kind.sample_rate / fps)
    for number, dialogue in enumerate(ids):
        for role in kind.roles:
            rng = np.random.default_rng([seed, number, ROLES.index(role)])
            words = make_words(rng, role, frames / float(fps))
            parts = {modality: root / split / modality / role for modality in kind.modalities}
            for folder in parts.values():
                folder.mkdir(parents=True, exist_ok=True)
            face = make_face(rng, words, frames, fps)
            if "text" in parts:
                write_words(parts["text"] / f"{dialogue}.json", words)
            if "vector" in parts:
                write_vector(parts["vector"] / f"{dialogue}{kind.vector_suffix}", face.astype(kind.vector_dtype))
            if "audio" in parts:
                voice = make_voice(rng, words, samples, kind.sample_rate)
                write_audio(parts["audio"] / f"{dialogue}{kind.audio_suffix}", voice, kind.sample_rate)
            if "video" in parts:
                write_video(parts["video"] / f"{dialogue}.mp4", face, fps, kind.size)
    if kind.persons is not None:
        _add_to_manifest(root, split, ids, fps, kind.sample_rate, kind.persons)
    return root


def make_words(rng: np.random.Generator, role: str, duration: float) -> list[Word]:
    """Words of about 0.25 s in the role's half of the clip, in order, none past the end."""
    begin, end = (0.05 * duration, 0.45 * duration) if role == "speaker" else (0.55 * duration, 0.95 * duration)
    words: list[Word] = []
    while begin + 0.15 <= end:
        stop = min(end, begin + float(rng.uniform(0.15, 0.35)))
        words.append(Word(str(rng.choice(VOCABULARY)), round(begin, 3), round(stop, 3)))
        begin = stop + float(rng.uniform(0.0, 0.06))
    return words


def make_face(rng: np.random.Generator, words: Sequence[Word], frames: int, fps: Fraction) -> NDArray[np.float32]:
    """Smooth coefficients ``(frames, 64)``: idle motion, lips that open with the words, a head 40 cm away."""
    time = (np.arange(frames) / float(fps))[:, None]
    phase, speed = rng.uniform(0, 2 * np.pi, 52), rng.uniform(0.5, 3.0, 52)
    expression = 0.05 + 0.04 * np.sin(speed * time + phase)
    expression[:, 0] = 0.0
    expression[:, index_of("jawOpen")] += 0.5 * _speaking(words, time[:, 0]) * np.abs(np.sin(25 * time[:, 0]))
    angle = 0.1 * np.sin(1.3 * time[:, 0] + phase[0])
    rotation = np.zeros((frames, 3, 3))
    rotation[:, 0, 0] = rotation[:, 2, 2] = np.cos(angle)
    rotation[:, 0, 2], rotation[:, 2, 0], rotation[:, 1, 1] = np.sin(angle), -np.sin(angle), 1.0
    translation = np.stack([np.sin(time[:, 0]), 0.5 * np.cos(time[:, 0]), np.full(frames, -40.0)], axis=-1)
    return pack(expression.astype(np.float32), rotation.astype(np.float32), translation.astype(np.float32))


def make_voice(rng: np.random.Generator, words: Sequence[Word], samples: int, rate: int) -> NDArray[np.float32]:
    """A buzz of the person's own pitch while the words last, silence elsewhere."""
    time = np.arange(samples) / rate
    pitch = float(rng.uniform(90, 220))
    buzz = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6))
    return (0.15 * _speaking(words, time) * buzz).astype(np.float32)


def write_words(path: Path, words: Sequence[Word]) -> None:
    """ResponseNet's text file, with an extra key that readers must ignore."""
    items = [{"text": word.text, "start": word.start, "end": word.end} for word in words]
    content = {"text": " ".join(word.text for word in words), "words": items, "language": "en"}
    path.write_text(json.dumps(content), encoding="utf-8")


def write_vector(path: Path, face: NDArray[np.floating]) -> None:
    """``.npy``, or ``.npz`` with the key ``face``."""
    if path.suffix == ".npz":
        np.savez_compressed(path, face=face)
    else:
        np.save(path, face, allow_pickle=False)


def write_audio(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """16-bit WAV or FLAC, or Vorbis in OGG."""
    if path.suffix == ".wav":
        write_wav(path, samples, rate)
    else:
        soundfile.write(str(path), samples, rate)


def write_video(path: Path, face: NDArray[np.float32], fps: Fraction, size: int) -> None:
    """A shaded square per frame with a dark bar as high as the jaw is open: cheap, and every frame differs."""
    assert face.shape[1] == FACE_DIM
    ramp = np.linspace(60, 200, size).astype(np.uint8)
    with VideoWriter(path, fps, (size, size)) as writer:
        for index, coefficients in enumerate(face):
            image = np.repeat(np.roll(ramp, index)[None, :, None], size, axis=0).repeat(3, axis=2)
            bar = int(coefficients[index_of("jawOpen")] * size / 2)
            image[size // 2 : size // 2 + bar, size // 4 : 3 * size // 4] = 20
            writer.write(image)


def _speaking(words: Sequence[Word], time: NDArray[np.float64]) -> NDArray[np.float64]:
    active = np.zeros(time.shape)
    for word in words:
        active[(time >= word.start) & (time < word.end)] = 1.0
    return active


def _add_to_manifest(
    root: Path, split: str, ids: Sequence[str], fps: Fraction, rate: int, persons: Mapping[str, Mapping[str, str]]
) -> None:
    path = root / "manifest.json"
    manifest = (
        json.loads(path.read_text(encoding="utf-8"))
        if path.exists()
        else {"name": "synthetic", "version": "synthetic-1", "splits": {}}
    )
    manifest["splits"][split] = [
        {"id": dialogue, "fps": str(fps), "sample_rate": rate, "persons": dict(persons[dialogue])} for dialogue in ids
    ]
    path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
