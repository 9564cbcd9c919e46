"""Honest listeners that an audit must let pass, each with a habit that could look like a cheat."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from cheaters import Listener
from listeners import card

from omnibench.types import DialogueContext, SpeakerFrame


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


class Weighted(Listener):
    """Honest: reads weights that a setting names when it is built, and works with a temporary file of its own."""

    def __init__(self, weights: str) -> None:
        self.weights = np.load(weights)

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "face.npy", frame.face * self.weights)
            return np.load(Path(folder) / "face.npy")


class Chatty(Listener):
    """Honest: keeps a log in the working folder, and asks the system for its name."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        with Path("chatty.log").open("a", encoding="utf-8") as log:
            log.write(f"{frame.index} {Path('/proc/version').read_text(encoding='utf-8')[:5]}\n")
        return frame.face
