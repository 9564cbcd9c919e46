"""What networks make of pictures and sound, made once: one decode serves every metric, and the result is kept by
content hash.

A metric says first what it will want (`FeatureStore.want`); the first thing that is read of a clip then decodes it once
and runs everything that was wanted of it, frame by frame, so that memory does not grow with the clip.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MetricError
from omnibench.features.media import Media
from omnibench.files.atomic import atomic_path
from omnibench.files.checked import read_npz
from omnibench.notices import notice
from omnibench.system import places
from omnibench.types import Image

Arrays = Mapping[str, NDArray[Any]]
FOLDER_VARIABLE: Final = places.CACHE_VARIABLE


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
    return places.cache_folder("features")


class FeatureStore:
    """Features by content; on disk, and in memory alone where the folder cannot be written.

    Args:
        folder: where results are kept; `cache_folder` unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory: dict[Path, Arrays] = {}
        self._wanted: dict[str, dict[str, Extractor]] = {}
        self._failed: dict[Path, str] = {}

    def want(self, media: Media, extractor: Extractor) -> None:
        """Note that ``extractor`` will be asked for this clip, so that one decode serves all that are."""
        self._wanted.setdefault(media.key, {})[extractor.key] = extractor

    def frames(self, media: Media, extractor: Extractor) -> Arrays:
        """What ``extractor`` makes of the clip: kept, or made now together with all else that is wanted of it.

        Raises:
            MetricError: nothing can be made of it, with the reason.
            InputError: the clip cannot be decoded.
        """
        path = self._path(media.key, extractor.key)
        kept = self._read(path)
        if kept is None and path not in self._failed:
            self.want(media, extractor)
            self._extract(media)
            kept = self._read(path)
        if kept is None:
            raise MetricError(self._failed[path])
        return kept

    def _extract(self, media: Media) -> None:
        """One decode for all that is wanted and missing. What fails in one extractor stops none of the others."""
        wanted = {self._path(media.key, key): extractor for key, extractor in self._wanted[media.key].items()}
        missing = {p: e for p, e in wanted.items() if p not in self._failed and self._read(p) is None}
        running: dict[Path, Extraction] = {}
        for path, extractor in missing.items():
            with self._noting(path):
                running[path] = extractor.open(media)
        for image in media.pictures():
            for path, extraction in list(running.items()):
                with self._noting(path):
                    extraction.push(image)
                if path in self._failed:
                    del running[path]
        for path, extraction in running.items():
            with self._noting(path):
                self._write(path, extraction.finish())

    @contextmanager
    def _noting(self, path: Path) -> Iterator[None]:
        """Keep the reason of a failure for when this very result is asked for."""
        try:
            yield
        except MetricError as error:
            self._failed[path] = str(error)

    def computed(self, media: Media, key: str, compute: Callable[[], Arrays]) -> Arrays:
        """What ``compute`` makes, kept under the clip's content and ``key`` (everything that defines the result)."""
        path = self._path(media.key, key)
        kept = self._read(path)
        if kept is None:
            kept = compute()
            self._write(path, kept)
        return kept

    def _path(self, media_key: str, key: str) -> Path:
        name = hashlib.sha256(f"{media_key}\n{key}".encode()).hexdigest()
        return (self._folder or cache_folder()) / name[:2] / f"{name}.npz"

    def _read(self, path: Path) -> Arrays | None:
        if path in self._memory:
            return self._memory[path]
        try:
            return read_npz(path, "a clip's features")
        except InputError:
            # Not there, or cut short by a crash of the machine: it is made again.
            return None

    def _write(self, path: Path, arrays: Arrays) -> None:
        try:
            with atomic_path(path, str(os.getpid())) as temporary, temporary.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
        except OSError as error:
            self._memory[path] = arrays
            place = self._folder or cache_folder()
            notice(
                "features",
                f"{place}: features are not kept ({error.strerror}). Set {FOLDER_VARIABLE} to another folder.",
            )
