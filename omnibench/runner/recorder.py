"""Writes one dialogue's answers into a folder of its own, from which the run publishes them file by file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from omnibench.errors import ModelFailure
from omnibench.files.atomic import write_bytes, write_text
from omnibench.files.hashing import file_sha256
from omnibench.files.text_records import TextRecord, WordRecord
from omnibench.predictions.folder import SUFFIXES, Part
from omnibench.responder import ModelCard
from omnibench.runner.clock import PlayedFrame
from omnibench.types import Audio, DialogueContext, Face, Image, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnibench.media.video import VideoWriter


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished file and the sha256 that it had when it was finished."""

    path: Path
    sha256: str


class Recorder:
    """Collects what a `Player` plays and writes it down at the end; pictures go to the video as they come.

    Args:
        folder: receives ``text.json``, ``audio.wav``, ``vector.npy``, ``video.mp4`` and ``timing.npz``.
        context: of the dialogue.
        card: the model's; a part that it does not list is not written.
        renderer: draws the faces of a model that shows no pictures of its own, or ``""`` for no video.
        on_drawn: called with 1 after each frame that the renderer drew, for progress.
    """

    def __init__(
        self, folder: Path, context: DialogueContext, card: ModelCard, renderer: str, on_drawn: Callable[[int], None]
    ) -> None:
        self._folder, self._context, self._card, self._renderer = folder, context, card, renderer
        self._on_drawn = on_drawn
        self._faces: list[Face] = []
        self._audio: list[Audio] = []
        self._writer: VideoWriter | None = None
        self._before_first_image = 0
        folder.mkdir(parents=True, exist_ok=True)

    def play(self, frame: PlayedFrame) -> None:
        """Take the next frame. Raises ModelFailure for a picture of another size than those before."""
        if frame.face is not None:
            self._faces.append(frame.face)
        if frame.audio is not None:
            self._audio.append(frame.audio)
        if "image" in self._card.outputs and self._renderer:
            self._show(frame)

    def finish(self, words: Sequence[Word], timing: Mapping[str, NDArray[np.generic]]) -> dict[Part, Kept]:
        """Write everything and return the files by part."""
        written: dict[Part, Path] = {}
        if "words" in self._card.outputs:
            written["text"] = self._path("text")
            write_text(written["text"], words_json(words))
        if self._audio:
            from omnibench.media.audio import write_wav

            written["audio"] = self._path("audio")
            write_wav(written["audio"], np.concatenate(self._audio), self._context.sample_rate)
        if self._faces:
            written["vector"] = self._path("vector")
            write_bytes(written["vector"], _npy(np.stack(self._faces)))
        if self._finish_video():
            written["video"] = self._path("video")
        written["timing"] = self._path("timing")
        write_bytes(written["timing"], _npz(timing))
        return {part: Kept(path, file_sha256(path)) for part, path in written.items()}

    def abandon(self) -> None:
        """Let go of a video that will not be finished."""
        if self._writer is not None:
            failure = ModelFailure("abandoned")
            self._writer.__exit__(ModelFailure, failure, None)
            self._writer = None

    def _path(self, part: Part) -> Path:
        return self._folder / f"{part}{SUFFIXES[part]}"

    def _show(self, frame: PlayedFrame) -> None:
        if frame.image is None:
            self._before_first_image += 1
            return
        height, width = frame.image.shape[:2]
        if self._writer is None:
            self._writer = self._open((width, height))
            for _ in range(self._before_first_image):
                self._writer.write(self._opening_image(frame.image))
        if self._writer.size != (width, height):
            first = "x".join(map(str, self._writer.size))
            raise ModelFailure(f"frame {frame.index}: a picture of {width}x{height} pixels, the first one had {first}.")
        self._writer.write(frame.image)

    def _opening_image(self, like: Image) -> Image:
        """What is seen before a model's first picture: the portrait where it fits, else black."""
        portrait = self._context.portrait
        return portrait if portrait is not None and portrait.shape == like.shape else np.zeros_like(like)

    def _finish_video(self) -> bool:
        if self._writer is None and self._faces and self._renderer:
            from omnibench.media.renderer import get_renderer

            faces = np.stack(self._faces)
            for image in get_renderer(self._renderer).render(faces, self._context.identity):
                if self._writer is None:
                    self._writer = self._open((image.shape[1], image.shape[0]))
                self._writer.write(image)
                self._on_drawn(1)
        if self._writer is None:
            return False
        writer, self._writer = self._writer, None
        writer.__exit__(None, None, None)
        return True

    def _open(self, size: tuple[int, int]) -> VideoWriter:
        from omnibench.media.video import VideoWriter

        return VideoWriter(self._path("video"), self._context.fps, size).__enter__()


def draws(card: ModelCard) -> bool:
    """Whether a model's faces are drawn once its dialogue is over: it shows faces and no pictures of its own."""
    return "face" in card.outputs and "image" not in card.outputs


def words_json(words: Sequence[Word]) -> str:
    """A text file's content, as ResponseNet has it and the official evaluation reads it."""
    items = [WordRecord(text=w.text, start=round(w.start, 6), end=round(w.end, 6)) for w in words]
    content = TextRecord(text=" ".join(word.text for word in words), words=items)
    return json.dumps(content.document(), ensure_ascii=False, allow_nan=False) + "\n"


def _npy(array: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
