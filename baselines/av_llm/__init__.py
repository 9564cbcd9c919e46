"""The paper's audio-visual LLM baseline: both people's faces and sound in, the listener's face and audio tokens out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.responder import ModelCard, ModelOptions

if TYPE_CHECKING:
    from baselines.av_llm.responder import AvLlmResponder
    from baselines.train import TrainJob

NAME: Final = "av_llm"
WEIGHTS: Final = Path(__file__).parent / "weights" / "tiny.safetensors"


class AvLlmEntry:
    """Light until it is built: torch is imported inside the methods."""

    card = ModelCard(
        name=NAME,
        version="0.1",
        kind="online",
        inputs=("face", "audio"),
        outputs=("face", "audio", "words"),
        summary="Audio-visual LLM, small: a Phi-3 over both people's faces and sound, no text; its words are "
        "recognised from its own sound",
        parameters=1_816_608,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Luo et al., OmniResponse, NeurIPS 2025, appendix (baseline); Abdin et al., Phi-3, 2024",
    )
    default_checkpoint = WEIGHTS

    def build(self, options: ModelOptions) -> AvLlmResponder:
        """The model of ``--checkpoint``, or the one that comes with the package.

        Raises:
            MissingError: no checkpoint, codec or recogniser, naming the command that gets it.
            InputError: a file that is no whole checkpoint, or one for another codec.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.av_llm.responder import load_responder

        return load_responder(self.card, options.checkpoint or WEIGHTS, options.settings)

    def missing(self, options: ModelOptions) -> str:
        """The line that installs the recogniser, where words are asked for and it is not there."""
        from baselines.own_words import lacking_recogniser, recognised

        return lacking_recogniser() if recognised(options.settings) else ""

    def fingerprint(self, options: ModelOptions) -> dict[str, str]:
        """Which recogniser the words come from."""
        from baselines.own_words import recognised
        from omnibench.features.recogniser import NAME as RECOGNISER

        return {"words": RECOGNISER if recognised(options.settings) else "none"}

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train av_llm``; returns the checkpoint's path."""
        from baselines.av_llm.training import RECIPE
        from baselines.listener_training import train_listener

        return train_listener(job, RECIPE)


entry = AvLlmEntry()
