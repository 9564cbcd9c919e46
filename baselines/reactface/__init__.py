"""ReactFace (IEEE TVCG 2024): an online generator of facial reactions, window by window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.responder import ModelCard, ModelOptions

if TYPE_CHECKING:
    from baselines.reactface.responder import ReactFaceResponder
    from baselines.train import TrainJob

NAME: Final = "reactface"
WEIGHTS: Final = Path(__file__).parent / "weights" / "tiny.safetensors"


class ReactFaceEntry:
    """Light until it is built: torch is imported inside the methods."""

    card = ModelCard(
        name=NAME,
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
    )
    default_checkpoint = WEIGHTS

    def build(self, options: ModelOptions) -> ReactFaceResponder:
        """The model of ``--checkpoint`` (ours, or one of the original code), or the one that comes with the package.

        Raises:
            MissingError: no checkpoint, naming the command that trains one.
            InputError: a file that is no whole checkpoint, or one for other coefficients than these 64.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.reactface.responder import load_responder

        return load_responder(self.card, options.checkpoint or WEIGHTS, options.settings)

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train reactface``; returns the checkpoint's path."""
        from baselines.listener_training import train_listener
        from baselines.reactface.training import RECIPE

        return train_listener(job, RECIPE)


entry = ReactFaceEntry()
