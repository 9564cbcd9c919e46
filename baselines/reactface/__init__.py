"""ReactFace (IEEE TVCG 2024): an online generator of facial reactions, window by window."""

from __future__ import annotations

from baselines.shared.listeners.entry import TrainedEntry
from omnibench.responder import ModelCard

entry = TrainedEntry(
    ModelCard(
        name="reactface",
        version="0.1",
        kind="online",
        inputs=("face", "audio"),
        outputs=("face",),
        summary="ReactFace, small: reactions in windows of 8 frames, sampled from a VAE; each window is 8 frames late",
        parameters=604_480,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Luo et al., ReactFace: Online Multiple Appropriate Facial Reaction Generation in Dyadic "
        "Interactions, IEEE TVCG 2024",
        group="Facial Reaction Generation System",
    ),
    __file__,
)
