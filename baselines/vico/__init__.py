"""The listener of the ViCo baseline (ECCV 2022): a recurrent network from the speaker's voice and face to the
listener's face.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.responder import ModelCard, ModelOptions

if TYPE_CHECKING:
    from baselines.train import TrainJob
    from baselines.vico.responder import VicoResponder

NAME: Final = "vico"
WEIGHTS: Final = Path(__file__).parent / "weights" / "tiny.safetensors"


class VicoEntry:
    """Light until it is built: torch is imported inside the methods."""

    card = ModelCard(
        name=NAME,
        version="0.1",
        kind="online",
        inputs=("face", "audio"),
        outputs=("face",),
        summary="ViCo's listener: LSTM from the speaker's voice and face, started from the listener's first face",
        parameters=241_114,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Zhou et al., Responsive Listening Head Generation: A Benchmark Dataset and Baseline, ECCV 2022",
        group="Facial Reaction Generation System",
    )
    default_checkpoint = WEIGHTS

    def build(self, options: ModelOptions) -> VicoResponder:
        """The model of ``--checkpoint`` (ours, or one of the original code), or the one that comes with the package.

        Raises:
            MissingError: no checkpoint, naming the command that trains one.
            InputError: a file that is no whole checkpoint, or one for other coefficients than these 64.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.vico.responder import load_responder

        return load_responder(self.card, options.checkpoint or WEIGHTS, options.settings)

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train vico``; returns the checkpoint's path."""
        from baselines.listener_training import train_listener
        from baselines.vico.training import RECIPE

        return train_listener(job, RECIPE)


entry = VicoEntry()
