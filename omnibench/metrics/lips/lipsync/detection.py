"""Faces of a picture: what S3FD is shown, and which of its boxes are kept.

Source: ``detectors/s3fd`` of joonson/syncnet_python @6efbb1c: pictures at a quarter of their size, red first, the mean
taken off; suppression at 0.3 on the network's own boxes and at 0.1 on those in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.lips.lipsync.pixels import resize
from omnibench.types import Image

if TYPE_CHECKING:
    from omnibench.metrics.lips.s3fd import S3FD

SCALE: Final = 0.25
CONFIDENCE: Final = 0.9
MEAN: Final = (123.0, 117.0, 104.0)
"""Of red, green, blue."""

_OWN_OVERLAP: Final = 0.3
_OVERLAP: Final = 0.1
_MOST: Final = 750


def detect_faces(
    network: S3FD, pictures: Sequence[Image], scale: float = SCALE, confidence: float = CONFIDENCE
) -> list[NDArray[np.float64]]:
    """Faces of pictures of one size.

    Args:
        network: in ``eval()``.
        pictures: each ``(H, W, 3)`` uint8 RGB.
        scale: size at which the network sees them.
        confidence: a face is surer than this.

    Returns:
        One array ``(k, 5)`` a picture: left, top, right, bottom in pixels and confidence, surest first.
    """
    import torch

    height, width = pictures[0].shape[:2]
    device = next(network.parameters()).device
    shown = torch.from_numpy(np.stack([_shown(picture, scale) for picture in pictures])).to(device)
    with torch.inference_mode():
        scores, boxes = (part.cpu().numpy() for part in network(shown))
    return [faces_of(s, b, width, height, confidence) for s, b in zip(scores, boxes, strict=True)]


def faces_of(
    scores: NDArray[Any], boxes: NDArray[Any], width: int, height: int, confidence: float = CONFIDENCE
) -> NDArray[np.float64]:
    """Which boxes of one picture are faces.

    Args:
        scores: ``(p,)`` float32 probabilities.
        boxes: ``(p, 4)`` float32 left, top, right, bottom in parts of the picture.
        width: of the whole picture in pixels.
        height: of the whole picture in pixels.
        confidence: a face is surer than this; at least 0.05, below which the original looks at no box.

    Returns:
        ``(k, 5)`` as in `detect_faces`.
    """
    # Suppression goes from the surest box down, so what is not sure enough never takes a sure one away.
    sure = scores > confidence
    scores, boxes = scores[sure], boxes[sure]
    kept = suppress(boxes, scores, _OWN_OVERLAP)[:_MOST]
    pixels = boxes[kept] * np.array([width, height, width, height], dtype=np.float32)
    faces = np.column_stack([pixels, scores[kept]]).astype(np.float64)
    return faces[suppress(faces[:, :4], faces[:, 4], _OVERLAP)]


def suppress(boxes: NDArray[Any], scores: NDArray[Any], overlap: float) -> NDArray[np.int64]:
    """Indices of the boxes that are left when each, from the surest down, takes away those whose intersection over
    union with it is above ``overlap``.

    Args:
        boxes: ``(n, 4)`` left, top, right, bottom.
        scores: ``(n,)``.
        overlap: 0 to 1.

    Source: Neubeck & Van Gool 2006; the order of ``detectors/s3fd/box_utils.py``.
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = scores.argsort(kind="stable")[::-1]
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        order = rest[shared / (area[best] + area[rest] - shared) <= overlap]
    return np.array(kept, dtype=np.int64)


def _shown(picture: Image, scale: float) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    small = resize(picture, round(width * scale), round(height * scale), step=1 / scale)
    return np.ascontiguousarray((small.astype(np.float32) - np.array(MEAN, dtype=np.float32)).transpose(2, 0, 1))
