"""What `omnibench train` does for the small listeners: claim the folder, prepare the task, fit, write the checkpoint.

settings.json       what is being trained; another configuration needs --fresh or another folder
state.pt            the training, resumable to the update; losses.csv beside it
model.safetensors   the result, for --checkpoint
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic

import numpy as np
import torch
from torch import Tensor

from baselines.shared.checkpoints import save_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.configuration import load_config, override
from baselines.shared.conversations import Windows, all_faces, heard_features, load_sides, training_roles
from baselines.shared.listeners.answering import Design, N, S
from baselines.shared.listeners.clips import Clips, Heard
from baselines.shared.listeners.fitting import Fit
from baselines.shared.listeners.settings import ListenerSettings, VoicedSettings, VoiceSettings
from baselines.shared.listeners.voice import chosen_codec
from baselines.shared.listeners.voiced import own_codes
from baselines.shared.training_folder import RESULT, claim, clear, provenance, require_splits
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.system.progress import Ticker

if TYPE_CHECKING:
    from baselines.shared.train import TrainJob

LEFT_BEHIND: Final = ("settings.json", "state.pt", "losses.csv", "sounds", RESULT)
FULL_PRECISION: Final = ("scale.", "speech_scale.")


@dataclass(frozen=True)
class Recipe(Generic[S, N]):
    """How a small listener is trained.

    Attributes:
        design: what is trained.
        losses: named losses of a batch; ``"total"`` is the one that is minimised.
        held_out_every: of the validation split's windows only every so many-th counts: validation should cost a tenth
            of the training at most.
    """

    design: Design[S, N]
    losses: Callable[[N, Clips, S], dict[str, Tensor]]
    held_out_every: int = 1


class ListenerTask(Generic[S, N]):
    """A fresh network with the scales of the training split, and the windows that it is trained and judged on."""

    def __init__(
        self,
        recipe: Recipe[S, N],
        settings: S,
        train: Sequence[Heard],
        held_out: Sequence[Heard],
        codec: TrainedCodec | None,
    ) -> None:
        training, sides = settings.training, [heard.side for heard in train]
        self._recipe, self._settings, self._train, self._codec = recipe, settings, train, codec
        self.network = recipe.design.build(settings, 0 if codec is None else codec.codec.vocabulary)
        self.network.scale.fit(all_faces(sides))
        self.network.speech_scale.fit(torch.cat([heard.speech for heard in train]))
        self._windows = Windows(sides, training.frames, training.swap)
        tiles = Windows([heard.side for heard in held_out], training.frames, 0.0).tiling(training.batch)
        self.held_out = [Clips(held_out, windows, codec) for windows in tiles[:: recipe.held_out_every]]

    def draw(self, generator: np.random.Generator) -> Clips:
        """Random windows."""
        return Clips(self._train, self._windows.draw(generator, self._settings.training.batch), self._codec)

    def losses(self, clips: Clips) -> dict[str, Tensor]:
        """The recipe's."""
        return self._recipe.losses(self.network, clips, self._settings)


def train_listener(job: TrainJob, model: str, configs: Path, recipe: Recipe[S, N]) -> Path:
    """Train, or go on training, and return the checkpoint's path (the folder, when ``max_steps`` ended it early).

    Args:
        job: what the command line asks.
        model: its name.
        configs: folder of its TOML files, ``tiny.toml`` among them.
        recipe: how it is trained.

    Raises:
        UsageError: an unknown setting, or a folder that holds the training of another configuration.
        InputError: a data set without the splits train and val, or with nothing to learn from.
    """
    default = recipe.design.settings
    settings = override(load_config(default, configs, job.config or "tiny", model), job.settings, model)
    if job.seed is not None:
        settings = override(settings, {"training.seed": job.seed}, model)
    if job.fresh:
        clear(job.out, LEFT_BEHIND)
    claim(job.out, settings, lambda text: override(default, json.loads(text), model))
    training = settings.training
    torch.set_num_threads(training.threads)
    dataset = open_dataset(job.data)
    try:
        require_splits(dataset, job.data)
        torch.manual_seed(training.seed)
        codec = chosen_codec(settings.voice) if isinstance(settings, VoicedSettings) else None
        task = ListenerTask(recipe, settings, *_prepare(dataset, settings, codec, job.out), codec)
        fit: Fit[Clips] = Fit(task, training, job.out)
        stop = training.steps if job.max_steps is None else min(fit.step + job.max_steps, training.steps)
        with Ticker(model, training.steps, "update", leave=True, done=fit.step) as progress:
            fit.run(stop, progress.reach)
        if fit.step < training.steps:
            return job.out
        origin = provenance(job, dataset, training.seed)
    finally:
        dataset.close()
    notes = {} if codec is None else {"codec": codec.key}
    if isinstance(settings, VoicedSettings):  # where the codec's file lay is this machine's affair
        settings = settings.model_copy(update={"voice": VoiceSettings()})
    path = job.out / RESULT
    save_checkpoint(path, model, task.network, settings, origin, full_precision=FULL_PRECISION, notes=notes)
    return path


def _prepare(
    dataset: DataSet, settings: ListenerSettings, codec: TrainedCodec | None, folder: Path
) -> tuple[list[Heard], list[Heard]]:
    """The sides of train and val with speech features and, where there is a codec, audio tokens; ``folder`` keeps
    those.
    """
    found = []
    for split, roles in (("train", training_roles(settings.training.swap)), ("val", training_roles(0.0))):
        sides = load_sides(dataset, split, roles)
        silent = [np.zeros(0, np.int64)] * len(sides)
        codes = silent if codec is None else own_codes(dataset, split, sides, codec, folder / "sounds")
        speech = heard_features(split, sides)
        found.append([Heard(side, s, c) for side, s, c in zip(sides, speech, codes, strict=True)])
    return found[0], found[1]
