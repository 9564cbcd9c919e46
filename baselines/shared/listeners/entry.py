"""The entry of a listener that is trained here: its card, its shipped weights, and its package's own rooms.

Light until it is built: torch is imported inside the methods.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from omnibench.responder import ModelCard, ModelEntry, ModelOptions, Responder

if TYPE_CHECKING:
    from baselines.shared.train import TrainJob


class TrainedEntry(ModelEntry):
    """A package with ``responder.DESIGN``, ``training.RECIPE``, ``configs/`` and ``weights/tiny.safetensors``.

    Args:
        card: of the model.
        package: the package's ``__init__`` file; its module name is ``baselines.`` and its folder's.
    """

    def __init__(self, card: ModelCard, package: str) -> None:
        folder = Path(package).parent
        self.card, self._package = card, f"baselines.{folder.name}"
        self.default_checkpoint = self._shipped = folder / "weights" / "tiny.safetensors"
        self._configs = folder / "configs"

    def build(self, options: ModelOptions) -> Responder:
        """The model of ``--checkpoint`` (ours, or one of the original code where the package reads such), or the one
        that comes with the package.

        Raises:
            MissingError: no checkpoint (nor, for a model that speaks, codec or recogniser), naming the command that
                gets it.
            InputError: a file that is no whole checkpoint, or one for another codec or other coefficients.
            UsageError: a setting that this checkpoint cannot be run with.
        """
        from baselines.shared.listeners.answering import load_listener

        design = import_module(f"{self._package}.responder").DESIGN
        return load_listener(self.card, design, options.checkpoint or self._shipped, options.settings)

    def train(self, job: TrainJob) -> Path:
        """Run ``omnibench train NAME``; returns the checkpoint's path."""
        from baselines.shared.listeners.training import train_listener

        recipe = import_module(f"{self._package}.training").RECIPE
        return train_listener(job, self.card.name, self._configs, recipe)


class VoicedEntry(TrainedEntry):
    """One whose words are recognised from its own sound."""

    def missing(self, options: ModelOptions) -> str:
        """The line that installs the recogniser, where words are asked for and it is not there."""
        from baselines.shared.listeners.own_words import lacking_recogniser, recognised

        return lacking_recogniser() if recognised(options.settings) else ""

    def fingerprint(self, options: ModelOptions) -> dict[str, str]:
        """Which recogniser the words come from."""
        from baselines.shared.listeners.own_words import recognised
        from omnibench.features.recogniser import NAME as RECOGNISER

        return {"words": RECOGNISER if recognised(options.settings) else "none"}
