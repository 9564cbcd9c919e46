"""What a person looks like, as data; ``people.py`` holds the table, ``person.py`` builds the geometry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from omnibench.media.mesh.setting import USUAL, Setting

Colour = tuple[float, float, float]
Gender = Literal["female", "male"]


@dataclass(frozen=True)
class Appearance:
    """A person's looks. Colours are display RGB in 0..1.

    Attributes:
        name: the identity string.  gender: for matching voices.
        age: 0 a young adult, 1 old.
        race: weights of the source's three face types (african, asian, caucasian), summing to 1.
        build: weights of max weight, min weight and max muscle; the rest is average.
        shape: weight per local identity target.
        skin, hair, iris, top, backdrop: colours.  hair_style: a key of ``hairstyles.STYLES``.
        beard: 0 clean-shaven to 1 full.  brow: thickness of the brows, 1 average.
        neckline: "crew", "v", "scoop", "high" or "wrapped" (the neck is covered).
        lip: how far the lips are redder than the skin, 0..1.
        wrinkles, freckles: 0 none to 1 many.  whiskers: how far a beard stands off, cm.
        cut: "full", "goatee" or "moustache", where a beard is let grow.
        glasses: a key of ``glasses.FRAMES`` or "".  frame: its colour.
        earrings: "stud", "hoop" or "".  metal: their colour.
        covering: a key of ``hairstyles.COVERINGS`` or "".  fabric: its colour.
        setting: where the person sits: camera, light and what is behind.
    """

    name: str
    age: float
    race: tuple[float, float, float]
    skin: Colour
    hair_style: str
    hair: Colour
    iris: Colour
    top: Colour
    backdrop: Colour
    gender: Gender = field(kw_only=True)
    build: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shape: dict[str, float] = field(default_factory=dict)
    beard: float = 0.0
    brow: float = 1.0
    neckline: str = "crew"
    lip: float = 0.5
    wrinkles: float = 0.0
    freckles: float = 0.0
    whiskers: float = 0.0
    cut: Literal["full", "goatee", "moustache"] = "full"
    glasses: str = ""
    frame: Colour = (0.10, 0.09, 0.09)
    earrings: Literal["", "stud", "hoop"] = ""
    metal: Colour = (0.85, 0.70, 0.38)
    covering: str = ""
    fabric: Colour = (0.30, 0.30, 0.30)
    setting: Setting = USUAL

    def targets(self) -> dict[str, float]:
        """The weight of every identity target, by its name in ``head.npz``."""
        weights: dict[str, float] = {}
        heavy, light, muscle = self.build
        builds = {
            "averagemuscle-maxweight": heavy,
            "averagemuscle-minweight": light,
            "maxmuscle-averageweight": muscle,
            "averagemuscle-averageweight": 1.0 - heavy - light - muscle,
        }
        for stage, share in (("young", 1.0 - self.age), ("old", self.age)):
            for race, weight in zip(("african", "asian", "caucasian"), self.race, strict=True):
                weights[f"{race}-{self.gender}-{stage}"] = share * weight
            for build, weight in builds.items():
                weights[f"universal-{self.gender}-{stage}-{build}"] = share * weight
        # The source's mouth hangs a little at rest; a resting face should look neutral, not sad.
        weights["mouth-angles-up"] = 0.4
        weights.update(self.shape)
        return {name: weight for name, weight in weights.items() if weight != 0.0}


def seed_of(identity: str) -> int:
    """A 64-bit seed from the identity string, the same on every machine."""
    return int.from_bytes(hashlib.sha256(identity.encode("utf-8")).digest()[:8], "little")


def generator(identity: str, purpose: str) -> np.random.Generator:
    """The random generator of one purpose for one person."""
    return np.random.default_rng(seed_of(f"{identity}/{purpose}"))
