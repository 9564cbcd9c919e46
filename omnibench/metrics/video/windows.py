"""Windows of frames through a video network, in one pass over a clip.

Only the frames of windows that have begun and not ended are held, and only at the network's size, so memory does not
grow with the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.store import Arrays
from omnibench.types import Image

if TYPE_CHECKING:
    from omnibench.metrics.video.windows_mpeg4 import Mpeg4Loop

_BATCH_BYTES: Final = 1 << 26


class WindowEmbedder(Protocol):
    """A network that turns windows of ``frames`` square pictures of edge ``size`` into ``dim`` numbers each.

    ``rate`` is its frames per second, None where it takes a clip's own frames; ``key`` names the network with the hash
    of its weights.
    """

    @property
    def frames(self) -> int:
        """Frames of a window."""

    @property
    def size(self) -> int:
        """Edge in pixels."""

    @property
    def rate(self) -> float | None:
        """Frames per second of a window, or None for the clip's own."""

    @property
    def key(self) -> str:
        """Everything that defines the numbers."""

    @property
    def dim(self) -> int:
        """Numbers of a window."""

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[Any]:
        """``(b, dim)`` of ``(b, frames, size, size, 3)`` uint8; a window's numbers do not depend on its batch."""


@dataclass(frozen=True, slots=True)
class WindowExtractor:
    """Features ``(len(starts), dim)`` float32 of the windows that begin at ``starts``.

    ``offsets`` are a window's frames counted from its first. Pictures are resized with OpenCV's INTER_AREA;
    ``reencode`` then sends them through the lossy MPEG-4 of the official preprocessing.
    """

    embedder: WindowEmbedder
    starts: tuple[int, ...]
    offsets: tuple[int, ...]
    reencode: bool = False

    @property
    def key(self) -> str:
        """Network, places, spacing and what was done to the pictures."""
        pictures = "area-mp4v-2" if self.reencode else "area"
        spacing = ",".join(map(str, self.offsets))
        places = ",".join(map(str, self.starts))
        return f"windows:{self.embedder.key}:{self.embedder.size}:{pictures}:{spacing}:{places}"

    def open(self, media: Media) -> _Windows:
        """Start on a clip."""
        return _Windows(self, media.rate)


class _Windows:
    def __init__(self, extractor: WindowExtractor, rate: Callable[[], Fraction]) -> None:
        self._extractor = extractor
        self._open = sorted(enumerate(extractor.starts), key=lambda item: item[1])
        self._wanted = {start + offset for start in extractor.starts for offset in extractor.offsets}
        self._last = max(self._wanted, default=-1)
        self._held: dict[int, Image] = {}
        self._pending: list[tuple[int, Image]] = []
        self._features = np.zeros((len(extractor.starts), extractor.embedder.dim), np.float32)
        window_bytes = extractor.embedder.frames * extractor.embedder.size**2 * 3
        self._batch = max(1, _BATCH_BYTES // window_bytes)
        self._resizers: dict[tuple[int, ...], Callable[[Image], Image]] = {}
        self._loop = _mpeg4(extractor.embedder.size, rate()) if extractor.reencode else None
        self._pushed = self._prepared = 0

    def push(self, image: Image) -> None:
        index, self._pushed = self._pushed, self._pushed + 1
        if index > self._last:
            return
        if self._loop is not None:
            self._take(self._loop.push(self._resized(image)))
        elif index in self._wanted:
            self._take([self._resized(image)])
        else:
            self._prepared += 1

    def finish(self) -> Arrays:
        if self._loop is not None:
            self._take(self._loop.finish())
        if self._open:
            raise MetricError(
                f"{self._pushed} frames, the window that begins at frame {self._open[0][1]} takes "
                f"{self._extractor.offsets[-1] + 1}"
            )
        self._embed()
        return {"features": self._features}

    def _resized(self, image: Image) -> Image:
        # It takes half a second to import what compiles it.
        from omnibench.metrics.video.windows_area import area_resizer

        resize = self._resizers.get(image.shape)
        if resize is None:
            resize = self._resizers[image.shape] = area_resizer(
                image.shape[0], image.shape[1], self._extractor.embedder.size
            )
        return resize(image)

    def _take(self, images: Iterable[Image]) -> None:
        for image in images:
            if self._prepared in self._wanted:
                self._held[self._prepared] = image
            self._prepared += 1
            while self._open and self._open[0][1] + self._extractor.offsets[-1] < self._prepared:
                self._close(*self._open.pop(0))

    def _close(self, row: int, start: int) -> None:
        self._pending.append((row, np.stack([self._held[start + offset] for offset in self._extractor.offsets])))
        first = self._open[0][1] if self._open else self._last + 1
        for index in [index for index in self._held if index < first]:
            del self._held[index]
        if len(self._pending) == self._batch:
            self._embed()

    def _embed(self) -> None:
        if self._pending:
            rows, windows = zip(*self._pending, strict=True)
            self._features[list(rows)] = self._extractor.embedder.embed(np.stack(windows))
            self._pending.clear()


def _mpeg4(size: int, rate: Fraction) -> Mpeg4Loop:
    from omnibench.metrics.video.windows_mpeg4 import Mpeg4Loop

    return Mpeg4Loop(size, rate)
