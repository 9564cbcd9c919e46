"""What stands behind a person: a wall, or a room drawn from a few soft shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.appearance import Appearance, generator
from omnibench.media.mesh.backdrop import backdrop
from omnibench.media.mesh.noise import smoothstep

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]


class _Canvas:
    """Linear RGB to paint on; x and y run from -1 to 1, y downwards. ``soft`` is the width of an edge."""

    def __init__(self, linear: Floats, soft: float, accent: Floats, rng: np.random.Generator) -> None:
        self.linear, self.soft, self.accent, self.rng = linear, soft, accent, rng
        span = np.linspace(-1, 1, len(linear), dtype=np.float32)
        self.x, self.y = np.meshgrid(span, span)

    def within(self, box: Box) -> Floats:
        """Cover of a rectangle (left, right, top, bottom)."""
        left, right, top, bottom = box
        soft = self.soft
        sides = smoothstep(left - soft, left + soft, self.x) * smoothstep(right + soft, right - soft, self.x)
        return sides * smoothstep(top - soft, top + soft, self.y) * smoothstep(bottom + soft, bottom - soft, self.y)

    def disc(self, x: float, y: float, radius: float) -> Floats:
        """Cover of a disc."""
        distance = np.hypot(self.x - x, self.y - y)
        return smoothstep(radius + self.soft, radius - self.soft, distance)

    def paint(self, cover: Floats, colour: Floats | float) -> None:
        """Lay a linear colour on, as far as it covers."""
        self.linear += cover[..., None] * (np.asarray(colour, np.float32) - self.linear)

    def dim(self, cover: Floats, share: float) -> None:
        """Darken (below 1) or brighten."""
        self.linear *= 1 + cover[..., None] * (share - 1)

    def tone(self, spread: float = 0.35) -> Floats:
        """A linear colour somewhere near the accent."""
        near = self.accent * self.rng.uniform(1 - spread, 1 + spread) + self.rng.uniform(-0.06, 0.06, 3)
        return np.clip(near, 0.01, 0.9).astype(np.float32)


def _gradient(on: _Canvas) -> None:
    on.paint(0.75 * smoothstep(-1.2, 1.2, 0.7 * on.x + on.y), on.accent)


def _corner(on: _Canvas) -> None:
    edge = on.rng.choice([-0.55, 0.6])
    on.dim(smoothstep(edge - on.soft, edge + on.soft, on.x), 0.72)
    on.paint(on.within((-2, 2, 0.72, 2)), 0.6 * on.accent)


def _shelves(on: _Canvas) -> None:
    for bottom in (-0.55, -0.02, 0.52, 1.06):
        on.dim(on.within((-2, 2, bottom - 0.46, bottom)), 0.55)
        x = -1.05
        while x < 1.05:
            wide, high = on.rng.uniform(0.05, 0.13), on.rng.uniform(0.24, 0.40)
            if on.rng.random() < 0.84:
                on.paint(0.9 * on.within((x, x + wide, bottom - high, bottom)), on.tone(0.6))
            x += wide + 0.01
        on.paint(on.within((-2, 2, bottom, bottom + 0.05)), 0.5 * on.accent)


def _window(on: _Canvas) -> None:
    side = on.rng.choice([-1.0, 1.0])
    left, right = sorted((0.30 * side, 0.95 * side))
    on.paint(on.within((left - 0.06, right + 0.06, -0.95, 0.45)), 0.75)
    for top, bottom in ((-0.89, -0.28), (-0.22, 0.39)):
        middle = (left + right) / 2
        for near, far in ((left, middle - 0.02), (middle + 0.02, right)):
            on.paint(on.within((near, far, top, bottom)), 0.55 * on.accent + 0.5)


def _pictures(on: _Canvas) -> None:
    for left, wide, top, high in ((-0.92, 0.42, -0.80, 0.55), (0.52, 0.36, -0.70, 0.42)):
        on.paint(on.within((left, left + wide, top, top + high)), 0.08)
        on.paint(on.within((left + 0.03, left + wide - 0.03, top + 0.03, top + high - 0.03)), 0.75)
        on.paint(on.within((left + 0.09, left + wide - 0.09, top + 0.09, top + high - 0.09)), on.tone())
        on.paint(0.8 * on.disc(left + wide / 2, top + high / 2, 0.09), on.tone(0.7))


def _curtain(on: _Canvas) -> None:
    folds = 0.5 + 0.5 * np.sin(17 * on.x + 1.3 * np.sin(5.1 * on.x) + 0.15 * on.y)
    on.dim((folds * 0.8).astype(np.float32), 0.62)


def _lights(on: _Canvas) -> None:
    on.linear *= 0.35
    for _ in range(26):
        x, y = on.rng.uniform(-1, 1), on.rng.uniform(-1, 0.7)
        on.paint(on.rng.uniform(0.15, 0.5) * on.disc(x, y, on.rng.uniform(0.05, 0.13)), on.tone(0.4) + 0.25)


def _plants(on: _Canvas) -> None:
    for stem in (-0.85, 0.82):
        for _ in range(22):
            x, y, turn = stem + on.rng.normal(0, 0.20), on.rng.uniform(-0.7, 1.0), on.rng.uniform(-1.2, 1.2)
            along = (on.x - x) * np.cos(turn) + (on.y - y) * np.sin(turn)
            across = (on.y - y) * np.cos(turn) - (on.x - x) * np.sin(turn)
            leaf = np.hypot(along / 0.17, across / 0.055).astype(np.float32)
            on.paint(0.9 * smoothstep(1.0 + 6 * on.soft, 1.0 - 6 * on.soft, leaf), on.tone(0.6))


def _bricks(on: _Canvas) -> None:
    row = np.floor(on.y / 0.14)
    along, up = (on.x / 0.34 + 0.5 * (row % 2)) % 1.0, (on.y / 0.14) % 1.0
    joint = np.maximum(smoothstep(0.42, 0.5, np.abs(along - 0.5)), smoothstep(0.36, 0.5, np.abs(up - 0.5)))
    brick = np.sin(12.9 * row + 78.2 * np.floor(on.x / 0.34 + 0.5 * (row % 2))) * 0.18
    on.linear *= (1 + brick)[..., None].astype(np.float32)
    on.paint((0.7 * joint).astype(np.float32), on.accent)


def _plain(_: _Canvas) -> None:
    """The wall alone."""


SCENES: Final[dict[str, Callable[[_Canvas], None]]] = {
    "plain": _plain,
    "gradient": _gradient,
    "corner": _corner,
    "shelves": _shelves,
    "window": _window,
    "pictures": _pictures,
    "curtain": _curtain,
    "lights": _lights,
    "plants": _plants,
    "bricks": _bricks,
}


def behind(look: Appearance, size: int) -> Floats:
    """Linear RGB (size, size, 3) of what is behind a person."""
    setting = look.setting
    linear = backdrop(look.backdrop, size)
    if setting.scene == "plain" and setting.light == "studio" and setting.bright == 1.0:
        return linear
    accent = np.array(setting.accent, np.float32) ** 2
    canvas = _Canvas(linear, 0.005 + 0.06 * (1 - setting.sharp) ** 2, accent, generator(look.name, "scene"))
    SCENES[setting.scene](canvas)
    lamps = setting.lamps()
    tint = np.array([lamps.red, lamps.green, lamps.blue], np.float32)
    side = -0.22 * canvas.x * np.float32(np.sign(lamps.kx) * (abs(lamps.kx) > 0.5))
    return (canvas.linear * tint * (1 - side)[..., None]).astype(np.float32)
