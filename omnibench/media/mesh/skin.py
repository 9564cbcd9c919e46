"""Painting a person's skin: mottling, flush, lips, brows, stubble and the shadow of hair on the scalp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.ageing import weather
from omnibench.media.mesh.appearance import Appearance, generator
from omnibench.media.mesh.hairstyles import STYLES, hairline
from omnibench.media.mesh.noise import skin_noise, smoothstep
from omnibench.media.mesh.surface import TEXTURE_HEIGHT, TEXTURE_WIDTH, surface

Floats = NDArray[np.float32]


def _spot(place: Floats, x: float, y: float, wide: float, high: float) -> Floats:
    """A soft spot on both sides of the face (|x|), front only."""
    distance = ((np.abs(place[..., 0]) - x) / wide) ** 2 + ((place[..., 1] - y) / high) ** 2
    return (np.exp(-distance) * (place[..., 2] > 0.5)).astype(np.float32)


def _blend(skin: Floats, colour: NDArray[np.floating], amount: NDArray[np.floating]) -> None:
    skin += (np.asarray(colour, np.float32) - skin) * amount[..., None]


def brow_mask(place: Floats, fine: Floats, thickness: float, arch: float) -> Floats:
    """Cover 0..1 of the brows; ``arch`` lifts the outer half (dm)."""
    x, y = np.abs(place[..., 0]), place[..., 1]
    knots = [0.085, 0.20, 0.33, 0.43, 0.545]
    middle = np.interp(
        x, knots, np.array([7.447, 7.461, 7.475, 7.468, 7.422]) + arch * np.array([0, 0.3, 0.9, 1.0, 0.3])
    )
    half = np.interp(x, [0.07, 0.10, 0.2, 0.33, 0.43, 0.55], [0.0, 0.026, 0.031, 0.027, 0.020, 0.0]) * thickness
    depth = 1 - np.abs(y - middle) / np.maximum(half, 1e-4)
    cover = smoothstep(-0.05, 0.75, (depth + 0.16 * fine).astype(np.float32))
    return np.where((half > 0.002) & (place[..., 2] > 0.9), cover, 0).astype(np.float32)


def beard_mask(place: Floats) -> Floats:
    """Where a beard grows, 0..1: jaw, chin, upper lip and sideburns."""
    x, y, z = np.abs(place[..., 0]), place[..., 1], place[..., 2]
    top = np.interp(
        x, [0.0, 0.02, 0.22, 0.30, 0.42, 0.58, 0.68, 0.74], [6.80, 6.81, 6.78, 6.70, 6.66, 6.82, 7.02, 7.25]
    )
    cheeks = smoothstep(0.06, -0.04, (y - top).astype(np.float32))
    neck = smoothstep(6.05, 6.25, (y + 0.1 * (1.4 - z)).astype(np.float32))
    ear = smoothstep(0.69, 0.66, z.astype(np.float32)) * smoothstep(6.6, 6.75, y.astype(np.float32))
    front = smoothstep(0.42, 0.55, z.astype(np.float32)) * (1 - ear)
    soul = 1 - 0.6 * np.exp(-((x - 0.14) ** 2) / 0.004 - ((y - 6.42) ** 2) / 0.003)
    return (cheeks * neck * front * soul).astype(np.float32)


def cut_mask(place: Floats, cut: str) -> Floats:
    """Where a cut of beard leaves hair, 0..1: everywhere, about the mouth or on the upper lip alone."""
    x, y = np.abs(place[..., 0]), place[..., 1]
    if cut == "full":
        return np.ones_like(x)
    about = smoothstep(0.36, 0.30, x.astype(np.float32))
    return about * smoothstep(6.63, 6.68, y.astype(np.float32)) if cut == "moustache" else about


def paint_skin(person: Appearance) -> NDArray[np.uint8]:
    """The person's texture (512, 1024, 4) uint8: display RGB and gloss."""
    here = surface()
    rng = generator(person.name, "skin")
    shape = (TEXTURE_HEIGHT, TEXTURE_WIDTH)

    def field(cell_y: float, cell_x: float) -> Floats:
        start = (int(rng.integers(TEXTURE_HEIGHT)), int(rng.integers(TEXTURE_WIDTH)))
        return np.roll(skin_noise(cell_y, cell_x, *shape), start, (0, 1))

    mottle, pores, fine = field(22, 22), field(2.2, 2.2), field(5.0, 1.3)
    tone = np.array(person.skin, np.float32)
    dark = float(1 - tone.mean())
    place = here.place
    skin = np.broadcast_to(tone, (*shape, 3)).copy()
    skin *= 1 + 0.012 * mottle[..., None] + 0.010 * pores[..., None]
    flush = 0.8 * _spot(place, 0.48, 6.93, 0.24, 0.20) + 0.7 * _spot(place, 0.0, 6.93, 0.13, 0.11)
    flush += 0.35 * _spot(place, 0.0, 6.30, 0.16, 0.10) + 0.5 * smoothstep(0.70, 0.80, np.abs(place[..., 0]))
    skin *= 1 - np.clip(flush, 0, 1)[..., None] * np.array([0.015, 0.13, 0.12], np.float32) * (1.15 - dark)
    sockets = 0.8 * _spot(place, 0.30, 7.20, 0.17, 0.07) + 0.9 * _spot(place, 0.31, 7.37, 0.20, 0.07)
    skin *= 1 - np.clip(sockets, 0, 1)[..., None] * np.array([0.07, 0.11, 0.10], np.float32)
    gloss = 0.30 + 0.25 * _spot(place, 0.0, 7.75, 0.45, 0.22) + 0.25 * _spot(place, 0.0, 7.0, 0.10, 0.3)
    gloss *= 1 + 0.15 * pores

    if person.wrinkles or person.freckles:
        weather(skin, pores, person.wrinkles, person.freckles)
    lips = smoothstep(0.25, 0.75, here.lips)
    red = tone * (1 - person.lip * np.array([0.16, 0.52, 0.46])) + person.lip * np.array([0.05, 0.0, 0.02])
    streak = field(9, 1.5)
    _blend(skin, red, lips * (0.92 + 0.05 * streak))
    gloss += lips * (0.45 + 0.1 * streak)

    hair = np.array(person.hair, np.float32)
    if person.beard > 0:
        grain = field(3.0, 1.4)
        grown = beard_mask(place) * cut_mask(place, person.cut) * (1 - lips)
        whiskers = grown * smoothstep(-1.3, 0.9, grain + 2.2 * person.beard - 0.8)
        _blend(
            skin,
            hair * 0.55 + 0.25 * tone * (1 - person.beard),
            (0.5 * whiskers + 0.5 * grown) * (0.25 + 0.65 * person.beard),
        )
        gloss *= 1 - 0.7 * whiskers
    style = STYLES[person.hair_style]
    # Hair hangs lower than it grows: long hair must not colour the neck under it.
    above = place[..., 1] - np.maximum(hairline(style, here.azimuth), hairline(STYLES["tied"], here.azimuth) - 0.03)
    scalp = smoothstep(-0.10, 0.10, (above + 0.035 * fine).astype(np.float32)) * style.scalp
    _blend(skin, hair * 0.62, scalp)
    gloss *= 1 - 0.8 * scalp
    arch = 0.012 if person.gender == "female" else 0.0
    _blend(
        skin,
        np.minimum(0.68 * (0.62 * hair + 0.38 * np.array([0.34, 0.25, 0.20])), 0.42),
        brow_mask(place, fine, person.brow, arch) * 0.92,
    )
    paint = np.concatenate([skin, gloss[..., None]], -1)
    return np.round(np.clip(paint, 0, 1) * 255).astype(np.uint8)
