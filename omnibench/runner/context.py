"""What a listener is told before the first frame, and the opaque names under which dialogues reach models."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from omnibench.types import Dialogue, DialogueContext

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


def opaque_id(dialogue: str, seed: int) -> str:
    """A name that says nothing about the recording: 16 hex digits of sha256 over seed and id."""
    return hashlib.sha256(f"omnibench/{seed}/{dialogue}".encode()).hexdigest()[:16]


def make_context(dataset: DataSet, split: str, dialogue: Dialogue, seed: int) -> DialogueContext:
    """The context of one dialogue: no path, no id of the data set, nothing of the listener but portrait, voice and
    first face.
    """
    reference = dataset.voice_reference(split, dialogue.id)
    return DialogueContext(
        dialogue=opaque_id(dialogue.id, seed),
        fps=dialogue.fps,
        sample_rate=dialogue.sample_rate,
        seed=seed,
        portrait=dataset.portrait(split, dialogue.id),
        voice_reference=None if reference is None else np.array(reference[0], np.float32),
        voice_reference_is_own_clip=reference is not None and reference[1],
        initial_face=dataset.initial_face(split, dialogue.id),
        identity=dialogue.identities.get("listener", ""),
    )
