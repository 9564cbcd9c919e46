"""How the suite's networks are optimised: AdamW on matrices and vectors apart, a rate that warms up and falls."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn


def cosine_rate(step: int, steps: int, peak: float, warmup: float, final: float) -> float:
    """The learning rate of update ``step``: linear warm-up over the share ``warmup`` of ``steps``, then half a cosine
    down to the share ``final`` of the peak.
    """
    warm = max(round(warmup * steps), 1)
    if step < warm:
        return peak * (step + 1) / warm
    done = (step - warm) / max(steps - warm, 1)
    return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done)))


def adamw(parameters: Iterable[nn.Parameter], weight_decay: float, beta1: float, beta2: float) -> torch.optim.Optimizer:
    """For those that are trained. Matrices decay; biases and gains do not."""
    free = [p for p in parameters if p.requires_grad]
    groups = [
        {"params": [p for p in free if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in free if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(beta1, beta2))
