"""What turns face coefficients into pictures: one interface, and a look-up by name.

A renderer's name is part of the comparison key of every metric on rendered video (``render:mesh-1``), so a change that
moves pixels is a new name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import unknown_name


class Renderer(Protocol):
    """Draws one person's face, frame by frame."""

    @property
    def name(self) -> str:
        """The registered name, like ``"mesh-1"``."""
        ...

    def render(self, face: NDArray[np.float32], identity: str, size: int = 256) -> Iterator[NDArray[np.uint8]]:
        """Yield one ``(size, size, 3)`` uint8 RGB frame for each of ``(T, 64)`` face coefficients, lazily.

        Args:
            face: coefficients, see ``omnibench.media.face``; blendshapes are clipped to 0..1.2.
            identity: any string; the same string is always the same person.
            size: edge of the square frame in pixels.

        Raises:
            InputError: ``face`` is not ``(T, 64)`` or ``size`` is out of range; raised at the call, before any frame.
        """
        ...


def _mesh() -> Renderer:
    from omnibench.media.mesh.renderer import MeshRenderer

    return MeshRenderer()


RENDERERS: Final[dict[str, Callable[[], Renderer]]] = {"mesh-1": _mesh}
DEFAULT_RENDERER: Final = "mesh-1"


def get_renderer(name: str = DEFAULT_RENDERER) -> Renderer:
    """The renderer registered under ``name``. Raises UsageError for an unknown name."""
    if name not in RENDERERS:
        raise unknown_name("renderer", name, RENDERERS, "omnibench doctor")
    return RENDERERS[name]()
