"""The animator: a performed dialogue to one person's 64 face coefficients, frame by frame.

Layers, each in its own module: lips (:mod:`visemes`), moods (:mod:`moods`), head (:mod:`motion`), eyes (:mod:`eyes`),
all reacting to the same cues (:mod:`cues`) in a person's own style (:mod:`style`). Every layer draws from its own
random stream, so that a change in one leaves the others as they were.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of, pack
from omnibench.media.mesh.camera import NEUTRAL_T
from omnibench.studio.cues import Clause, clauses, loudness, loudness_of, stresses
from omnibench.studio.curves import Curve, bump, plateau, slow_noise
from omnibench.studio.eyes import blink_times, gaze, glances, lid_curve, look_coefficients
from omnibench.studio.moods import expression_of, mood_levels, sides
from omnibench.studio.motion import head_motion, head_positions, rotation_matrices
from omnibench.studio.performance import Part, Performance
from omnibench.studio.script import MOODS, Role
from omnibench.studio.style import Style, style_of
from omnibench.studio.visemes import RATE, lip_coefficients

Floats = NDArray[np.float64]

_MOOD, _HEAD, _GAZE, _BLINK, _BROW, _MOUTH = range(6)
_ROUND_HIDES_MOOD: Final = 1.4
_RESTING_LIPS: Final = 0.04
_GRAVE: Final = ("sad", "worried", "serious")


def animate(performance: Performance, role: Role, fps: Fraction, seed: int) -> NDArray[np.float32]:
    """The face of one person in one dialogue.

    Args:
        performance: who says what when, with the planned power or, without that, the sound.
        role: whose face.
        fps: frames a second of the result; frame ``i`` shows the middle of ``[i / fps, (i + 1) / fps)``.
        seed: the same seed gives the same face; the two people of a dialogue differ by role.

    Returns:
        ``(round(duration * fps), 64)`` float32, see :mod:`omnibench.media.face`; ``_neutral`` is 0, the rest of the
        expression in 0..1, rotations have scale 1.
    """
    frames = round(performance.duration * fps)
    rate = float(fps)
    t = (np.arange(frames, dtype=np.float64) + 0.5) / rate
    part = performance.part(role)
    other = performance.part("listener" if role == "speaker" else "speaker")
    style = style_of(part.person)
    streams = [np.random.default_rng([seed, role == "listener", layer]) for layer in range(6)]

    loud = loudness(part.audio, RATE) if part.power is None else loudness_of(part.power, RATE)
    said, heard = clauses(part), clauses(other)
    stressed = stresses(part, loud, RATE)
    levels = mood_levels(performance, role, t)
    lips = lip_coefficients(part.phones, loud, frames, rate, style.articulation)
    angles, shift = head_motion(part, heard, said, stressed, levels, t, style, streams[_HEAD])
    glanced = glances(part, performance.duration, style, streams[_GAZE])
    looks = look_coefficients(gaze(glanced, t), angles)

    face = expression_of(levels, t, style, streams[_MOOD])
    face += _brows(part, said, heard, stressed, t, style, streams[_BROW])
    face += _quiet_mouth(part, heard, levels, t, streams[_MOUTH])
    face = _with_speech(face / (1.0 + face**4) ** 0.25, lips, _talking(part, t))
    face += looks
    blinked = blink_times(part, said, glanced, performance.duration, style, streams[_BLINK])
    _set_lids(face, looks, lid_curve(blinked, t, rate, streams[_BLINK]), style)
    face[:, sides("browDown")] += style.frown
    face[:, index_of("_neutral")] = 0.0

    rotations = rotation_matrices(angles)
    position = head_positions(rotations, shift, NEUTRAL_T)
    return pack(*(x.astype(np.float32) for x in (np.clip(face, 0.0, 1.0), rotations, position)))


def _brows(
    part: Part,
    said: tuple[Clause, ...],
    heard: tuple[Clause, ...],
    stressed: tuple[tuple[float, float], ...],
    t: Curve,
    style: Style,
    rng: np.random.Generator,
) -> Floats:
    """Brow raises on stressed words, with one's own questions and backchannels, and at questions one hears."""
    raised = np.zeros_like(t)
    for time, strength in stressed:
        if rng.random() < 0.6:
            raised += rng.uniform(0.18, 0.36) * strength * bump(t, time, 0.16, 0.34)
    for clause in said:
        if clause.is_question:
            raised += rng.uniform(0.28, 0.45) * plateau(t, clause.end - 0.5, clause.end + 0.35, 0.35, 0.5)
    for turn in part.turns:
        if turn.kind != "turn":
            raised += rng.uniform(0.15, 0.40) * bump(t, turn.start + 0.1, 0.2, 0.45)
    for clause in heard:
        if clause.is_question:
            raised += rng.uniform(0.10, 0.28) * bump(t, clause.end + 0.05, 0.25, 0.6)
    raised = style.brow * np.clip(raised + 0.05 * np.clip(slow_noise(t, rng), 0.0, 2.0), 0.0, 0.7)
    face = np.zeros((len(t), 52))
    face[:, index_of("browInnerUp")] = 0.75 * raised
    face[:, sides("browOuterUp")] = raised[:, None]
    return face


def _talking(part: Part, t: Curve) -> Curve:
    """1 while the person says something, eased over a quarter of a second."""
    talks = np.zeros_like(t)
    for turn in part.spoken:
        talks = np.maximum(talks, plateau(t, turn.start - 0.05, turn.end + 0.05, 0.25, 0.25))
    return talks


def _quiet_mouth(part: Part, heard: tuple[Clause, ...], levels: Floats, t: Curve, rng: np.random.Generator) -> Floats:
    """What the mouth does between words: a polite smile, pressed lips, a breath before a turn."""
    face = np.zeros((len(t), 52))
    quiet = 1.0 - _talking(part, t)
    light = 1.0 - np.clip(levels[:, [MOODS.index(m) for m in _GRAVE]].sum(axis=1), 0.0, 1.0)

    smile = 0.05 * np.clip(slow_noise(t, rng, 0.08, 0.5), 0.0, 2.0)
    moments = [turn.start + 0.15 for turn in part.turns if turn.kind == "backchannel"]
    moments += [turn.end + 0.2 for turn in part.turns if turn.kind == "turn"]
    moments += [clause.end + 0.1 for clause in heard if clause.ends_sentence]
    for moment in moments:
        chance, size = rng.random(), rng.uniform(0.14, 0.34)
        if chance < 0.5:
            smile += size * plateau(t, moment, moment + 0.4, 0.35, 0.7)
    face[:, sides("mouthSmile")] += (light * np.minimum(smile, 0.4))[:, None]
    face[:, sides("cheekSquint")] += (0.5 * light * np.minimum(smile, 0.4))[:, None]

    for name, size in (("mouthPress", 0.07), ("mouthShrugLower", 0.06)):
        face[:, sides(name)] += (quiet * size * np.clip(slow_noise(t, rng, 0.1, 0.7), 0.0, 2.0))[:, None]
    time = rng.uniform(1.0, 6.0)
    while time < t[-1]:
        pressed = quiet * rng.uniform(0.2, 0.4) * plateau(t, time, time + 0.35, 0.25, 0.35)
        for name in ("mouthPress", "mouthRollLower", "mouthRollUpper"):
            face[:, sides(name)] += pressed[:, None]
        time += rng.uniform(4.0, 9.0)
    for turn in part.turns:
        if turn.kind == "turn":
            face[:, index_of("jawOpen")] += 0.05 * bump(t, turn.start - 0.22, 0.16, 0.14)
    return face


def _with_speech(face: Floats, lips: Floats, talking: Curve) -> Floats:
    """Mood under speech: rounding pulls the corners in, shut lips stay shut, an open mouth does not press."""
    rounding = np.clip(lips[:, index_of("mouthPucker")] + 0.7 * lips[:, index_of("mouthFunnel")], 0.0, 1.0)
    shut = np.clip(2.5 * lips[:, sides("mouthPress")].mean(axis=1), 0.0, 1.0)
    openness = np.clip(5.0 * lips[:, index_of("jawOpen")], 0.0, 1.0)
    mixed = face.copy()
    for name in ("mouthSmile", "mouthStretch", "mouthDimple", "mouthFrown"):
        mixed[:, sides(name)] *= (1.0 - np.minimum(_ROUND_HIDES_MOOD * rounding, 0.9))[:, None]
    for name in ("mouthUpperUp", "jawOpen", "mouthFunnel"):
        mixed[:, sides(name)] *= (1.0 - shut)[:, None]
    for name in ("mouthPress", "mouthRollLower", "mouthRollUpper", "mouthShrugLower"):
        mixed[:, sides(name)] *= (1.0 - openness)[:, None]
    jaw = index_of("jawOpen")
    dropped = np.maximum((1.0 - 0.8 * talking) * mixed[:, jaw], lips[:, jaw])
    mixed += lips * (1.0 - mixed)
    mixed[:, jaw] = dropped
    mixed[:, index_of("mouthClose")] = _RESTING_LIPS * (1.0 - np.clip(5.0 * dropped, 0.0, 1.0))
    return mixed


def _set_lids(face: Floats, looks: Floats, blink: Curve, style: Style) -> None:
    """Lids close over everything else: a shut eye is neither wide nor squinting; lids follow a look down."""
    awake = (1.0 - blink)[:, None]
    blinks, squints, wides = sides("eyeBlink"), sides("eyeSquint"), sides("eyeWide")
    follow = 0.18 * looks[:, sides("eyeLookDown")]
    face[:, blinks] = np.maximum(face[:, blinks] + follow, blink[:, None])
    face[:, squints] = (face[:, squints] + style.squint) * (0.4 + 0.6 * awake)
    face[:, wides] *= awake
