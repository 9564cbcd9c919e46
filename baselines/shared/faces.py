"""Faces for networks: the scale on which they see coefficients, and the nearest coefficients that can be played."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from omnibench.media.face import EXPRESSION, FACE_DIM, pack, rotation, translation
from omnibench.types import Face

SMALLEST_DEVIATION = 5e-3  # a coefficient that hardly moves in training must not be blown up to unit variance


class FaceScale(nn.Module):
    """Coefficients to standard scores of the training split and back."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FACE_DIM))
        self.register_buffer("deviation", torch.ones(FACE_DIM))

    def fit(self, faces: NDArray[np.float32]) -> None:
        """Take mean and deviation from ``(n, 64)`` training faces."""
        self.mean.copy_(torch.from_numpy(faces.mean(axis=0, dtype=np.float64)))
        deviation = np.maximum(faces.std(axis=0, dtype=np.float64), SMALLEST_DEVIATION)
        self.deviation.copy_(torch.from_numpy(deviation))

    def standardise(self, faces: Tensor) -> Tensor:
        """``(..., 64)`` coefficients as standard scores."""
        return (faces - self.mean) / self.deviation

    def restore(self, scores: Tensor) -> Tensor:
        """Standard scores as ``(..., 64)`` coefficients."""
        return scores * self.deviation + self.mean


def playable(face: Face) -> Face:
    """The nearest valid coefficients: blendshapes in [0, 1], the head a rotation times one positive scale.

    Args:
        face: ``(64,)``.

    Source: the nearest rotation is the polar factor (Higham 1986).
    """
    matrix = rotation(face).astype(np.float64)
    left, stretch, right = np.linalg.svd(matrix)
    signs = np.array([1.0, 1.0, np.linalg.det(left @ right)])
    scale = max(float((stretch * signs).mean()), 1e-3)
    head = (left * signs) @ right * scale
    expression = np.clip(face[EXPRESSION], 0.0, 1.0)
    return pack(expression, head.astype(np.float32), translation(face))
