"""The files of one performed dialogue in ResponseNet layout, whole or compact.

Whole: FLAC, float32 ``.npy`` vectors, MP4. Compact, to be small in a repository: Ogg Opus at about 24 kbit/s of speech,
vectors rounded to what float16 holds exactly, no video (it can be drawn from the vectors at any time).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.files.atomic import atomic_path, write_text
from omnibench.files.hashing import file_sha256
from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, TRANSLATION_COLUMNS
from omnibench.studio.faces import animate
from omnibench.studio.people import draw
from omnibench.studio.performance import SAMPLE_RATE, Part, Performance
from omnibench.studio.script import ROLES, Role

# libsndfile's scale for Opus: 0.95 is 24 kbit/s where somebody speaks, next to nothing where nobody does.
OPUS_COMPRESSION: Final = 0.95
VIDEO_SIZE: Final = 256
VIDEO_CRF: Final = 26


def write_part(
    root: Path, name: str, performance: Performance, role: Role, face: NDArray[np.float32], whole: bool
) -> list[Path]:
    """Write one person's text, sound and face below ``<root>/<modality>/<role>``; returns the files."""
    part = performance.part(role)
    return [
        write_words(root / "text" / role / f"{name}.json", part),
        write_audio(root / "audio" / role / f"{name}.{'flac' if whole else 'ogg'}", part.audio),
        write_vector(root / "vector" / role / f"{name}.{'npy' if whole else 'npz'}", face),
    ]


def entry_of(name: str, performance: Performance, root: Path, files: Iterable[Path]) -> dict[str, Any]:
    """What a manifest says of a dialogue, with every file's sha256 by ``modality/role/name``."""
    return {
        "id": name,
        "slug": performance.slug,
        "topic": performance.topic,
        "mood": performance.mood,
        "fps": str(performance.fps),
        "sample_rate": SAMPLE_RATE,
        "frames": performance.frames,
        "duration": performance.duration,
        "persons": {role: performance.part(role).person for role in ROLES},
        "sha256": hashes_of(root, files),
    }


def hashes_of(root: Path, files: Iterable[Path]) -> dict[str, str]:
    """Hex sha256 of each file by its path below ``root``, as a manifest freezes them."""
    return {file.relative_to(root).as_posix(): file_sha256(file) for file in files}


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


def write_words(path: Path, part: Part) -> Path:
    """Write one person's words and turns as ResponseNet's text files have them, with the turns beside."""
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


def write_audio(path: Path, audio: NDArray[np.int16]) -> Path:
    """Write mono sound at 16 kHz, as FLAC or as Ogg Opus by the suffix."""
    import soundfile

    with atomic_path(path) as temporary:
        if path.suffix == ".flac":
            soundfile.write(temporary, audio, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        else:
            soundfile.write(
                temporary, audio, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=OPUS_COMPRESSION
            )
    return path


def write_vector(path: Path, face: NDArray[np.float32]) -> Path:
    """Write ``(frames, 64)`` coefficients, as float32 ``.npy`` or, compact ones, as float16 ``.npz`` by the suffix."""
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        if path.suffix == ".npy":
            np.save(handle, face)
        else:
            # Column after column, each coefficient's slow curve lies together and deflates to half.
            np.savez_compressed(handle, face=np.asfortranarray(face.astype(np.float16)))
    return path


def write_video(path: Path, face: NDArray[np.float32], person: str, performance: Performance) -> Path:
    """Draw one person and write them as H.264."""
    from omnibench.media.renderer import get_renderer
    from omnibench.media.video import VideoWriter

    with VideoWriter(path, performance.fps, (VIDEO_SIZE, VIDEO_SIZE), crf=VIDEO_CRF) as video:
        for image in get_renderer().render(face, person, VIDEO_SIZE):
            video.write(image)
    return path
