"""Growing hair: a shell combed from the crown over the skull, hanging free below it where the style is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.assets import SKIN, HeadMesh
from omnibench.media.mesh.hairstyles import Style, hairline
from omnibench.media.mesh.noise import STRANDS, smooth_noise, smoothstep
from omnibench.media.mesh.piece import grid
from omnibench.media.mesh.shape import EYE_MIDDLE, Head
from omnibench.media.mesh.surface import azimuth, cast

Floats = NDArray[np.float32]

CENTRE: Final = np.array([0.0, 5.3, -5.0], np.float32)
"""The middle of the skull in the head frame, cm: strands are combed along meridians about it."""

COLUMNS: Final = 96
POLAR: Final = np.radians(np.concatenate([np.linspace(0.5, 100, 34), np.linspace(104, 150, 12)]))
HANG_FROM: Final = 96.0
"""Polar angle in degrees past which long hair leaves the skull and falls straight."""


@dataclass(frozen=True)
class Hair:
    """``points`` (N, 3) cm, ``attributes`` (N, 6) as ``shade`` wants them, ``follow`` (N,), ``triangles`` (M, 3)."""

    points: Floats
    attributes: Floats
    follow: Floats
    triangles: NDArray[np.int32]


def _shown(triangles: NDArray[np.int32], cover: Floats) -> NDArray[np.int32]:
    """The triangles that noise of at most half a unit can bring above the lowest threshold."""
    return triangles[(cover[triangles] > -0.3).any(1)]


def skull(mesh: HeadMesh, head: Head, directions: Floats) -> tuple[Floats, Floats]:
    """Distance (N,) from CENTRE to the skin in directions (N, 3), ears left out, and the source point (N, 3) there."""
    triangles = mesh.of_part(SKIN)
    base = mesh.base[triangles]
    ear = (np.abs(base[..., 0]) > 0.755).any(1) & (np.abs(base[..., 2] - 0.5) < 0.35).all(1)
    triangles = triangles[(base[..., 1] > 5.9).all(1) & ~ear]
    a, b, c = (head.points[triangles[:, corner]] for corner in range(3))
    distance, hit, weights = cast(CENTRE, directions, a, b - a, c - a)
    corners = mesh.base[triangles[np.maximum(hit, 0)]]
    rest = 1 - weights.sum(1, keepdims=True)
    place = rest * corners[:, 0] + weights[:, :1] * corners[:, 1] + weights[:, 1:] * corners[:, 2]
    return distance, np.where(hit[:, None] >= 0, place, np.nan)


def _fill_gaps(rows: Floats) -> Floats:
    """Fill zeros of a (R, C) periodic table along its columns' axis by linear interpolation."""
    filled = rows.copy()
    at = np.arange(rows.shape[1])
    for row in filled:
        good = row > 0
        if good.any():
            row[:] = np.interp(at, at[good], row[good], period=rows.shape[1])
    return filled


def _blur(rows: Floats, times: int) -> Floats:
    for _ in range(times):
        rows = ((np.roll(rows, 1, 1) + 2 * rows + np.roll(rows, -1, 1)) / 4).astype(np.float32)
        rows[1:-1] = (rows[:-2] + 2 * rows[1:-1] + rows[2:]) / 4
    return rows


def _ball(radius: float, centre: Floats, tone: float, lift: float) -> Hair:
    """A bun: strands run round a ball."""
    rows, columns = 14, 24
    polar = np.linspace(0.02, np.pi - 0.02, rows)[:, None]
    turn = np.linspace(0, 2 * np.pi, columns + 1)[None]
    ring = np.stack([np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn, np.sin(polar) * np.cos(turn)], -1)
    points = (centre + radius * ring * np.array([1.0, 0.8, 1.0])).reshape(-1, 3).astype(np.float32)
    attributes = np.zeros((len(points), 6), np.float32)
    attributes[:, 0] = np.repeat(polar, columns + 1, 1).ravel() * 40
    attributes[:, 1] = np.repeat(turn, rows, 0).ravel() * 30 + lift
    attributes[:, 2] = tone
    attributes[:, 3] = (0.75 + 0.25 * ring[..., 1]).ravel()
    attributes[:, 4] = 2.0
    return Hair(points, attributes, np.ones(len(points), np.float32), grid(rows, columns))


def _join(parts: list[Hair]) -> Hair:
    start = np.cumsum([0] + [len(part.points) for part in parts[:-1]])
    return Hair(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.attributes for part in parts]),
        np.concatenate([part.follow for part in parts]),
        np.concatenate([part.triangles + offset for part, offset in zip(parts, start, strict=True)]).astype(np.int32),
    )


def grow(mesh: HeadMesh, head: Head, style: Style, rng: np.random.Generator) -> Hair | None:
    """The hair of one person, or None for a style without any."""
    if style.top == 0.0 and style.side == 0.0:
        return None
    turn = np.linspace(-np.pi, np.pi, COLUMNS + 1)[:-1]
    polar = POLAR[:, None]
    unit = np.stack([np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn, np.sin(polar) * np.cos(turn)], -1)
    unit = unit.astype(np.float32)
    distance, place = skull(mesh, head, unit.reshape(-1, 3))
    radius = _blur(_fill_gaps(distance.reshape(unit.shape[:2])), 2)
    place = place.reshape(unit.shape)
    side = np.sin(np.clip(polar, 0, np.pi / 2)) ** 3 * np.abs(np.sin(turn)) ** 0.7
    back = np.clip(-np.cos(turn), 0, 1) * np.sin(np.clip(polar, 0, np.pi / 2))
    thick = style.top * (1 - side) * (1 - 0.35 * back) + style.side * np.maximum(side, 0.6 * back)
    thick += style.front * np.exp(-((turn / 0.7) ** 2) - ((polar - np.radians(48)) / 0.35) ** 2)
    if style.part is not None:
        groove = np.exp(-(((turn - np.radians(style.part)) / 0.09) ** 2)) * (polar < np.radians(75)) * np.sin(polar)
        thick *= 1 - 0.55 * groove
    lumps = smooth_noise(rng, 64, COLUMNS, 64 * style.lump / 360 * 2.2, COLUMNS * style.lump / 360)[: len(POLAR)]
    lumps = lumps * smoothstep(0.0, np.radians(35), polar)
    thick += style.curl * lumps * np.clip(thick / 1.5, 0, 1)

    angle_place = np.where(np.isnan(place[..., 0]), turn, azimuth(np.nan_to_num(place)))
    height = np.where(
        np.isnan(place[..., 1]), 7.284 + (CENTRE[1] + radius * unit[..., 1] - EYE_MIDDLE[1]) / 10, place[..., 1]
    )
    above = (height - hairline(style, angle_place)) * 10
    # The shell meets the skin at the hairline, or it would float; hanging styles have no skin to meet below the skull.
    longest = min(height for _, height in style.line)
    hanging = longest < 6.4
    root = np.clip((above + 0.2) / 3.2, 0.0, 1.0)
    free = smoothstep(np.radians(62), np.radians(88), polar) if hanging else np.zeros_like(polar)
    rim = root**0.6 + (1 - root**0.6) * free
    outer = radius + 0.10 + (0.15 + thick) * rim
    points = CENTRE + unit * outer[..., None]
    if hanging:
        points, above = _hang(points, above, style, turn.astype(np.float32))
    cover = 0.5 + above / style.soft
    cover = np.where((polar < np.radians(14)), 2.0, cover)
    shade = np.clip(0.75 + 0.2 * above, 0.7, 1.0) * (1 + 0.12 * style.curl * lumps)
    if style.part is not None:
        shade = shade * (1 - 0.45 * groove)
    wrap = np.concatenate([np.arange(COLUMNS), [0]])
    points, cover, shade = points[:, wrap], cover[:, wrap], shade[:, wrap]
    rows = len(points)
    attributes = np.zeros((rows, COLUMNS + 1, 6), np.float32)
    attributes[..., 0] = np.arange(COLUMNS + 1) * (2 * STRANDS / COLUMNS)
    length = np.cumsum(np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=-1), 0)
    attributes[..., 1] = 3.0 * length
    attributes[..., 2] = shade
    attributes[..., 3] = 0.72 + 0.28 * np.clip((points[..., 1] + 4) / 8, 0, 1)
    attributes[..., 4] = np.clip(cover, -2.0, 2.0)
    follow = np.clip(1 + 0.06 * (points[..., 1] + 5), 0.3, 1.0)
    shell = Hair(
        points.reshape(-1, 3).astype(np.float32),
        attributes.reshape(-1, 6),
        follow.ravel().astype(np.float32),
        _shown(grid(rows, COLUMNS), cover.ravel()),
    )
    if style.bun == 0.0:
        return shell
    crown = CENTRE + np.array([0.0, 0.93, -0.36], np.float32) * (float(radius[10].mean()) + 0.55 * style.bun)
    return _join([shell, _ball(style.bun, crown, 0.95, 7.0)])


def _hang(points: Floats, above: Floats, style: Style, turn: Floats) -> tuple[Floats, Floats]:
    """Let the strands fall straight from where they are widest; ``above`` is remeasured against the hairline."""
    start = int(np.searchsorted(POLAR, np.radians(HANG_FROM)))
    steps = len(POLAR) - start
    top = points[start - 1]
    bottom = np.full(len(turn), EYE_MIDDLE[1] + (min(height for _, height in style.line) - 0.25 - 7.284) * 10)
    share = (np.arange(1, steps + 1) / steps)[:, None]
    points, above = points.copy(), above.copy()
    outward = 1 + 0.05 * np.sin(share * np.pi)
    points[start:, :, 0] = top[:, 0] * outward
    points[start:, :, 2] = top[:, 2] + 0.4 * share
    points[start:, :, 1] = top[:, 1] + share * (bottom - top[:, 1])
    height = 7.284 + (points[start:, :, 1] - EYE_MIDDLE[1]) / 10
    above[start:] = (height - hairline(style, np.broadcast_to(turn, height.shape))) * 10
    return points, above
