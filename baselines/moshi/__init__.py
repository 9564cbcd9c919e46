"""Moshi: kyutai's full-duplex spoken dialogue model; the speaker's voice in, the listener's voice and words out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from omnibench.assets.finding import group, how_to_get, locate
from omnibench.errors import MissingError
from omnibench.responder import ModelCard, ModelEntry, ModelOptions
from omnibench.system.environment import missing_modules

if TYPE_CHECKING:
    from baselines.moshi.responder import MoshiResponder

NAME: Final = "moshi"
PACKAGES: Final = ("moshi", "einops", "sentencepiece")
# What moshi declares would bring an older torch, another numpy and sound card drivers; none of it is imported.
INSTALL: Final = "pip install einops==0.8.2 sentencepiece==0.2.3 && pip install --no-deps moshi==0.2.13"
ON_A_GPU: Final = f"omnibench run --model {NAME} --device cuda"


class MoshiEntry(ModelEntry):
    """Light until it is built: torch and the moshi package are imported inside the methods."""

    card = ModelCard(
        name=NAME,
        version="0.1",
        kind="online",
        inputs=("audio",),
        outputs=("audio", "words"),
        summary="Moshi (moshiko, 7.7 B): Mimi and its language model stream at 12.5 Hz; words from its inner monologue",
        parameters=7_767_037_761,
        licence="CC-BY-4.0 (weights), MIT (code)",
        weights=("moshiko",),
        citation="Défossez et al., Moshi: a speech-text foundation model for real-time dialogue, arXiv:2410.00037",
        group="Online Auditory Dialogue Generation System",
    )

    def missing(self, options: ModelOptions) -> str:
        """The line that gets the package, and a GPU where this machine's memory is too small; ``""`` otherwise.

        Raises:
            UsageError: a setting that does not fit.
            InputError: ``--checkpoint`` is no folder of Moshi's files.
        """
        from baselines.moshi.files import found, published_bytes
        from baselines.moshi.memory import machine_memory, needed
        from baselines.moshi.settings import read_settings

        settings = read_settings(options.settings)
        lines = [INSTALL] if missing_modules(PACKAGES) else []
        if options.device == "cpu":
            folder = options.checkpoint
            there = machine_memory()
            wanted = needed(published_bytes() if folder is None else found(folder).weight_bytes(), settings)
            lines += [ON_A_GPU] if there is not None and there < wanted else []
        return " && ".join(lines)

    def fingerprint(self, options: ModelOptions) -> Mapping[str, str]:
        """What beside settings and ``--checkpoint`` defines the answers: the package's version and the weights' sha256.

        Raises:
            MissingError: package, memory or weights are not there.
        """
        from baselines.moshi.files import PUBLISHED
        from omnibench.assets.finding import digest

        self._require(options)
        weights = {} if options.checkpoint is not None else {name: digest(name) for name in PUBLISHED}
        return {"moshi": version("moshi"), **weights}

    def build(self, options: ModelOptions) -> MoshiResponder:
        """Moshi of ``--checkpoint DIR``, or the published one.

        Raises:
            MissingError: a package, the weights, a GPU or memory is not there; the message names what gets it.
            InputError: a folder or file that does not hold Moshi.
            UsageError: a setting that does not fit.
        """
        self._require(options)
        from baselines.moshi.responder import load_responder

        return load_responder(self.card, options)

    def _require(self, options: ModelOptions) -> None:
        line = self.missing(options)
        if line.startswith(INSTALL):
            raise MissingError(f"{NAME} needs the packages {', '.join(PACKAGES)}. Get them with: {line}")
        if line:
            raise MissingError(f"{NAME} does not fit into this machine's memory; it runs on a GPU with 24 GB: {line}")
        if options.checkpoint is None:
            absent = [asset for asset in group(self.card.weights[0]) if locate(asset) is None]
            if absent:
                files = ", ".join(asset.file for asset in absent)
                raise MissingError(f"{NAME}: not on this machine: {files}. Get them with: {how_to_get(absent[0])}")


entry = MoshiEntry()
