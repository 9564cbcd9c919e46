"""What networks make of pictures and sound, made once: one decode serves every metric, and the result is kept by
content hash.

A metric says first what it will want (`FeatureStore.want`); the first thing that is read of a clip then decodes it once
and runs everything that was wanted of it, frame by frame, so that memory does not grow with the clip.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from omnibench.features.media import Media
from omnibench.media.atomic import write_bytes
from omnibench.types import Image

Arrays = Mapping[str, NDArray[Any]]
FOLDER_VARIABLE: Final = "OMNIBENCH_CACHE"


class Extraction(Protocol):
    """One clip on its way through an extractor."""

    def push(self, image: Image) -> None:
        """The next picture ``(H, W, 3)`` uint8."""

    def finish(self) -> Arrays:
        """What was made of the clip. Raises MetricError with the reason where nothing can be."""


class Extractor(Protocol):
    """Makes arrays of a clip's pictures, and of its sound where it wants it. ``key`` names everything that defines the
    result: network with its hash, sizes, rates.
    """

    @property
    def key(self) -> str:
        """Everything that defines the result."""

    def open(self, media: Media) -> Extraction:
        """Start on a clip."""


def cache_folder() -> Path:
    """Where features are kept: ``$OMNIBENCH_CACHE/features``, or ``~/.cache/omnibench/features``."""
    base = os.environ.get(FOLDER_VARIABLE)
    return (Path(base) if base else Path.home() / ".cache" / "omnibench") / "features"


class FeatureStore:
    """Features by content; on disk, and in memory alone where the folder cannot be written.

    Args:
        folder: where results are kept; `cache_folder` unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory: dict[Path, Arrays] = {}
        self._wanted: dict[str, dict[str, Extractor]] = {}

    def want(self, media: Media, extractor: Extractor) -> None:
        """Note that ``extractor`` will be asked for this clip, so that one decode serves all that are."""
        self._wanted.setdefault(media.key, {})[extractor.key] = extractor

    def frames(self, media: Media, extractor: Extractor) -> Arrays:
        """What ``extractor`` makes of the clip: kept, or made now together with all else that is wanted of it.

        Raises:
            MetricError: nothing can be made of it, with the reason.
            InputError: the clip cannot be decoded.
        """
        kept = self._read(self._path(media.key, extractor.key))
        if kept is not None:
            return kept
        self.want(media, extractor)
        missing = {
            key: wanted
            for key, wanted in self._wanted[media.key].items()
            if key == extractor.key or self._read(self._path(media.key, key)) is None
        }
        running = {key: wanted.open(media) for key, wanted in missing.items()}
        for image in media.pictures():
            for extraction in running.values():
                extraction.push(image)
        own = running.pop(extractor.key)
        for key, extraction in running.items():
            self._finish(media.key, key, extraction)
        result = own.finish()
        self._write(self._path(media.key, extractor.key), result)
        return result

    def computed(self, media: Media, key: str, compute: Callable[[], Arrays]) -> Arrays:
        """What ``compute`` makes, kept under the clip's content and ``key`` (everything that defines the result)."""
        path = self._path(media.key, key)
        kept = self._read(path)
        if kept is None:
            kept = compute()
            self._write(path, kept)
        return kept

    def _finish(self, media_key: str, key: str, extraction: Extraction) -> None:
        from omnibench.errors import MetricError

        try:
            self._write(self._path(media_key, key), extraction.finish())
        except MetricError:
            # Its own metric asks again and then hears the reason.
            return

    def _path(self, media_key: str, key: str) -> Path:
        name = hashlib.sha256(f"{media_key}\n{key}".encode()).hexdigest()
        return (self._folder or cache_folder()) / name[:2] / f"{name}.npz"

    def _read(self, path: Path) -> Arrays | None:
        if path in self._memory:
            return self._memory[path]
        try:
            with np.load(path, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, BadZipFile):
            # Not there, or cut short by a crash of the machine: it is made again.
            return None

    def _write(self, path: Path, arrays: Arrays) -> None:
        packed = BytesIO()
        np.savez(packed, **arrays)  # type: ignore[arg-type]
        try:
            write_bytes(path, packed.getvalue())
        except OSError:
            self._memory[path] = arrays
