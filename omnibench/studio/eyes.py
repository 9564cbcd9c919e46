"""The eyes: blinks, saccades between the partner and elsewhere, and lids that follow.

Sources: blink intervals are log-normal with a median near 3 s (Bentivoglio et al. 1997); speakers look away as they
plan a turn and back as they hand it over (Kendon 1967); listeners look at the speaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of
from omnibench.media.mesh.eyes import GAZE_DOWN, GAZE_SIDE, GAZE_UP
from omnibench.studio.cues import Clause
from omnibench.studio.curves import Curve, ease, plateau
from omnibench.studio.performance import Part
from omnibench.studio.style import Style

Floats = NDArray[np.float64]

PARTNER: Final = (0.0, -3.0)
"""Where the partner is on the screen: degrees to the person's own left, degrees up; the camera is above the screen."""

_SACCADE: Final = 0.05
_CLOSE, _OPEN = 0.08, 0.15
_REFRACTORY: Final = 0.7
_PLANNED_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Glance:
    """From ``time`` seconds on the eyes rest on a point (degrees to the person's own left, degrees up)."""

    time: float
    side: float
    up: float


def glances(part: Part, duration: float, style: Style, rng: np.random.Generator) -> tuple[Glance, ...]:
    """Fixations over a dialogue: the partner while listening, half of the time while speaking, away while planning."""
    away = _planning(part, style, rng)
    found = [Glance(0.0, *PARTNER)]
    time = float(rng.lognormal(np.log(0.5), 0.5))
    while time < duration:
        talks = any(turn.kind == "turn" and turn.start < time < turn.end - 0.8 for turn in part.turns)
        leaves = rng.random() < (0.38 if talks else 0.12)
        side, up = rng.normal(0.0, 1.1, 2)
        if leaves:
            side, up = rng.choice([-1.0, 1.0]) * rng.uniform(6.0, 13.0), rng.uniform(-9.0, 4.0)
        if not any(start <= time < end for start, end, _, _ in away):
            found.append(Glance(time, PARTNER[0] + side, PARTNER[1] + up))
        time += float(np.clip(rng.lognormal(np.log(0.45 if leaves else 0.8), 0.5), 0.2, 2.5))
    for start, end, side, up in away:
        found += [Glance(start, side, up), Glance(end, *PARTNER)]
    return tuple(sorted(found, key=lambda glance: glance.time))


def _planning(part: Part, style: Style, rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """(start, end, side, up) of looks away around the start of one's longer turns."""
    found = []
    for turn in part.turns:
        wants, lead, stay = rng.random() < style.averts, rng.uniform(0.25, 0.5), rng.uniform(0.3, 0.7)
        side, up = style.side * rng.uniform(9.0, 16.0), rng.uniform(-8.0, 9.0)
        if wants and turn.kind == "turn" and len(turn.text.split()) > _PLANNED_WORDS:
            found.append((turn.start - lead, turn.start + stay, side, up))
    return found


def gaze(glanced: tuple[Glance, ...], t: Curve) -> Floats:
    """Gaze direction ``(T, 2)`` in the room: degrees to the person's own left, degrees up; saccades take 50 ms."""
    direction = np.tile(np.array([glanced[0].side, glanced[0].up]), (len(t), 1))
    for before, after in pairwise(glanced):
        step = ease(t, after.time, _SACCADE)[:, None]
        direction += step * np.array([after.side - before.side, after.up - before.up])
    return direction


def look_coefficients(direction: Floats, angles: Floats) -> Floats:
    """``(T, 52)`` with the eight eyeLook coefficients set.

    Args:
        direction: ``(T, 2)`` gaze in the room.
        angles: ``(T, 3)`` head pitch, yaw, roll; the eyes turn against the head to stay on their target.
    """
    side = 0.9 * np.radians(direction[:, 0] - angles[:, 1]) / GAZE_SIDE
    up = 0.9 * np.radians(direction[:, 1] + angles[:, 0])
    expression = np.zeros((len(side), 52))
    for name, value in (
        ("eyeLookOutLeft", side),
        ("eyeLookInRight", side),
        ("eyeLookInLeft", -side),
        ("eyeLookOutRight", -side),
        ("eyeLookUpLeft", up / GAZE_UP),
        ("eyeLookUpRight", up / GAZE_UP),
        ("eyeLookDownLeft", -up / GAZE_DOWN),
        ("eyeLookDownRight", -up / GAZE_DOWN),
    ):
        expression[:, index_of(name)] = np.clip(value, 0.0, 0.9)
    return expression


def blink_times(
    part: Part,
    said: tuple[Clause, ...],
    glanced: tuple[Glance, ...],
    duration: float,
    style: Style,
    rng: np.random.Generator,
) -> tuple[float, ...]:
    """Blinks in seconds: log-normal intervals, and more at turn ends, clause ends and large saccades."""
    wanted: list[float] = []
    time = float(rng.uniform(0.2, 1.0)) * style.blink_every
    while time < duration:
        wanted.append(time)
        time += max(_REFRACTORY, style.blink_every * float(rng.lognormal(0.0, 0.45)))
    for clause in said:
        chance, delay = rng.random(), rng.uniform(0.0, 0.2)
        if chance < (0.6 if clause.end >= clause.turn.end - 0.1 else 0.25):
            wanted.append(clause.end + delay)
    for before, after in pairwise(glanced):
        if rng.random() < 0.45 and np.hypot(after.side - before.side, after.up - before.up) > 9.0:
            wanted.append(after.time + 0.03)
    kept: list[float] = []
    for time in sorted(wanted):
        if 0.1 < time < duration - 0.1 and (not kept or time - kept[-1] > _REFRACTORY):
            kept.append(time)
    return tuple(kept)


def lid_curve(times: tuple[float, ...], t: Curve, fps: float, rng: np.random.Generator) -> Curve:
    """``eyeBlink`` of these blinks: 80 ms to close, shut for a frame, 150 ms to open, peaks of 0.86 to 0.97."""
    lids = np.zeros_like(t)
    half = 0.5 / fps
    for time in times:
        lids = np.maximum(lids, rng.uniform(0.86, 0.97) * plateau(t, time - half, time + half, _CLOSE, _OPEN))
    return lids
