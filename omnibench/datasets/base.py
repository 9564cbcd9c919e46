"""What a data set is to the rest of the suite."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from omnibench.datasets.about import About
from omnibench.datasets.tracks import MODALITIES
from omnibench.datasets.voice import OWN_CLIP_SECONDS, spoken
from omnibench.datasets.withheld import NOTHING_TO_COMPARE
from omnibench.files.alternative_records import AnsweredTurn
from omnibench.files.event_records import EventRecord
from omnibench.files.hashing import file_sha256
from omnibench.media.face import lost
from omnibench.types import Audio, Dialogue, Face, Image

HASHED_BY_CONTENT: Final = ("text", "vector")
_FACE_BLOCK: Final = 1024


class DataSet(ABC):
    """Dialogues by split and id, in a fixed order; media are read when a track is asked.

    A data set of one's own says which splits and ids there are and makes a dialogue; what else a run wants of it is
    taken from there. Worker processes get it by pickling, so it holds no open file.
    """

    name: str
    version: str = ""
    root: Path | None = None
    default_protocol: str = "paper"
    location: str = ""
    """What finds it again from any working directory: a registered name, or a folder's full path."""

    @abstractmethod
    def splits(self) -> tuple[str, ...]:
        """The splits there are: train, val, test first, then others."""

    @abstractmethod
    def ids(self, split: str) -> tuple[str, ...]:
        """The dialogues of a split. Raises UsageError for a split that is not there."""

    @abstractmethod
    def dialogue(self, split: str, dialogue_id: str) -> Dialogue:
        """One dialogue with lazy tracks. Raises UsageError for an unknown id, InputError for a missing file."""

    def dialogues(self, split: str) -> Iterator[Dialogue]:
        """All dialogues of a split, one by one."""
        return (self.dialogue(split, dialogue_id) for dialogue_id in self.ids(split))

    def manifest_hash(self, split: str) -> str:
        """Hex sha256 of what the split is: equal for equal data, wherever the folder lies. Here of ids, words, and
        files: by content, audio and video by size.
        """
        digest = hashlib.sha256()
        for dialogue in self.dialogues(split):
            digest.update(f"{dialogue.id}\t{sorted(dialogue.identities.items())}\n".encode())
            for track in (dialogue.speaker, dialogue.listener):
                digest.update(f"{track.text}\n{track.words}\n".encode())
                for modality in MODALITIES:
                    path = track.file(modality)
                    if path is not None:
                        content = file_sha256(path) if modality in HASHED_BY_CONTENT else str(path.stat().st_size)
                        digest.update(f"{modality}/{path.name}\t{content}\n".encode())
        return digest.hexdigest()

    def known_hashes(self, split: str) -> tuple[str, ...]:
        """`manifest_hash`, and that of the same split as teams got it where its listeners were withheld."""
        return (self.manifest_hash(split),)

    def withholds(self, split: str) -> bool:
        """Whether the split has speakers alone, so that answers can be made to it and not scored."""
        return False

    def unscored(self, split: str) -> str:
        """Why no answer to the split can be scored here, ``""`` where it can."""
        return NOTHING_TO_COMPARE if self.withholds(split) else ""

    def event(self, split: str, dialogue_id: str) -> EventRecord | None:
        """What the dialogue asks of its listener, None where it asks nothing in particular."""
        return None

    def about(self) -> About:
        """How it was made, by whom, its licence; empty where nobody says. Raises InputError for a damaged file."""
        return About()

    def topic(self, split: str, dialogue_id: str) -> str:
        """What a dialogue is about, ``""`` where nobody says."""
        return ""

    def alternatives(self, split: str, dialogue_id: str) -> tuple[AnsweredTurn, ...]:
        """The answered turns of a dialogue with what others would have answered; none where nobody was asked."""
        return ()

    def voice_reference(self, split: str, dialogue_id: str) -> tuple[Audio, bool] | None:
        """Speech of the listener at the dialogue's rate, and whether it is of this very clip; None: no speech. Here
        the first seconds of the clip's own.
        """
        dialogue = self.dialogue(split, dialogue_id)
        if not dialogue.listener.has_audio:
            return None
        speech = spoken(dialogue.listener, dialogue.sample_rate, OWN_CLIP_SECONDS)
        return (speech, True) if len(speech) else None

    def portrait(self, split: str, dialogue_id: str) -> Image | None:
        """The listener's first picture ``(H, W, 3)`` uint8, or None where the data has none."""
        listener = self.dialogue(split, dialogue_id).listener
        return next(iter(listener.images()), None) if listener.has_video else None

    def initial_face(self, split: str, dialogue_id: str) -> Face | None:
        """The listener's first face ``(64,)`` that was not lost, or None where the data has none."""
        listener = self.dialogue(split, dialogue_id).listener
        if listener.file("vector") is None:
            return None
        for start in range(0, listener.frames, _FACE_BLOCK):
            block = listener.face(start, start + _FACE_BLOCK)
            seen = np.flatnonzero(~lost(block))
            if len(seen):
                face: Face = block[seen[0]]
                return face
        return None

    def close(self) -> None:  # noqa: B027 nothing to do, for most
        """Let go of open files."""
