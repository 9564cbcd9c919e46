"""ReactFace's training losses on standardised faces.

Source: lingjivoo/ReactFace @fa4b3a4, ``model/losses.py`` and ``train.py``; written anew. The human listener is the
only appropriate reaction here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from baselines.reactface.config import LossSettings
from baselines.reactface.network import Reaction

EXPRESSION = 52


def reaction_losses(
    drawn: Sequence[Tensor],
    reactions: Sequence[Reaction],
    target: Tensor,
    speaker: tuple[Tensor, Tensor],
    weights: LossSettings,
) -> dict[str, Tensor]:
    """All terms by name; ``"total"`` is the weighted sum.

    Args:
        drawn: several reactions ``(B, T, 64)`` to the same speaker, with different noise; the first one is compared.
        reactions: the windows of the first one, for its distributions.
        target: the human listener ``(B, T, 64)``.
        speaker: the speaker's face rebuilt, and as it was.
        weights: of the terms.
    """
    expression = smooth_l1_loss(drawn[0][..., :EXPRESSION], target[..., :EXPRESSION])
    pose = smooth_l1_loss(drawn[0][..., EXPRESSION:], target[..., EXPRESSION:])
    divergence = torch.stack([_divergence(reaction) for reaction in reactions]).mean()
    pairs = [(a, b) for i, a in enumerate(drawn) for b in drawn[:i]]
    diversity = torch.stack([_sameness(a, b, weights.diversity_scale) for a, b in pairs]).sum()
    smoothness = _jerk(drawn[0][..., EXPRESSION:]) + weights.expression_smoothness * _jerk(drawn[0][..., :EXPRESSION])
    rebuilt = smooth_l1_loss(*speaker)
    total = (
        expression
        + weights.pose * pose
        + weights.divergence * divergence
        + weights.diversity * diversity
        + weights.smoothness * smoothness
        + weights.speaker * rebuilt
    )
    return {
        "expression": expression,
        "pose": pose,
        "divergence": divergence,
        "diversity": diversity,
        "smoothness": smoothness,
        "speaker": rebuilt,
        "total": total,
    }


def _divergence(reaction: Reaction) -> Tensor:
    """Kullback-Leibler divergence from a standard normal, mean over dimensions."""
    variance = reaction.deviation.square()
    return 0.5 * (variance + reaction.mean.square() - 1 - variance.log()).mean()


def _sameness(a: Tensor, b: Tensor, scale: float) -> Tensor:
    """1 for equal reactions, towards 0 for different ones."""
    return (-(a - b).flatten(1).square().sum(1) / scale).exp().mean()


def _jerk(faces: Tensor) -> Tensor:
    """How much the velocity changes from frame to frame."""
    velocity = faces.diff(dim=1)
    return smooth_l1_loss(velocity[:, 1:], velocity[:, :-1])
