"""Moods as facial expressions: what each looks like, and how strongly a person shows it when.

A person shows the mood of what they say; while the other talks they mirror the other's mood softly and about 0.6 s late
(Hess & Fischer 2013, Emotional mimicry as social regulation), over a faint colour of the dialogue's overall mood.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import BLENDSHAPES, index_of
from omnibench.studio.curves import Curve, ease, plateau, slow_noise
from omnibench.studio.performance import Performance
from omnibench.studio.script import MOODS, Role
from omnibench.studio.style import Style

Floats = NDArray[np.float64]

EXPRESSIONS: Final[dict[str, dict[str, float]]] = {
    "neutral": {"mouthSmile": 0.06},
    "happy": {
        "mouthSmile": 0.76,
        "cheekSquint": 0.45,
        "eyeSquint": 0.36,
        "mouthDimple": 0.15,
        "mouthUpperUp": 0.12,
        "browOuterUp": 0.15,
        "browInnerUp": 0.08,
    },
    "amused": {
        "mouthSmile": 0.95,
        "cheekSquint": 0.65,
        "eyeSquint": 0.55,
        "mouthDimple": 0.20,
        "mouthUpperUp": 0.20,
        "browOuterUp": 0.28,
        "jawOpen": 0.05,
    },
    "sad": {
        "mouthFrown": 0.28,
        "mouthStretch": 0.12,
        "browInnerUp": 0.95,
        "mouthShrugLower": 0.36,
        "mouthPress": 0.10,
        "eyeBlink": 0.16,
        "eyeSquint": 0.12,
    },
    "worried": {
        "browInnerUp": 0.85,
        "browDown": 0.32,
        "mouthFrown": 0.16,
        "mouthStretch": 0.34,
        "mouthPress": 0.18,
        "eyeWide": 0.18,
    },
    "surprised": {
        "browInnerUp": 0.85,
        "browOuterUp": 0.95,
        "eyeWide": 0.80,
        "jawOpen": 0.22,
        "mouthFunnel": 0.14,
    },
    "serious": {"browDown": 0.72, "eyeSquint": 0.34, "mouthPress": 0.24, "mouthFrown": 0.10, "noseSneer": 0.12},
}
"""Coefficients at full strength; a name without Left or Right stands for both sides."""

MIRRORED: Final[dict[str, tuple[str, float]]] = {
    "neutral": ("neutral", 0.4),
    "happy": ("happy", 0.60),
    "amused": ("amused", 0.60),
    "sad": ("sad", 0.60),
    "worried": ("worried", 0.55),
    "surprised": ("surprised", 0.30),
    "serious": ("serious", 0.50),
}
"""The mood that a partner's mood calls up, and its share."""

_OVERALL: Final = 0.22
_ONSET: Final = 0.5
_EARLY: Final = 0.25
_HOLD: Final = 0.7
_MIRROR_DELAY: Final = 0.6
_SPARK: Final = 1.2


def mood_levels(performance: Performance, role: Role, t: Curve) -> Floats:
    """How strongly each of ``MOODS`` shows at times ``t`` seconds: ``(len(t), 7)``, each row sums to at most 1.

    Changes take half a second. Surprise flares up and falls to half of itself within about a second.
    """
    own = np.zeros((len(t), len(MOODS)))
    mirrored = np.zeros_like(own)
    for turn in performance.part(role).turns:
        shown = plateau(t, turn.start - _EARLY + _ONSET, turn.end + _HOLD, _ONSET, _ONSET)
        if turn.mood == "surprised":
            shown = shown * (1.0 - 0.5 * ease(t, turn.start + 0.6, _SPARK))
        _raise(own, turn.mood, shown)
    for turn in performance.part("listener" if role == "speaker" else "speaker").turns:
        mood, share = MIRRORED[turn.mood]
        shown = plateau(t, turn.start + _MIRROR_DELAY + _ONSET, turn.end + _MIRROR_DELAY, _ONSET, _ONSET)
        _raise(mirrored, mood, share * shown)
    busy = np.clip(own.sum(axis=1, keepdims=True), 0.0, 1.0)
    levels = own + (1.0 - busy) * mirrored
    levels[:, MOODS.index(performance.mood)] += _OVERALL * (1.0 - np.clip(levels.sum(axis=1), 0.0, 1.0))
    return np.asarray(levels / np.maximum(levels.sum(axis=1, keepdims=True), 1.0))


def _raise(levels: Floats, mood: str, shown: Curve) -> None:
    column = levels[:, MOODS.index(mood)]
    np.maximum(column, shown, out=column)


def expression_of(levels: Floats, t: Curve, style: Style, rng: np.random.Generator) -> Floats:
    """The ``(T, 52)`` expression of mood levels ``(T, 7)``: scaled to the person, alive, a little crooked."""
    table = np.stack([_row(mood) for mood in MOODS])
    life = np.clip(1.0 + 0.12 * slow_noise(t, rng, 0.1, 0.8), 0.75, 1.25)
    shown = style.expressive * life[:, None] * (levels @ table)
    for name in ("mouthSmile", "mouthFrown", "mouthDimple", "cheekSquint"):
        shown[:, index_of(f"{name}Left")] *= 1.0 + style.skew
        shown[:, index_of(f"{name}Right")] *= 1.0 - style.skew
    return np.asarray(shown)


def _row(mood: str) -> Floats:
    row = np.zeros(52)
    for name, value in EXPRESSIONS[mood].items():
        row[sides(name)] = value
    return row


def sides(name: str) -> list[int]:
    """Columns of a coefficient: its own, or those of its left and right half."""
    names = (name,) if name in BLENDSHAPES else (f"{name}Left", f"{name}Right")
    return [index_of(n) for n in names]
