"""The conditions that there are, by name: ``--condition`` of a run.

A recipe never changes: numbers that were measured under its name are compared with later ones. Another recipe has
another name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from omnibench.conditions.base import Damage, Recipe
from omnibench.conditions.breaks import Freeze, Mute
from omnibench.conditions.sight import CameraLost, FramesDropped, FramesLate
from omnibench.conditions.sound import CodecLoss, Echo, Noise, Room
from omnibench.errors import UsageError, did_you_mean
from omnibench.files.names import same
from omnibench.types import Dialogue

CLEAN: Final = "clean"
LEVELS: Final = ("low", "mid", "high")
KINDS: Final[Mapping[str, tuple[Recipe, Recipe, Recipe]]] = {
    "room": (Room(0.3, 6), Room(0.6, 0), Room(1.0, -6)),
    "noise": (Noise(20), Noise(10), Noise(0)),
    "echo": (Echo(150, -40), Echo(150, -20), Echo(150, -6)),
    "codec-loss": (CodecLoss(0.05, 2), CodecLoss(0.15, 3), CodecLoss(0.3, 4)),
    "mute": (Mute(1), Mute(2), Mute(4)),
    "freeze": (Freeze(0.25), Freeze(0.5), Freeze(1)),
    "camera-lost": (CameraLost(2.5), CameraLost(5), CameraLost(10)),
    "frames-dropped": (FramesDropped(0.1), FramesDropped(0.3), FramesDropped(0.6)),
    "frames-late": (FramesLate(100, 0.25), FramesLate(200, 0.25), FramesLate(400, 0.25)),
}


_SEEN: Final = ("face", "image")
DAMAGES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("room", "noise", "echo", "codec-loss"), ("audio",)),
    "mute": ("audio", "words"),
    "freeze": (*_SEEN, "audio", "words"),
    **dict.fromkeys(("camera-lost", "frames-dropped", "frames-late"), _SEEN),
}
"""The parts of a speaker's frame that a kind damages."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One level of a kind, under its name."""

    kind: str
    level: str
    recipe: Recipe

    def __str__(self) -> str:
        return f"{self.kind}-{self.level}"

    @property
    def damages(self) -> tuple[str, ...]:
        """The parts of a speaker's frame that become others."""
        return DAMAGES[self.kind]

    def on(self, dialogue: Dialogue) -> Damage:
        """The damage of one dialogue, from its beginning: the same for every model and every seed of a run."""
        digest = hashlib.sha256(f"omnibench/condition/{self.kind}/{same(dialogue.id)}".encode()).digest()
        return self.recipe.on(dialogue, np.random.default_rng(int.from_bytes(digest, "big")))


CONDITIONS: Final[Mapping[str, Condition]] = {
    f"{kind}-{level}": Condition(kind, level, recipe)
    for kind, recipes in KINDS.items()
    for level, recipe in zip(LEVELS, recipes, strict=True)
}


def parse_condition(text: str) -> Condition | None:
    """A condition by name, None for ``clean``; a kind alone is its middle level.

    Raises:
        UsageError: no such name.

    Example:
        >>> str(parse_condition("noise")), parse_condition("clean")
        ('noise-mid', None)
    """
    if text == CLEAN:
        return None
    name = f"{text}-mid" if text in KINDS else text
    if name not in CONDITIONS:
        raise UsageError(
            f'--condition "{text}": no such condition.{did_you_mean(text, [CLEAN, *KINDS, *CONDITIONS])} '
            f"Known: {CLEAN}, and {', '.join(KINDS)}, each with -{', -'.join(LEVELS)} behind it."
        )
    return CONDITIONS[name]
