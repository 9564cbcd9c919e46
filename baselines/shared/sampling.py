"""Drawing one of many: temperature and nucleus, one generator per dialogue and purpose."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.floating[Any]]


def dialogue_generator(seed: int, dialogue: str, purpose: str) -> np.random.Generator:
    """A generator for one dialogue and purpose: the same everywhere, whatever ran before."""
    digest = hashlib.sha256(f"{seed}\0{dialogue}\0{purpose}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def draw(logits: Logits, temperature: float, top_p: float, generator: np.random.Generator) -> int:
    """One index.

    Args:
        logits: ``(n,)``; -inf is never drawn.
        temperature: 0 takes the most likely one.
        top_p: only the smallest set of most likely indices whose probabilities reach ``top_p`` (Holtzman et al. 2020).
        generator: advanced by one number, also at temperature 0.
    """
    chance = generator.random()
    if temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    order = np.argsort(-weights, kind="stable")
    cumulative = np.cumsum(weights[order]) / weights.sum()
    kept = int(np.searchsorted(cumulative, top_p)) + 1
    place = int(np.searchsorted(cumulative[:kept], chance * cumulative[min(kept, len(order)) - 1], side="right"))
    return int(order[min(place, kept - 1, len(order) - 1)])
