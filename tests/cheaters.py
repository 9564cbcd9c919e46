"""Listeners that look into the future, each in its own way, for the audit to catch; and honest ones that it must let
pass.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
import soundfile
from listeners import card

from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


def harness_locals() -> dict[str, Any]:
    """The local variables of the generator that hands out the speaker's frames, found through the garbage collector."""
    generators = (o for o in gc.get_objects() if isinstance(o, GeneratorType) and o.gi_code.co_name == "speaker_frames")
    return next(dict(g.gi_frame.f_locals) for g in generators if g.gi_frame is not None)


class Listener:
    """Answers with ``self.face(frame)``; its session is itself."""

    card = card("listener", "face")

    def open(self, context: DialogueContext) -> Listener:
        self.context = context
        return self

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(face=self.face(frame).astype(np.float32))

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face

    def close(self) -> None:
        pass


class Peeker(Listener):
    """Answers frame ``i`` with frame ``i + 1`` out of the harness's read-ahead buffer."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        found = harness_locals()
        block, at = found["face"], frame.index - found["first"] + 1
        return block[min(at, len(block) - 1)]


class Normaliser(Listener):
    """Subtracts the mean over the whole clip, which it reads through the harness's own track."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face - harness_locals()["speaker"].face().mean(axis=0)


class FileFinder(Listener):
    """Looks for the data set's files and reads the human listener's answers."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def open(self, context: DialogueContext) -> FileFinder:
        self.truth = np.load(next(self.root.rglob("vector/listener/*.npy")))
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return self.truth[frame.index + 1]


class QuietFileFinder(Listener):
    """Reads the speaker's whole voice with a library written in C, which no Python audit hook sees, and hides every
    failure.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        try:
            loudness = float(np.abs(soundfile.read(self.path)[0]).mean())
        except (OSError, RuntimeError):
            loudness = 0.0
        return frame.face + np.float32(loudness)


class ThreadedFinder(FileFinder):
    """Has the files read by another thread, so that the harness may be at work when it happens."""

    def open(self, context: DialogueContext) -> ThreadedFinder:
        self.truth = np.zeros((9999, 64))
        reader = threading.Thread(target=self.read)
        reader.start()
        reader.join()
        return self

    def read(self) -> None:
        with suppress(PermissionError):
            self.truth = np.load(next(self.root.rglob("vector/listener/*.npy")))


class Early(FileFinder):
    """Reads the data while it is built, and hides the failure."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        try:
            self.names = [path.name for path in self.root.rglob("*.npy")]
        except PermissionError:
            self.names = []

    def open(self, context: DialogueContext) -> Early:
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face


class Outsourcer(Listener):
    """Asks another process."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        with suppress(PermissionError):
            subprocess.run([sys.executable, "-c", ""], check=True)
        return frame.face


class Dice(Listener):
    """Answers the same input differently each time."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face + np.float32(os.urandom(1)[0])


class Watcher(Listener):
    """Honest: looks at the picture, keeps a running mean of all it has seen."""

    card = card("watcher", "face", inputs=("face", "image"))

    def open(self, context: DialogueContext) -> Watcher:
        self.mean, self.seen = 0.0, 0
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        self.seen += 1
        self.mean += (float(frame.image.mean()) - self.mean) / self.seen
        return np.full(64, self.mean)


class Gossip(Listener):
    """Answers each dialogue of a batch with what the next one's speaker does."""

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Gossips:
        return Gossips(self.open(context) for context in contexts)


class Gossips(list[Listener]):
    """Steps all at once."""

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        after = [*frames[1:], frames[0]]
        pairs = zip(frames, after, strict=True)
        return [None if own is None else ListenerFrame(face=(other or own).face) for own, other in pairs]
