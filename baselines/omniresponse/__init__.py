"""OmniResponse (NeurIPS 2025), small but whole: an online listener that answers with face, voice and words.

Vision projection and chrono-text tokens enter a causal language model; a vision decoder and TempoVoice read its
hidden states.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.errors import InputError, MissingError
from omnibench.responder import ModelCard, ModelEntry, ModelOptions

if TYPE_CHECKING:
    from baselines.omniresponse.session.responder import OmniResponder
    from baselines.shared.train import TrainJob

WEIGHTS: Final = Path(__file__).parent / "weights" / "tiny.safetensors"


class OmniResponseEntry(ModelEntry):
    """One of the paper's Table 3: the whole model, or an ablation. Light until built: methods import torch.

    Args:
        name: of the model.
        config: its configuration, which names its weights too.
        summary: for its card.
        parameters: of the shipped checkpoint.
    """

    shares_codec = True
    configurations = Path(__file__).parent / "configs"

    def __init__(self, name: str, config: str, summary: str, parameters: int) -> None:
        self._config = config
        self.default_checkpoint = WEIGHTS.with_name(f"{config}.safetensors")
        self.card = ModelCard(
            name=name,
            version="0.1",
            kind="online",
            outputs=("face", "audio", "words"),
            summary=summary,
            parameters=parameters,
            licence="Apache-2.0",
            trained_on=("mini",),
            transfers=False,
            citation="Luo et al., OmniResponse: Online Multimodal Conversational Response Generation in Dyadic "
            "Interactions, NeurIPS 2025",
        )

    def build(self, options: ModelOptions) -> OmniResponder:
        """The model of ``--checkpoint``, or the one that comes with the package.

        Raises:
            MissingError: no checkpoint, or no files that its configuration needs; names the command that gets them.
            InputError: a file that is no whole checkpoint, or one of another row of Table 3.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.omniresponse.network.checkpoint import load_checkpoint
        from baselines.omniresponse.session.responder import OmniResponder

        path = options.checkpoint or self._shipped(options)
        if not path.is_file() and options.checkpoint is None:
            raise MissingError(
                f"No checkpoint of the configuration {path.stem} comes with the package. Train one: "
                f"`omnibench train {self.card.name} --config {path.stem}`, and give it as --checkpoint."
            )
        checkpoint = load_checkpoint(path, options.settings)
        name = checkpoint.model.settings.model
        if name != self.card.name:
            raise InputError(f"{path}: a checkpoint of {name}, not of {self.card.name}. Run it with `--model {name}`.")
        return OmniResponder(self.card, checkpoint, options.device)

    def fingerprint(self, options: ModelOptions) -> dict[str, str]:
        """Sampling and precision, whether set for this run or with the checkpoint."""
        from baselines.omniresponse.session.manifest import run_time_settings

        return run_time_settings(options.checkpoint or self._shipped(options), options.settings)

    def build_for_measuring(self, options: ModelOptions) -> OmniResponder:
        """The model of `build`; of a configuration without a checkpoint, one with random weights."""
        from baselines.omniresponse.config import load_config, override
        from baselines.omniresponse.network.untrained import untrained_checkpoint
        from baselines.omniresponse.session.responder import OmniResponder

        path = options.checkpoint or self._shipped(options)
        if options.checkpoint is not None or path.is_file():
            return self.build(options)
        settings = override(load_config(self._config), options.settings)
        about = f"{settings.name}, window {settings.window.frames}, {settings.runtime.precision}, random weights"
        card = replace(self.card, name=f"{self.card.name}-untrained", summary=about)
        return OmniResponder(card, untrained_checkpoint(settings), options.device)

    def _shipped(self, options: ModelOptions) -> Path:
        """The checkpoint of the configuration that is asked for, where the package would have it."""
        return WEIGHTS.with_stem(str(options.settings.get("name", self._config)))

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train NAME``, by default this model's own configuration; returns the checkpoint's path."""
        from baselines.omniresponse.training.pipeline import run_training

        return run_training(replace(job, config=job.config or self._config))


entry = OmniResponseEntry(
    "omniresponse",
    "tiny",
    "OmniResponse at a size that trains on a CPU: Chrono-Text Markup, a small Phi-3, TempoVoice",
    3_897_119,
)
no_chrono = OmniResponseEntry(
    "omniresponse-no-chrono",
    "tiny-no-chrono",
    "Ablation of OmniResponse: words with predicted times in place of Chrono-Text Markup",
    3_902_137,
)
no_tempovoice = OmniResponseEntry(
    "omniresponse-no-tempovoice",
    "tiny-no-tempovoice",
    "Ablation of OmniResponse: an MLP over hidden states in place of TempoVoice",
    3_621_995,
)
neither = OmniResponseEntry(
    "omniresponse-neither",
    "tiny-neither",
    "Ablation of OmniResponse: neither Chrono-Text Markup nor TempoVoice",
    3_627_013,
)
