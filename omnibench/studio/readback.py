"""Does a face tracker read back what the renderer drew? Random faces in, MediaPipe's landmarker out.

    python -m omnibench.studio.readback                  the table of DATA.md
    python -m omnibench.studio.readback --single         one blendshape at a time: what it raises and what else
    python -m omnibench.studio.readback --people q01,q02  a line a person; with their place's camera, light and glasses

Needs the extra ``readback`` and a model beside it (`omnibench.media.landmarker`).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MismatchError, OmnibenchError
from omnibench.media.face import BLENDSHAPES, index_of, pack, rotation, translation
from omnibench.media.landmarker import read_faces
from omnibench.media.mesh.camera import NEUTRAL_T
from omnibench.media.renderer import Renderer, get_renderer

Floats = NDArray[np.float32]

IDENTITIES: Final = ("p01", "p04", "p05", "p08", "p11", "p14", "p17", "p22")
REQUIRED: Final = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker", "eyeBlinkLeft", "eyeBlinkRight")
POSE: Final = ("yaw", "pitch", "roll", "tx", "ty", "tz")
THRESHOLD: Final = 0.7

BY_PERSON: Final[dict[str, tuple[tuple[str, ...], float]]] = {
    "jawOpen": (("jawOpen",), 0.6),
    "smile": (("mouthSmileLeft", "mouthSmileRight"), 0.4),
    "blink": (("eyeBlinkLeft", "eyeBlinkRight"), 0.8),
    "yaw": (("yaw",), 0.9),
    "pitch": (("pitch",), 0.6),
    "roll": (("roll",), 0.9),
}
"""Columns of the table by person: courses whose sum is compared, and the correlation below which a look is mended."""

FOUND: Final = 0.99
"""Share of frames in which a person's face must be found."""

RANGES: Final[dict[str, float]] = {
    "browDown": 0.8, "browInnerUp": 0.8, "browOuterUp": 0.7, "cheekPuff": 0.2, "cheekSquint": 0.4, "eyeLookDown": 0.7,
    "eyeLookUp": 0.6, "eyeSquint": 0.7, "eyeWide": 0.7, "jawOpen": 0.7, "mouthSmile": 0.9, "mouthFrown": 0.5,
    "mouthPucker": 1.0, "mouthFunnel": 0.4, "mouthPress": 0.4, "mouthRollLower": 0.4, "mouthRollUpper": 0.4,
    "mouthShrugLower": 0.4, "mouthShrugUpper": 0.3, "mouthStretch": 0.4, "mouthDimple": 0.3, "mouthUpperUp": 0.5,
    "mouthLowerDown": 0.5, "mouthLeft": 0.3, "mouthRight": 0.3, "jawLeft": 0.2, "jawRight": 0.2, "jawForward": 0.2,
    "noseSneer": 0.4, "mouthClose": 0.15,
}  # fmt: skip
"""Largest value of each blendshape (or left-right pair) in a random trajectory, as in a dialogue."""

RIVALS: Final = (
    ("browDown", "browInnerUp", "browOuterUp"), ("mouthSmile", "mouthFrown", "mouthStretch"),
    ("jawOpen", "mouthPucker", "mouthPress"), ("mouthLeft", "mouthRight"), ("jawLeft", "jawRight"),
    ("eyeLookUp", "eyeLookDown"), ("eyeWide", "eyeSquint"), ("mouthRollLower", "mouthShrugLower", "mouthLowerDown"),
    ("mouthRollUpper", "mouthShrugUpper", "mouthUpperUp"), ("mouthFunnel", "mouthPucker"),
)  # fmt: skip
"""Movements that a face does not make at the same time: each weakens the others."""


def _wave(rng: np.random.Generator, frames: int, cycle: float) -> Floats:
    """A smooth random course in 0..1, at rest two thirds of the time; ``cycle``: its typical period in frames."""
    time = np.arange(frames)
    course = sum(
        np.sin(2 * np.pi * time / (cycle * stretch) + rng.uniform(0, 2 * np.pi)) for stretch in (1.0, 1.7, 2.9)
    )
    return np.clip((course - 0.6) / 1.6, 0, 1).astype(np.float32)


def _columns(name: str) -> list[int]:
    return [i for i, full in enumerate(BLENDSHAPES) if full in (name, name + "Left", name + "Right")]


def turn(yaw: Floats, pitch: Floats, roll: Floats) -> Floats:
    """Rotation matrices (..., 3, 3) from radians: roll, then yaw, then pitch, applied to the head from the right."""
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)

    def stack(*rows: Floats) -> Floats:
        return np.stack(rows, -1).reshape(*yaw.shape, 3, 3)

    about_y = stack(np.cos(yaw), zero, np.sin(yaw), zero, one, zero, -np.sin(yaw), zero, np.cos(yaw))
    about_x = stack(one, zero, zero, zero, np.cos(pitch), -np.sin(pitch), zero, np.sin(pitch), np.cos(pitch))
    about_z = stack(np.cos(roll), -np.sin(roll), zero, np.sin(roll), np.cos(roll), zero, zero, zero, one)
    return (about_z @ about_y @ about_x).astype(np.float32)


def angles(matrices: Floats) -> Floats:
    """Yaw, pitch and roll (..., 3) in radians of rotations times a scale (..., 3, 3); inverse of ``turn``."""
    unit = matrices / np.cbrt(np.maximum(np.linalg.det(matrices), 1e-9))[..., None, None]
    return np.stack(
        [
            np.arcsin(np.clip(-unit[..., 2, 0], -1, 1)),
            np.arctan2(unit[..., 2, 1], unit[..., 2, 2]),
            np.arctan2(unit[..., 1, 0], unit[..., 0, 0]),
        ],
        -1,
    )


def trajectory(seed: int, frames: int) -> Floats:
    """Random but plausible coefficients (frames, 64): overlapping expressions, blinks, glances, a moving head."""
    rng = np.random.default_rng(seed)
    courses = {name: _wave(rng, frames, rng.uniform(14, 40)) for name in RANGES}
    for rivals in RIVALS:
        strength = np.stack([courses[name] for name in rivals])
        share = strength / np.maximum(strength.sum(0), 1.0)
        for name, row in zip(rivals, share, strict=True):
            courses[name] = row
    expression = np.zeros((frames, len(BLENDSHAPES)), np.float32)
    for name, top in RANGES.items():
        for column in _columns(name):
            expression[:, column] = top * courses[name] * rng.uniform(0.7, 1.0)
    for start in np.cumsum(rng.integers(14, 45, frames)):
        if start + 8 > frames:
            break
        close = np.array([0.3, 0.8, 1.0, 1.0, 0.9, 0.6, 0.3, 0.1], np.float32)
        expression[start : start + 8, _columns("eyeBlink")] = close[:, None]
    wink = _wave(rng, frames, 50)
    side = int(rng.integers(2))
    expression[:, _columns("eyeBlink")[side]] = np.maximum(expression[:, _columns("eyeBlink")[side]], 0.9 * wink)
    aside = 0.8 * (_wave(rng, frames, 30) - _wave(rng, frames, 37))
    for name, sign in (("eyeLookOutLeft", 1), ("eyeLookInRight", 1), ("eyeLookInLeft", -1), ("eyeLookOutRight", -1)):
        expression[:, index_of(name)] = np.clip(sign * aside, 0, 1)
    swing = np.stack([_wave(rng, frames, 45) - _wave(rng, frames, 53) for _ in range(6)])
    yaw, pitch, roll = swing[:3] * np.radians([[24], [14], [12]])
    shift = np.array(NEUTRAL_T, np.float32) + swing[3:].T * np.array([2.0, 1.5, 4.0], np.float32)
    return pack(expression, turn(yaw, pitch, roll).astype(np.float32), shift.astype(np.float32))


def _with_pose(face: Floats) -> dict[str, Floats]:
    """Every named course of (T, 64): the blendshapes, then yaw, pitch, roll (degrees) and position (cm)."""
    pose = np.concatenate([np.degrees(angles(rotation(face))), translation(face)], 1)
    return {**dict(zip(BLENDSHAPES, face.T[:52], strict=True)), **dict(zip(POSE, pose.T, strict=True))}


@dataclass(frozen=True)
class Agreement:
    """One course: ``r`` pooled over people, ``lowest`` among people, ``slope`` of the answer against the question."""

    name: str
    r: float
    lowest: float
    slope: float


def compare(asked: list[Floats], read: list[Floats]) -> list[Agreement]:
    """Pearson correlation of every course, over people after removing each person's mean (a tracker's resting face)."""
    rows = []
    pairs = [(_with_pose(a), _with_pose(b)) for a, b in zip(asked, read, strict=True)]
    for name in [*BLENDSHAPES[1:], *POSE]:
        x = [a[name] - a[name].mean() for a, _ in pairs]
        y = [b[name] - b[name].mean() for _, b in pairs]
        each = [_correlation(u, v) for u, v in zip(x, y, strict=True)]
        pooled_x, pooled_y = np.concatenate(x), np.concatenate(y)
        slope = float(pooled_x @ pooled_y / max(float(pooled_x @ pooled_x), 1e-12))
        rows.append(Agreement(name, _correlation(pooled_x, pooled_y), min(each), slope))
    return rows


def _correlation(x: Floats, y: Floats) -> float:
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 1e-9 else 0.0


def readings(identity: str, frames: int, renderer: Renderer) -> tuple[Floats, Floats]:
    """A person's random trajectory and what is read of its pictures, (frames, 64) each; NaN where no face is found."""
    face = trajectory(int(hashlib.sha256(identity.encode()).hexdigest()[:8], 16), frames)
    return face, np.stack(list(read_faces(renderer.render(face, identity))))


def table(identities: Iterable[str], frames: int, renderer: Renderer) -> tuple[list[Agreement], int, int, Floats]:
    """Render and read back one random trajectory per person.

    Returns:
        The agreement per course, frames with a face, frames in all, and position read minus asked, (3,) cm.
    """
    asked, read, total = [], [], 0
    for identity in identities:
        face, answer = readings(identity, frames, renderer)
        seen = np.isfinite(answer).all(1)
        total += len(face)
        asked.append(face[seen])
        read.append(answer[seen])
    offset = np.mean([translation(b).mean(0) - translation(a).mean(0) for a, b in zip(asked, read, strict=True)], 0)
    return compare(asked, read), sum(map(len, asked)), total, offset


@dataclass(frozen=True)
class Reading:
    """One person: the share of frames with a face, the correlation per column of `BY_PERSON`, and position read minus
    asked (3,) cm, which is the place's camera and the tracker's error.
    """

    person: str
    found: float
    r: dict[str, float]
    offset: Floats

    @property
    def weak(self) -> list[str]:
        """What reads back worse than a look may."""
        low = [name for name, (_, least) in BY_PERSON.items() if not self.r[name] >= least]
        return [*(["found"] if self.found < FOUND else []), *low]


def reading(identity: str, frames: int, renderer: Renderer) -> Reading:
    """Render and read back one random trajectory of one person."""
    face, answer = readings(identity, frames, renderer)
    seen = np.isfinite(answer).all(1)
    if not seen.any():
        nothing = np.full(3, np.nan, np.float32)
        return Reading(identity, 0.0, dict.fromkeys(BY_PERSON, 0.0), nothing)
    asked, read = _with_pose(face[seen]), _with_pose(answer[seen])
    r = {}
    for name, (courses, _) in BY_PERSON.items():
        x, y = (np.sum([side[course] for course in courses], 0) for side in (asked, read))
        r[name] = _correlation(x - x.mean(), y - y.mean())
    return Reading(identity, float(seen.mean()), r, translation(answer[seen]).mean(0) - translation(face[seen]).mean(0))


def by_person(identities: Iterable[str], frames: int, renderer: Renderer) -> int:
    """Print a line a person as it is read; returns how many have a column that reads back too badly."""
    print(f"| person | face found | {' | '.join(BY_PERSON)} | read minus asked, cm | weak |")
    print(f"|---|{'---:|' * (1 + len(BY_PERSON))}---:|---|")
    bad = 0
    for identity in identities:
        one = reading(identity, frames, renderer)
        bad += bool(one.weak)
        r = " | ".join(f"{value:+.2f}" for value in one.r.values())
        shift = ", ".join(f"{value:+.1f}" for value in one.offset)
        print(f"| {identity} | {one.found:.1%} | {r} | {shift} | {', '.join(one.weak)} |", flush=True)
    return bad


def single(identities: Iterable[str], renderer: Renderer) -> list[str]:
    """One blendshape at 1, the rest at 0: what it adds to its own reading, and the three readings it adds most to."""
    names = BLENDSHAPES[1:]
    rest = pack(np.zeros(52, np.float32), np.eye(3, dtype=np.float32), np.array(NEUTRAL_T, np.float32))
    asked = np.repeat(rest[None], 1 + len(names), 0)
    for row, name in enumerate(names, 1):
        asked[row, index_of(name)] = 1
        if name == "mouthClose":
            asked[row, index_of("jawOpen")] = 1
    change = []
    for identity in identities:
        still = np.repeat(asked, 4, 0)
        answer = np.stack(list(read_faces(renderer.render(still, identity))))[3::4]
        change.append(answer[1:, :52] - answer[0, :52])
    mean = np.nanmean(change, 0)
    lines = ["| blendshape at 1 | own reading | raises most |", "|---|---:|---|"]
    for row, name in enumerate(names):
        top = ", ".join(f"{BLENDSHAPES[i]} {mean[row, i]:+.2f}" for i in np.argsort(-mean[row])[:3])
        lines.append(f"| {name} | {mean[row, index_of(name)]:+.2f} | {top} |")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit 6 if a required course, or anybody's by person, reads back too badly."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.studio.readback", description=main.__doc__)
    parser.add_argument("--identities", default=",".join(IDENTITIES), help="people, comma-separated")
    parser.add_argument("--people", help="these people, comma-separated, a line each")
    parser.add_argument("--frames", type=int, default=250, help="frames per person")
    parser.add_argument("--renderer", default="mesh-1")
    parser.add_argument("--single", action="store_true", help="one blendshape at a time instead of the table")
    options = parser.parse_args(arguments)
    people = options.identities.split(",")
    try:
        renderer = get_renderer(options.renderer)
        if options.people:
            weak_people = by_person(options.people.split(","), options.frames, renderer)
            return MismatchError.exit_code if weak_people else 0
        if options.single:
            print("\n".join(single(people, renderer)))
            return 0
        rows, seen, total, offset = table(people, options.frames, renderer)
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{len(people)} people, {total} frames, a face found in {seen}; read minus asked {offset.round(2)} cm\n")
    print("| course | r | lowest person | slope |\n|---|---:|---:|---:|")
    for row in rows:
        print(f"| {row.name} | {row.r:+.2f} | {row.lowest:+.2f} | {row.slope:.2f} |")
    weak = [row.name for row in rows if row.name in (*REQUIRED, *POSE[:3]) and row.r < THRESHOLD]
    if weak:
        print(f"\nBelow {THRESHOLD}: {', '.join(weak)}", file=sys.stderr)
    return MismatchError.exit_code if weak else 0


if __name__ == "__main__":
    raise SystemExit(main())
