"""Light and colour: what each pixel shows, given the triangle that each of its four samples sees.

A pixel whose samples agree is shaded once; one on an edge, four times. Light is linear; colours are stored as square
roots (gamma 2). Skin light wraps round the terminator, red furthest, which reads as light scattered under the skin.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LASH_ROW, CAVITY_ROW, TEETH_ROW, TONGUE_ROW, SCLERA_ROW, IRIS_ROW, CLOTH_ROW, HAIR_ROW, SHEEN_ROW = range(9)
"""Rows of a person's palette, (9, 3) linear RGB."""

_CAVITY, _TEETH, _TONGUE, _LASHES, _LEFT_EYE, _RIGHT_EYE, _CLOTH, _HAIR = 1, 2, 3, 4, 5, 6, 7, 8


def _unit(x: float, y: float, z: float) -> tuple[float, float, float]:
    length = (x * x + y * y + z * z) ** 0.5
    return x / length, y / length, z / length


KEY: Final = _unit(-0.55, 0.55, 0.75)
FILL: Final = _unit(0.75, 0.15, 0.6)
RIM: Final = _unit(0.55, 0.45, -0.75)
"""Directions towards the three lights, camera space."""

_KX, _KY, _KZ = KEY
_FX, _FY, _FZ = FILL
_RX, _RY, _RZ = RIM
_HX, _HY, _HZ = _unit(KEY[0], KEY[1], KEY[2] + 1.0)


@njit(cache=True, nogil=True, fastmath=True)
def _step(low: float, high: float, x: float) -> float:
    t = min(1.0, max(0.0, (x - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)


@njit(cache=True, nogil=True, fastmath=True)
def _eye(dx, dy, dz, gaze, palette, lid):  # type: ignore[no-untyped-def]
    """Albedo of an eyeball in direction ``d`` (unit, head frame): sclera, limbal ring, iris with fibres, pupil."""
    cosine = dx * gaze[0] + dy * gaze[1] + dz * gaze[2]
    angle = np.arccos(min(1.0, max(-1.0, cosine)))
    r, g, b = palette[4, 0], palette[4, 1], palette[4, 2]
    vein = _step(0.5, 1.1, angle)
    g *= 1.0 - 0.22 * vein
    b *= 1.0 - 0.25 * vein
    iris = 1.0 - _step(0.44, 0.50, angle)
    if iris > 0.0:
        tone = 0.65 + 0.75 * _step(0.42, 0.2, angle) if angle > 0.2 else 1.4
        tone *= 1.0 - 0.75 * _step(0.36, 0.46, angle)
        pupil = 1.0 - _step(0.155, 0.2, angle)
        ir = palette[5, 0] * tone * (1.0 - pupil) + 0.004 * pupil
        ig = palette[5, 1] * tone * (1.0 - pupil) + 0.004 * pupil
        ib = palette[5, 2] * tone * (1.0 - pupil) + 0.004 * pupil
        r, g, b = r + (ir - r) * iris, g + (ig - g) * iris, b + (ib - b) * iris
    shadow = 1.0 - 0.55 * _step(lid - 0.28, lid + 0.16, dy)
    return r * shadow, g * shadow, b * shadow


@njit(inline="always", cache=True, nogil=True, fastmath=True)
def _colour(t, px, py, screen, normals, triangles, parts, attributes, texture, noise, palette, gaze, lids, back, lens):  # type: ignore[no-untyped-def]
    """Linear RGB of triangle ``t`` at sample position (px, py). ``lens``: focal length and centre in samples."""
    i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    x0, y0, w0 = screen[i, 0], screen[i, 1], screen[i, 2]
    x1, y1, w1 = screen[j, 0], screen[j, 1], screen[j, 2]
    x2, y2, w2 = screen[k, 0], screen[k, 1], screen[k, 2]
    inverse = 1.0 / ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))
    b0 = min(1.0, max(0.0, ((x2 - x1) * (py - y1) - (y2 - y1) * (px - x1)) * inverse))
    b1 = min(1.0 - b0, max(0.0, ((x0 - x2) * (py - y2) - (y0 - y2) * (px - x2)) * inverse))
    w = b0 * w0 + b1 * w1 + (1.0 - b0 - b1) * w2
    c0 = b0 * w0 / w
    c1 = b1 * w1 / w
    c2 = 1.0 - c0 - c1
    nx = c0 * normals[i, 0] + c1 * normals[j, 0] + c2 * normals[k, 0]
    ny = c0 * normals[i, 1] + c1 * normals[j, 1] + c2 * normals[k, 1]
    nz = c0 * normals[i, 2] + c1 * normals[j, 2] + c2 * normals[k, 2]
    scale = 1.0 / max(1e-6, np.sqrt(nx * nx + ny * ny + nz * nz))
    vx, vy = -(px - lens[1]) / lens[0], (py - lens[1]) / lens[0]
    view = 1.0 / np.sqrt(1.0 + vx * vx + vy * vy)
    vx, vy, vz = vx * view, vy * view, view
    part = parts[t]
    if part >= _CLOTH and nx * vx + ny * vy + nz * vz < 0.0:
        scale = -scale
    nx, ny, nz = nx * scale, ny * scale, nz * scale
    open_sky = c0 * attributes[i, 3] + c1 * attributes[j, 3] + c2 * attributes[k, 3]
    key = nx * _KX + ny * _KY + nz * _KZ
    fill = max(0.0, (nx * _FX + ny * _FY + nz * _FZ + 0.35) / 1.35)
    rim = max(0.0, nx * _RX + ny * _RY + nz * _RZ)
    facing = max(0.0, nx * vx + ny * vy + nz * vz)
    edge = (1.0 - facing) ** 3
    half = max(0.0, nx * _HX + ny * _HY + nz * _HZ)
    ambient = 0.26 + 0.12 * ny
    if _LEFT_EYE <= part <= _RIGHT_EYE:
        dx = c0 * attributes[i, 0] + c1 * attributes[j, 0] + c2 * attributes[k, 0]
        dy = c0 * attributes[i, 1] + c1 * attributes[j, 1] + c2 * attributes[k, 1]
        dz = c0 * attributes[i, 2] + c1 * attributes[j, 2] + c2 * attributes[k, 2]
        length = 1.0 / np.sqrt(dx * dx + dy * dy + dz * dz)
        side = part - _LEFT_EYE
        r, g, b = _eye(dx * length, dy * length, dz * length, gaze[side], palette, lids[side])
        light = 0.42 + 0.55 * max(0.0, (key + 0.4) / 1.4)
        shine = 0.9 * half**90
        return r * light + shine, g * light + shine, b * light + shine
    if part == _LASHES:
        return palette[0, 0], palette[0, 1], palette[0, 2]
    if part == _HAIR:
        u = c0 * attributes[i, 0] + c1 * attributes[j, 0] + c2 * attributes[k, 0]
        v = c0 * attributes[i, 1] + c1 * attributes[j, 1] + c2 * attributes[k, 1]
        mask = noise.shape[0] - 1
        strand = noise[int(v) & mask, int(u) & mask]
        depth = c0 * attributes[i, 2] + c1 * attributes[j, 2] + c2 * attributes[k, 2]
        tone = (1.0 + 1.1 * strand) * depth
        light = (ambient * 1.1 + 0.75 * max(0.0, (key + 0.3) / 1.3) + 0.2 * fill + 0.45 * rim) * open_sky
        sheen = (0.55 * half**14 + 0.35 * edge * rim) * (0.5 + 1.6 * max(0.0, strand + 0.15)) * open_sky * depth
        return (
            palette[7, 0] * light * tone + palette[8, 0] * sheen,
            palette[7, 1] * light * tone + palette[8, 1] * sheen,
            palette[7, 2] * light * tone + palette[8, 2] * sheen,
        )
    fade = c0 * attributes[i, 5] + c1 * attributes[j, 5] + c2 * attributes[k, 5]
    if part == _CLOTH:
        u = c0 * attributes[i, 0] + c1 * attributes[j, 0] + c2 * attributes[k, 0]
        v = c0 * attributes[i, 1] + c1 * attributes[j, 1] + c2 * attributes[k, 1]
        mask = noise.shape[0] - 1
        weave = 1.0 + 0.16 * noise[int(u) & mask, int(v) & mask]
        light = (ambient + 0.68 * max(0.0, (key + 0.15) / 1.15) + 0.2 * fill + 0.3 * rim) * open_sky * weave
        velvet = 0.05 * edge
        r, g, b = palette[6, 0] * light + velvet, palette[6, 1] * light + velvet, palette[6, 2] * light + velvet
    elif _CAVITY <= part <= _TONGUE:
        row = part
        v = c0 * attributes[i, 1] + c1 * attributes[j, 1] + c2 * attributes[k, 1]
        light = (0.42 + 0.6 * max(0.0, (key + 0.4) / 1.4)) * v
        shine = 0.0 if part == _CAVITY else 0.12 * half**30 * v
        r, g, b = palette[row, 0] * light + shine, palette[row, 1] * light + shine, palette[row, 2] * light + shine
    else:
        u0, u1, u2 = attributes[i, 0], attributes[j, 0], attributes[k, 0]
        wide = texture.shape[1]
        if max(u0, u1, u2) - min(u0, u1, u2) > 0.5 * wide:
            u0 += wide if u0 < 0.5 * wide else 0
            u1 += wide if u1 < 0.5 * wide else 0
            u2 += wide if u2 < 0.5 * wide else 0
        u = c0 * u0 + c1 * u1 + c2 * u2
        v = min(
            texture.shape[0] - 1.001, max(0.0, c0 * attributes[i, 1] + c1 * attributes[j, 1] + c2 * attributes[k, 1])
        )
        column, row = int(u), int(v)
        fu, fv = u - column, v - row
        left, right = column % wide, (column + 1) % wide
        m00, m01, m10 = (1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv
        m11 = fu * fv
        scale = 1.0 / 255.0
        tr = (
            m00 * texture[row, left, 0]
            + m01 * texture[row, right, 0]
            + m10 * texture[row + 1, left, 0]
            + m11 * texture[row + 1, right, 0]
        ) * scale
        tg = (
            m00 * texture[row, left, 1]
            + m01 * texture[row, right, 1]
            + m10 * texture[row + 1, left, 1]
            + m11 * texture[row + 1, right, 1]
        ) * scale
        tb = (
            m00 * texture[row, left, 2]
            + m01 * texture[row, right, 2]
            + m10 * texture[row + 1, left, 2]
            + m11 * texture[row + 1, right, 2]
        ) * scale
        gloss = (
            m00 * texture[row, left, 3]
            + m01 * texture[row, right, 3]
            + m10 * texture[row + 1, left, 3]
            + m11 * texture[row + 1, right, 3]
        ) * scale
        key_r = max(0.0, (key + 0.40) / 1.40)
        key_g = max(0.0, (key + 0.24) / 1.24)
        key_b = max(0.0, (key + 0.18) / 1.18)
        sky_g = open_sky * open_sky
        sky_r = 0.35 * open_sky + 0.65 * sky_g
        shine = (gloss * half**22 * 0.55 + 0.10 * edge * (0.4 + rim)) * open_sky
        r = tr * tr * ((ambient + 0.72 * key_r + 0.17 * fill) * sky_r + 0.35 * rim * open_sky) + shine
        g = tg * tg * ((ambient + 0.72 * key_g + 0.17 * fill) * sky_g + 0.35 * rim * open_sky) + shine
        b = tb * tb * ((ambient * 1.06 + 0.72 * key_b + 0.19 * fill) * sky_g + 0.35 * rim * open_sky) + shine
    if fade > 0.0:
        r, g, b = r + (back[0] - r) * fade, g + (back[1] - g) * fade, b + (back[2] - b) * fade
    return r, g, b


@njit(cache=True, nogil=True, fastmath=True)
def shade(  # type: ignore[no-untyped-def]
    screen,
    normals,
    triangles,
    parts,
    attributes,
    texture,
    noise,
    palette,
    gaze,
    lids,
    backdrop,
    wall,
    lens,
    nearest,
    seen,
    frame,
):
    """Fill ``frame`` (H, H, 3) uint8 from ``seen`` and ``nearest`` (2H, 2H).

    Args:
        screen, normals: (V, 3) of ``project`` and ``vertex_normals``.
        triangles, parts, attributes: (T, 3), (T,), (V, 6): u, v, third, open sky, cover, fade into the backdrop.
            For eyes the first three are the direction from the eyeball's centre, for cavity, teeth and tongue v is
            brightness, for hair the third is brightness.
        texture: (h, w, 4) uint8 skin: square roots of linear RGB, then gloss.
        noise, palette: (N, N) strand noise, (9, 3) linear colours.
        gaze, lids: (2, 3) unit gaze of the left and right eye, head frame; (2,) height of the upper lid on the eyeball.
        backdrop, wall: (H, H, 3) linear float32, and the same as display bytes.
        lens: focal length and centre in samples.
    """
    size = frame.shape[0]
    for y in range(size):
        for x in range(size):
            s00, s01 = seen[2 * y, 2 * x], seen[2 * y, 2 * x + 1]
            s10, s11 = seen[2 * y + 1, 2 * x], seen[2 * y + 1, 2 * x + 1]
            if s00 < 0 and s01 < 0 and s10 < 0 and s11 < 0:
                frame[y, x] = wall[y, x]
                continue
            count = 4
            if s00 >= 0 and s01 >= 0 and s10 >= 0 and s11 >= 0:
                part = parts[s00]
                if parts[s01] == part and parts[s10] == part and parts[s11] == part and part != _LASHES:
                    w00, w01 = nearest[2 * y, 2 * x], nearest[2 * y, 2 * x + 1]
                    w10, w11 = nearest[2 * y + 1, 2 * x], nearest[2 * y + 1, 2 * x + 1]
                    if max(w00, w01, w10, w11) < 1.03 * min(w00, w01, w10, w11):
                        count = 1
            back = backdrop[y, x]
            red, green, blue = 0.0, 0.0, 0.0
            for sample in range(count):
                dy, dx = sample >> 1, sample & 1
                t = seen[2 * y + dy, 2 * x + dx]
                if t < 0:
                    red, green, blue = red + back[0], green + back[1], blue + back[2]
                    continue
                px, py = 2.0 * x + 1.0, 2.0 * y + 1.0
                if count == 4:
                    px, py = px + dx - 0.5, py + dy - 0.5
                r, g, b = _colour(
                    t,
                    px,
                    py,
                    screen,
                    normals,
                    triangles,
                    parts,
                    attributes,
                    texture,
                    noise,
                    palette,
                    gaze,
                    lids,
                    back,
                    lens,
                )
                red, green, blue = red + r, green + g, blue + b
            share = 1.0 / count
            frame[y, x, 0] = np.uint8(255.0 * np.sqrt(min(1.0, max(0.0, red * share))) + 0.5)
            frame[y, x, 1] = np.uint8(255.0 * np.sqrt(min(1.0, max(0.0, green * share))) + 0.5)
            frame[y, x, 2] = np.uint8(255.0 * np.sqrt(min(1.0, max(0.0, blue * share))) + 0.5)
