"""OmniResponse (NeurIPS 2025), small but whole: an online listener that answers with face, voice and words.

Vision projection and chrono-text tokens enter a causal language model; a vision decoder and TempoVoice read its
hidden states.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.responder import ModelCard, ModelOptions

if TYPE_CHECKING:
    from baselines.omniresponse.responder import OmniResponder
    from baselines.train import TrainJob

WEIGHTS: Final = Path(__file__).parent / "weights" / "tiny.safetensors"


class OmniResponseEntry:
    """Light until it is built: torch is imported inside the methods."""

    card = ModelCard(
        name="omniresponse",
        version="0.1",
        kind="online",
        outputs=("face", "audio", "words"),
        summary="OmniResponse at a size that trains on a CPU: Chrono-Text Markup, a small Phi-3, TempoVoice",
        parameters=3_896_473,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Luo et al., OmniResponse: Online Multimodal Conversational Response Generation in Dyadic "
        "Interactions, NeurIPS 2025",
    )
    default_checkpoint = WEIGHTS

    def build(self, options: ModelOptions) -> OmniResponder:
        """The model of ``--checkpoint``, or the one that comes with the package.

        Raises:
            MissingError: no checkpoint, naming the command that trains one.
            InputError: a file that is no whole checkpoint.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.omniresponse.checkpoint import load_checkpoint
        from baselines.omniresponse.responder import OmniResponder

        return OmniResponder(self.card, load_checkpoint(options.checkpoint or WEIGHTS, options.settings))

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train omniresponse``; returns the checkpoint's path."""
        from baselines.omniresponse.pipeline import run_training

        return run_training(job)


entry = OmniResponseEntry()
