"""How one person moves: factors that stay the same in all their dialogues, drawn from their name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omnibench.studio.people import draw


@dataclass(frozen=True, slots=True)
class Style:
    """Factors have mean 1 over people.

    Attributes:
        expressive: size of moods.  articulation: size of lip movements.  head: size of head movements.
        brow: size of brow movements.
        nods: share of chances to nod that are taken, 0..1.  blink_every: median seconds between blinks.
        averts: probability of looking away while planning a turn.  side: -1 or 1, the side this person prefers.
        skew: left-right imbalance of the mouth, -0.15..0.15, positive is stronger on the person's left.
        squint: resting ``eyeSquint``.  frown: resting ``browDown``.  tilt: resting roll in degrees.
    """

    expressive: float
    articulation: float
    head: float
    brow: float
    nods: float
    blink_every: float
    averts: float
    side: float
    skew: float
    squint: float
    frown: float
    tilt: float


def style_of(person: str) -> Style:
    """The style of a person id; the same id always gives the same style."""
    rng = np.random.default_rng(draw(person, "style"))
    return Style(
        expressive=rng.uniform(0.88, 1.15),
        articulation=rng.uniform(0.92, 1.12),
        head=rng.uniform(0.85, 1.2),
        brow=rng.uniform(0.8, 1.2),
        nods=rng.uniform(0.55, 0.95),
        blink_every=rng.uniform(2.6, 3.8),
        averts=rng.uniform(0.5, 0.9),
        side=float(rng.choice([-1.0, 1.0])),
        skew=rng.uniform(-0.15, 0.15),
        squint=rng.uniform(0.02, 0.10),
        frown=rng.uniform(0.0, 0.08),
        tilt=rng.uniform(-2.0, 2.0),
    )
