"""Audio tokens and voiceprints of a data set's people, cached on disk by the sound that they stand for."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.files.checked import read_npz
from omnibench.types import Dialogue, samples_before

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec
    from omnibench.datasets.base import DataSet

Role = Literal["listener", "speaker"]
ROLES: Final[tuple[Role, Role]] = ("listener", "speaker")
REFERENCE_SECONDS: Final = 6


@dataclass(frozen=True, slots=True)
class Sound:
    """A person's audio tokens ``(n,)`` and voiceprint ``(d,)``."""

    codes: NDArray[np.int64]
    voiceprint: NDArray[np.float32]


def cached_sound(dataset: DataSet, split: str, dialogue: Dialogue, role: Role, codec: Codec, cache: Path) -> Sound:
    """A person's audio tokens and voiceprint, from ``cache`` (a folder of this codec's own) where they are there."""
    track = dialogue.listener if role == "listener" else dialogue.speaker
    audio = np.zeros(samples_before(dialogue.frames + 1, dialogue.fps, codec.sample_rate), dtype=np.float32)
    if track.has_audio:
        found = track.audio(0, len(audio))
        audio[: len(found)] = found
    # A listener's voice comes from other dialogues, as in a run; nobody runs the other role.
    reference = dataset.voice_reference(split, dialogue.id) if role == "listener" else None
    heard = loudest_stretch(audio, REFERENCE_SECONDS * codec.sample_rate) if reference is None else reference[0]
    return tokens_of(audio, heard, codec, cache)


def tokens_of(audio: NDArray[np.float32], heard: NDArray[np.float32], codec: Codec, cache: Path) -> Sound:
    """Audio tokens of ``(samples,)`` and the voiceprint of ``heard``, from the folder ``cache`` if they are there.

    Several trainings may share the folder.
    """
    heard = np.ascontiguousarray(heard, dtype=np.float32)
    path = cache / f"{hashlib.sha256(audio.tobytes() + heard.tobytes()).hexdigest()[:24]}.npz"
    with suppress(InputError, KeyError):  # not there, or cut short by a crash of the machine: it is made again
        stored = read_npz(path, "audio tokens")
        return Sound(stored["codes"], stored["voiceprint"])
    voice = codec.voiceprint(torch.from_numpy(heard))
    # Encoded relative to the clip's own voice: what is said, not how the reference differs from it.
    codes = codec.encode(torch.from_numpy(audio))
    sound = Sound(codes.numpy().astype(np.int64), voice.numpy().astype(np.float32))
    with atomic_path(path, str(os.getpid())) as temporary, temporary.open("wb") as handle:
        np.savez(handle, codes=sound.codes, voiceprint=sound.voiceprint)
    return sound


def loudest_stretch(audio: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """The ``length`` neighbouring samples with the most power; all, where there are no more."""
    if len(audio) <= length:
        return audio
    power = np.concatenate([[0.0], np.cumsum(np.square(audio, dtype=np.float64))])
    start = int(np.argmax(power[length:] - power[:-length]))
    return audio[start : start + length]
