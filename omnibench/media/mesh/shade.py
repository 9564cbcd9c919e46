"""What each pixel shows, given the triangle that each of its four samples sees.

A pixel whose samples agree is shaded once; one on an edge, four times. Light is linear; colours are stored as square
roots (gamma 2). Skin light wraps round the terminator, red furthest, which reads as light scattered under the skin.

Everything compiled is in this file, since numba's cache knows a function by its own file alone: elsewhere, a change
would go unnoticed. The inner functions take few arrays, and tuples of arrays only where they do not branch: numba
counts references to every array that a branching function is handed, which costs more than the colours.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.assets import CAVITY, CLOTH, COVERING, FRAME, HAIR, LASHES, LEFT_EYE, LENS, RIGHT_EYE, SKIN
from omnibench.media.mesh.scene import Figure, Floats, Lamps, Light, Paint, Samples, Spot, Wall
from omnibench.system.compiling import compiled

Rgb = tuple[float, float, float]

LASH_ROW: Final = 0
SCLERA_ROW: Final = 4
IRIS_ROW: Final = 5
CLOTH_ROW: Final = 6
HAIR_ROW: Final = 7
SHEEN_ROW: Final = 8
"""Rows of a person's palette, (13, 3) linear RGB; cavity, teeth, tongue and what is worn have those of their part."""


@compiled(nogil=True, fastmath=True)
def _spot_at(figure: Figure, t: int, px: float, py: float) -> Spot:
    """Where triangle ``t`` is hit by the sample at (px, py)."""
    i, j, k = figure.triangles[t, 0], figure.triangles[t, 1], figure.triangles[t, 2]
    x0, y0, w0 = figure.screen[i, 0], figure.screen[i, 1], figure.screen[i, 2]
    x1, y1, w1 = figure.screen[j, 0], figure.screen[j, 1], figure.screen[j, 2]
    x2, y2, w2 = figure.screen[k, 0], figure.screen[k, 1], figure.screen[k, 2]
    inverse = 1.0 / ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))
    b0 = min(1.0, max(0.0, ((x2 - x1) * (py - y1) - (y2 - y1) * (px - x1)) * inverse))
    b1 = min(1.0 - b0, max(0.0, ((x0 - x2) * (py - y2) - (y0 - y2) * (px - x2)) * inverse))
    w = b0 * w0 + b1 * w1 + (1.0 - b0 - b1) * w2
    c0 = b0 * w0 / w
    c1 = b1 * w1 / w
    return Spot(i, j, k, c0, c1, 1.0 - c0 - c1)


@compiled(nogil=True, fastmath=True)
def _value_at(spot: Spot, table: Floats, column: int) -> float:
    """A column of a table of the vertices, between the three of the spot."""
    return spot.c0 * table[spot.i, column] + spot.c1 * table[spot.j, column] + spot.c2 * table[spot.k, column]


@compiled(nogil=True, fastmath=True)
def _light_at(figure: Figure, spot: Spot, part: int, vx: float, vy: float, lamps: Lamps) -> Light:
    """The light on a spot whose direction from the camera is (vx, vy, 1), turned round."""
    nx = _value_at(spot, figure.normals, 0)
    ny = _value_at(spot, figure.normals, 1)
    nz = _value_at(spot, figure.normals, 2)
    scale = 1.0 / max(1e-6, np.sqrt(nx * nx + ny * ny + nz * nz))
    view = 1.0 / np.sqrt(1.0 + vx * vx + vy * vy)
    vx, vy, vz = vx * view, vy * view, view
    if part >= CLOTH and nx * vx + ny * vy + nz * vz < 0.0:  # clothes and hair are seen from behind as well
        scale = -scale
    nx, ny, nz = nx * scale, ny * scale, nz * scale
    facing = max(0.0, nx * vx + ny * vy + nz * vz)
    return Light(
        nx * lamps.kx + ny * lamps.ky + nz * lamps.kz,
        max(0.0, (nx * lamps.fx + ny * lamps.fy + nz * lamps.fz + 0.35) / 1.35) * lamps.fill,
        max(0.0, nx * lamps.rx + ny * lamps.ry + nz * lamps.rz) * lamps.rim,
        max(0.0, nx * lamps.hx + ny * lamps.hy + nz * lamps.hz),
        (1.0 - facing) ** 3,
        (0.26 + 0.12 * ny) * lamps.ambient,
    )


@compiled(nogil=True, fastmath=True)
def _step(low: float, high: float, x: float) -> float:
    t = min(1.0, max(0.0, (x - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)


@compiled(nogil=True, fastmath=True)
def _eyeball(dx: float, dy: float, dz: float, eye: Floats, palette: Floats) -> Rgb:
    """Albedo of an eyeball in direction ``d`` (unit, head frame): sclera, limbal ring, iris with fibres, pupil."""
    cosine = dx * eye[0] + dy * eye[1] + dz * eye[2]
    angle = np.arccos(min(1.0, max(-1.0, cosine)))
    r, g, b = palette[SCLERA_ROW, 0], palette[SCLERA_ROW, 1], palette[SCLERA_ROW, 2]
    vein = _step(0.5, 1.1, angle)
    g *= 1.0 - 0.22 * vein
    b *= 1.0 - 0.25 * vein
    iris = 1.0 - _step(0.44, 0.50, angle)
    if iris > 0.0:
        tone = 0.65 + 0.75 * _step(0.42, 0.2, angle) if angle > 0.2 else 1.4
        tone *= 1.0 - 0.75 * _step(0.36, 0.46, angle)
        pupil = 1.0 - _step(0.155, 0.2, angle)
        ir = palette[IRIS_ROW, 0] * tone * (1.0 - pupil) + 0.004 * pupil
        ig = palette[IRIS_ROW, 1] * tone * (1.0 - pupil) + 0.004 * pupil
        ib = palette[IRIS_ROW, 2] * tone * (1.0 - pupil) + 0.004 * pupil
        r, g, b = r + (ir - r) * iris, g + (ig - g) * iris, b + (ib - b) * iris
    shadow = 1.0 - 0.55 * _step(eye[3] - 0.28, eye[3] + 0.16, dy)
    return r * shadow, g * shadow, b * shadow


@compiled(nogil=True, fastmath=True)
def _eye(attributes: Floats, spot: Spot, light: Light, side: int, eyes: Floats, palette: Floats) -> Rgb:
    """An eyeball, wet; ``side`` 0 is the left one, ``eyes`` as ``shade`` has them."""
    dx = _value_at(spot, attributes, 0)
    dy = _value_at(spot, attributes, 1)
    dz = _value_at(spot, attributes, 2)
    length = 1.0 / np.sqrt(dx * dx + dy * dy + dz * dz)
    r, g, b = _eyeball(dx * length, dy * length, dz * length, eyes[side], palette)
    bright = 0.42 + 0.55 * max(0.0, (light.key + 0.4) / 1.4)
    shine = 0.9 * light.half**90
    return r * bright + shine, g * bright + shine, b * bright + shine


@compiled(nogil=True, fastmath=True)
def _hair(attributes: Floats, spot: Spot, light: Light, noise: Floats, palette: Floats) -> Rgb:
    """Strands: their own colour, and a sheen along them."""
    u = _value_at(spot, attributes, 0)
    v = _value_at(spot, attributes, 1)
    mask = noise.shape[0] - 1
    strand = noise[int(v) & mask, int(u) & mask]
    depth = _value_at(spot, attributes, 2)
    tone = (1.0 + 1.1 * strand) * depth
    sky = _value_at(spot, attributes, 3)
    wrapped = max(0.0, (light.key + 0.3) / 1.3)
    bright = (light.ambient * 1.1 + 0.75 * wrapped + 0.2 * light.fill + 0.45 * light.rim) * sky
    sheen = (
        (0.55 * light.half**14 + 0.35 * light.edge * light.rim) * (0.5 + 1.6 * max(0.0, strand + 0.15)) * sky * depth
    )
    return (
        palette[HAIR_ROW, 0] * bright * tone + palette[SHEEN_ROW, 0] * sheen,
        palette[HAIR_ROW, 1] * bright * tone + palette[SHEEN_ROW, 1] * sheen,
        palette[HAIR_ROW, 2] * bright * tone + palette[SHEEN_ROW, 2] * sheen,
    )


@compiled(nogil=True, fastmath=True)
def _cloth(attributes: Floats, spot: Spot, light: Light, row: int, noise: Floats, palette: Floats) -> Rgb:
    """A weave with a little velvet at the edges."""
    u = _value_at(spot, attributes, 0)
    v = _value_at(spot, attributes, 1)
    mask = noise.shape[0] - 1
    weave = 1.0 + 0.16 * noise[int(u) & mask, int(v) & mask]
    sky = _value_at(spot, attributes, 3)
    wrapped = max(0.0, (light.key + 0.15) / 1.15)
    bright = (light.ambient + 0.68 * wrapped + 0.2 * light.fill + 0.3 * light.rim) * sky * weave
    velvet = 0.05 * light.edge
    return (
        palette[row, 0] * bright + velvet,
        palette[row, 1] * bright + velvet,
        palette[row, 2] * bright + velvet,
    )


@compiled(nogil=True, fastmath=True)
def _polished(light: Light, part: int, palette: Floats) -> Rgb:
    """Frames of glasses, what their lenses mirror, and jewels."""
    bright = 0.30 + 0.30 * light.ambient + 0.60 * max(0.0, (light.key + 0.3) / 1.3)
    shine = 0.10 * light.edge if part == LENS else 0.5 * light.half**40 + 0.12 * light.edge * (0.3 + light.rim)
    return palette[part, 0] * bright + shine, palette[part, 1] * bright + shine, palette[part, 2] * bright + shine


@compiled(nogil=True, fastmath=True)
def _mouth(attributes: Floats, spot: Spot, light: Light, part: int, palette: Floats) -> Rgb:
    """Cavity, teeth and tongue; all but the cavity are wet."""
    v = _value_at(spot, attributes, 1)
    bright = (0.42 + 0.6 * max(0.0, (light.key + 0.4) / 1.4)) * v
    shine = 0.0 if part == CAVITY else 0.12 * light.half**30 * v
    return palette[part, 0] * bright + shine, palette[part, 1] * bright + shine, palette[part, 2] * bright + shine


@compiled(nogil=True, fastmath=True)
def _texel(texture: NDArray[np.uint8], u: float, v: float, channel: int) -> float:
    """The texture between four texels, 0..1; it closes to a ring sideways."""
    wide = texture.shape[1]
    column, row = int(u), int(v)
    fu, fv = u - column, v - row
    left, right = column % wide, (column + 1) % wide
    m00, m01, m10 = (1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv
    m11 = fu * fv
    return (
        m00 * texture[row, left, channel]
        + m01 * texture[row, right, channel]
        + m10 * texture[row + 1, left, channel]
        + m11 * texture[row + 1, right, channel]
    ) * (1.0 / 255.0)


@compiled(nogil=True, fastmath=True)
def _onwards(u: float, across: bool, wide: int) -> float:
    """A column of the texture, run on where a triangle lies across its seam."""
    return u + wide if across and u < 0.5 * wide else u


@compiled(nogil=True, fastmath=True)
def _skin(attributes: Floats, spot: Spot, light: Light, texture: NDArray[np.uint8]) -> Rgb:
    """Painted skin."""
    u0, u1, u2 = attributes[spot.i, 0], attributes[spot.j, 0], attributes[spot.k, 0]
    wide = texture.shape[1]
    across = max(u0, u1, u2) - min(u0, u1, u2) > 0.5 * wide
    u0, u1, u2 = _onwards(u0, across, wide), _onwards(u1, across, wide), _onwards(u2, across, wide)
    u = spot.c0 * u0 + spot.c1 * u1 + spot.c2 * u2
    v = min(texture.shape[0] - 1.001, max(0.0, _value_at(spot, attributes, 1)))
    tr, tg, tb = _texel(texture, u, v, 0), _texel(texture, u, v, 1), _texel(texture, u, v, 2)
    gloss = _texel(texture, u, v, 3)
    key_r = max(0.0, (light.key + 0.40) / 1.40)
    key_g = max(0.0, (light.key + 0.24) / 1.24)
    key_b = max(0.0, (light.key + 0.18) / 1.18)
    sky = _value_at(spot, attributes, 3)
    sky_g = sky * sky
    sky_r = 0.35 * sky + 0.65 * sky_g
    shine = (gloss * light.half**22 * 0.55 + 0.10 * light.edge * (0.4 + light.rim)) * sky
    rim = 0.35 * light.rim * sky
    r = tr * tr * ((light.ambient + 0.72 * key_r + 0.17 * light.fill) * sky_r + rim) + shine
    g = tg * tg * ((light.ambient + 0.72 * key_g + 0.17 * light.fill) * sky_g + rim) + shine
    b = tb * tb * ((light.ambient * 1.06 + 0.72 * key_b + 0.19 * light.fill) * sky_g + rim) + shine
    return r, g, b


@compiled(nogil=True, fastmath=True)
def _other(
    part: int, attributes: Floats, spot: Spot, light: Light, noise: Floats, palette: Floats, eyes: Floats
) -> Rgb:
    """Linear RGB of a spot of any part but skin."""
    if LEFT_EYE <= part <= RIGHT_EYE:
        return _eye(attributes, spot, light, part - LEFT_EYE, eyes, palette)
    if part == LASHES:
        return palette[LASH_ROW, 0], palette[LASH_ROW, 1], palette[LASH_ROW, 2]
    if part == HAIR:
        return _hair(attributes, spot, light, noise, palette)
    if part == CLOTH:
        return _cloth(attributes, spot, light, CLOTH_ROW, noise, palette)
    if part == COVERING:
        return _cloth(attributes, spot, light, COVERING, noise, palette)
    if part >= FRAME:
        return _polished(light, part, palette)
    return _mouth(attributes, spot, light, part, palette)


@compiled(nogil=True, fastmath=True)
def _bare(x: int, y: int, seen: NDArray[np.int32]) -> bool:
    """Whether none of the four samples of a pixel sees anything."""
    return max(seen[2 * y, 2 * x], seen[2 * y, 2 * x + 1], seen[2 * y + 1, 2 * x], seen[2 * y + 1, 2 * x + 1]) < 0


@compiled(nogil=True, fastmath=True)
def _alike(x: int, y: int, parts: NDArray[np.uint8], samples: Samples) -> bool:
    """Whether the four samples of a pixel see one part at about one depth, so that one colour will do."""
    seen, nearest = samples.seen, samples.nearest
    s00, s01 = seen[2 * y, 2 * x], seen[2 * y, 2 * x + 1]
    s10, s11 = seen[2 * y + 1, 2 * x], seen[2 * y + 1, 2 * x + 1]
    part = parts[s00]
    w00, w01 = nearest[2 * y, 2 * x], nearest[2 * y, 2 * x + 1]
    w10, w11 = nearest[2 * y + 1, 2 * x], nearest[2 * y + 1, 2 * x + 1]
    return (
        (min(s00, s01, s10, s11) >= 0)
        & (parts[s01] == part)
        & (parts[s10] == part)
        & (parts[s11] == part)
        & (part != LASHES)
        & (max(w00, w01, w10, w11) < 1.03 * min(w00, w01, w10, w11))
    )


@compiled(nogil=True, fastmath=True)
def _display(linear: float) -> np.uint8:
    return np.uint8(255.0 * np.sqrt(min(1.0, max(0.0, linear))) + 0.5)


@compiled(nogil=True, fastmath=True)
def shade(
    figure: Figure,
    paint: Paint,
    eyes: Floats,
    wall: Wall,
    lens: Floats,
    lamps: Lamps,
    samples: Samples,
    frame: NDArray[np.uint8],
) -> None:
    """Fill ``frame`` (H, H, 3) uint8.

    Args:
        figure, paint, wall, lamps, samples: see ``scene``.
        eyes: (2, 4) of the left and the right: unit gaze in the head frame, height of the upper lid on the eyeball.
        lens: focal length and centre in samples.
        frame: overwritten.
    """
    parts, attributes, seen = figure.parts, figure.attributes, samples.seen
    texture, noise, palette = paint.texture, paint.noise, paint.palette
    linear, shown = wall.linear, wall.shown
    for y in range(frame.shape[0]):
        for x in range(frame.shape[0]):
            if _bare(x, y, seen):
                frame[y, x, 0], frame[y, x, 1], frame[y, x, 2] = shown[y, x, 0], shown[y, x, 1], shown[y, x, 2]
                continue
            count = 1 if _alike(x, y, parts, samples) else 4
            red, green, blue = 0.0, 0.0, 0.0
            for sample in range(count):
                dy, dx = sample >> 1, sample & 1
                t = seen[2 * y + dy, 2 * x + dx]
                r, g, b, fade = 0.0, 0.0, 0.0, 1.0
                if t >= 0:
                    px, py = 2.0 * x + 1.0, 2.0 * y + 1.0
                    if count == 4:
                        px, py = px + dx - 0.5, py + dy - 0.5
                    spot = _spot_at(figure, t, px, py)
                    light = _light_at(
                        figure, spot, parts[t], -(px - lens[1]) / lens[0], (py - lens[1]) / lens[0], lamps
                    )
                    if parts[t] == SKIN:
                        r, g, b = _skin(attributes, spot, light, texture)
                    else:
                        r, g, b = _other(parts[t], attributes, spot, light, noise, palette, eyes)
                    r, g, b = r * lamps.red, g * lamps.green, b * lamps.blue
                    fade = _value_at(spot, attributes, 5)
                red += r + (linear[y, x, 0] - r) * fade
                green += g + (linear[y, x, 1] - g) * fade
                blue += b + (linear[y, x, 2] - b) * fade
            share = 1.0 / count
            frame[y, x, 0] = _display(red * share)
            frame[y, x, 1] = _display(green * share)
            frame[y, x, 2] = _display(blue * share)
