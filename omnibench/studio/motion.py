"""The head: posture, idle sway, breath, nods, beats on stressed words, shakes and tilts.

Angles in degrees in MediaPipe's camera space: ``pitch`` > 0 looks down, ``yaw`` > 0 turns to the person's own left
(right in the picture), ``roll`` > 0 tips the crown to the person's own right (anticlockwise in the picture).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.studio.cues import Clause, agrees, denies, words_in
from omnibench.studio.curves import Curve, bump, ease, plateau, slow_noise, swing
from omnibench.studio.performance import Part
from omnibench.studio.script import MOODS
from omnibench.studio.style import Style

Floats = NDArray[np.float64]

PITCH, YAW, ROLL = range(3)
NECK: Final = (0.0, -7.0, -7.0)
"""The joint that the head turns about, in the head's own frame, in centimetres."""

_MOOD_PITCH: Final = {"sad": 5.0, "worried": 2.0, "surprised": -3.5, "amused": -1.5, "happy": -1.0, "serious": 1.0}
_MOOD_LEAN: Final = {"surprised": -1.2, "serious": 0.8, "worried": 0.6, "sad": -0.5, "amused": -0.4}
_NOD_HZ: Final = 2.1
_NOD_SPACING: Final = 1.3
# A nod that answers instead of a word is as large as a large one with a word, whoever nods.
_NOD_SIZE: Final = 8.0
_NOD_CYCLES: Final = 2.0


def head_motion(
    part: Part,
    heard: tuple[Clause, ...],
    said: tuple[Clause, ...],
    stressed: tuple[tuple[float, float], ...],
    levels: Floats,
    t: Curve,
    style: Style,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Angles ``(T, 3)`` (pitch, yaw, roll in degrees) and shift ``(T, 3)`` (cm) of the neck joint.

    Args:
        part: the person's own side.
        heard: the other's clauses.  said: the person's own.
        stressed: (time, strength) of the person's own stressed words.
        levels: ``(T, 7)`` mood levels.
        t: frame times in seconds.
        style: the person's.
        rng: drawn from in a fixed order.
    """
    angles, shift = _posture(part, t, style, rng)
    for column, size in zip(range(3), (1.5, 1.7, 1.0), strict=True):
        angles[:, column] += style.head * size * slow_noise(t, rng)
    angles[:, PITCH] += _nods(part, heard, t, style, rng)
    angles += _speech_gestures(part, said, stressed, t, style, rng)
    for i, mood in enumerate(MOODS):
        angles[:, PITCH] += _MOOD_PITCH.get(mood, 0.0) * levels[:, i]
        shift[:, 2] += _MOOD_LEAN.get(mood, 0.0) * levels[:, i]
    angles[:, ROLL] += style.tilt
    return angles, shift


def _posture(part: Part, t: Curve, style: Style, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Where the body sits: a new pose every few seconds, sway, breath, and a small lean into one's own turns."""
    angles = np.zeros((len(t), 3))
    shift = np.stack(
        [0.45 * slow_noise(t, rng, 0.04, 0.4), 0.12 * slow_noise(t, rng), 0.5 * slow_noise(t, rng, 0.04, 0.4)], 1
    )
    breath = rng.uniform(0.22, 0.30)
    shift[:, 1] += 0.10 * np.sin(2 * np.pi * (breath * t + rng.random()))
    pose = _pose(rng)
    angles += pose[:3]
    shift[:, 0] += pose[3]
    time = rng.uniform(1.5, 4.0)
    while time < t[-1]:
        new = _pose(rng)
        step = ease(t, time, rng.uniform(0.7, 1.2))[:, None]
        angles += step * (new[:3] - pose[:3])
        shift[:, :1] += step * (new[3] - pose[3])
        pose = new
        time += rng.uniform(2.5, 5.5)
    for turn in part.turns:
        if turn.kind == "turn":
            shift[:, 2] += 0.6 * plateau(t, turn.start, turn.end - 0.3, 0.6, 0.8)
    return np.asarray(angles * style.head), shift


def _pose(rng: np.random.Generator) -> Floats:
    """Pitch, yaw, roll (degrees) and sideways shift (cm) of a resting pose."""
    return np.asarray(rng.normal(0.0, 1.0, 4) * np.array([2.4, 3.2, 1.8, 0.4]))


def _nods(part: Part, heard: tuple[Clause, ...], t: Curve, style: Style, rng: np.random.Generator) -> Curve:
    """Nods that are an answer of their own, nods with one's own backchannels and yeses, and at the ends of what one
    hears."""
    pitch = np.zeros_like(t)
    last = -10.0
    events: list[tuple[float, float, float]] = []
    for turn in part.turns:
        if turn.kind == "nod":
            pitch += _NOD_SIZE * swing(t, turn.start, _NOD_CYCLES, _NOD_CYCLES / (turn.end - turn.start))
        elif turn.kind == "backchannel":
            events.append((turn.start - 0.12, rng.uniform(5.0, 7.0), float(rng.choice([1.5, 2.0, 2.5]))))
        elif agrees(words_in(part, turn)):
            events.append((turn.start - 0.05, rng.uniform(4.5, 6.5), 2.0))
    for clause in heard:
        chance, size, delay, cycles = (
            rng.random(),
            rng.uniform(2.8, 5.0),
            rng.uniform(-0.05, 0.3),
            rng.choice([1.0, 1.5, 2.0]),
        )
        wish = style.nods * (0.75 if clause.ends_sentence and not clause.is_question else 0.35)
        if clause.turn.kind == "turn" and chance < wish and not _talks(part, clause.end + delay, 0.6):
            events.append((clause.end + delay, size, float(cycles)))
    meant = [turn.start for turn in part.turns if turn.kind == "nod"]
    for start, size, cycles in sorted(events):
        if start - last > _NOD_SPACING and not any(abs(start - nod) < _NOD_SPACING for nod in meant):
            pitch += style.head * size * swing(t, start, cycles, _NOD_HZ * rng.uniform(0.85, 1.1))
            last = start
    return pitch


def _talks(part: Part, time: float, margin: float) -> bool:
    return any(turn.start - margin < time < turn.end + 0.2 for turn in part.spoken)


def _speech_gestures(
    part: Part,
    said: tuple[Clause, ...],
    stressed: tuple[tuple[float, float], ...],
    t: Curve,
    style: Style,
    rng: np.random.Generator,
) -> Floats:
    """Beats on stressed words, a shake with a no, a tilt with a question, more sway while talking."""
    angles = np.zeros((len(t), 3))
    for time, strength in stressed:
        beat = bump(t, time, 0.16, 0.30) - 0.35 * bump(t, time - 0.26, 0.16, 0.16)
        angles[:, PITCH] += rng.uniform(2.2, 4.2) * strength * beat
        angles[:, YAW] += rng.normal(0.0, 1.2) * strength * bump(t, time, 0.25, 0.45)
    for turn in part.turns:
        if turn.kind == "turn" and denies(words_in(part, turn)):
            angles[:, YAW] += rng.uniform(4.0, 6.0) * style.side * swing(t, turn.start - 0.05, 2.5, 2.1)
    for clause in said:
        if clause.is_question:
            size = rng.uniform(3.0, 5.5) * style.side * rng.choice([1.0, 1.0, -1.0])
            angles[:, ROLL] += size * plateau(t, clause.end - 0.35, clause.end + 0.5, 0.6, 0.7)
    talking = np.zeros_like(t)
    for turn in part.turns:
        if turn.kind == "turn":
            talking = np.maximum(talking, plateau(t, turn.start, turn.end, 0.3, 0.4))
    sway = np.stack([slow_noise(t, rng, 0.2, 1.4, 0.6) for _ in range(3)], axis=1)
    return np.asarray(style.head * (angles + talking[:, None] * sway * np.array([0.9, 1.4, 0.9])))


def rotation_matrices(angles: Floats) -> Floats:
    """``(T, 3, 3)`` rotations ``Ry(yaw) Rx(pitch) Rz(roll)`` of ``(T, 3)`` degrees (pitch, yaw, roll)."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(np.radians(angles)).T, np.sin(np.radians(angles)).T
    return np.stack(
        [
            np.stack([cy * cz + sy * sx * sz, -cy * sz + sy * sx * cz, sy * cx], axis=-1),
            np.stack([cx * sz, cx * cz, -sx], axis=-1),
            np.stack([-sy * cz + cy * sx * sz, sy * sz + cy * sx * cz, cy * cx], axis=-1),
        ],
        axis=-2,
    )


def head_positions(rotations: Floats, shift: Floats, neutral: tuple[float, float, float]) -> Floats:
    """``(T, 3)`` positions in cm of a head that rests at ``neutral``, turns about its neck and moves by ``shift``."""
    neck = np.array(NECK)
    return np.asarray(np.array(neutral) + shift + neck - rotations @ neck)
