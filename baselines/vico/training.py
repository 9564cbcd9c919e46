"""``omnibench train vico``: windows of the speaker's voice and face, the listener's face one frame later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from baselines.shared.checkpoints import Provenance, save_checkpoint
from baselines.shared.conversations import Side, Window, Windows, all_faces, heard_features, load_sides, training_roles
from baselines.shared.listener_training import Recipe
from baselines.vico.config import CONFIGS, Settings
from baselines.vico.network import Vico, losses
from omnibench.datasets.base import DataSet

FULL_PRECISION: Final = ("scale.", "speech_scale.")


@dataclass(frozen=True, slots=True)
class Batch:
    """``speech`` ``(B, T, 45)``, ``face`` and ``target`` ``(B, T, 64)``, ``first`` ``(B, 64)``, all in raw units."""

    speech: Tensor
    face: Tensor
    first: Tensor
    target: Tensor


class VicoTask:
    """The paper's training: no fed-back answer, so nothing to corrupt."""

    def __init__(self, train: Sequence[Side], held_out: Sequence[Side], settings: Settings) -> None:
        training = settings.training
        self._settings = settings
        self.network = Vico(settings.network)
        self._speech = heard_features("train", train)
        self._windows = Windows(train, training.frames, training.swap)
        self.network.scale.fit(all_faces(train))
        self.network.speech_scale.fit(torch.cat(self._speech))
        speech = heard_features("val", held_out)
        tiles = Windows(held_out, training.frames, 0.0).tiling(training.batch)
        self.held_out = [_gather(held_out, speech, windows) for windows in tiles]

    def draw(self, generator: np.random.Generator) -> Batch:
        """Random windows."""
        windows = self._windows.draw(generator, self._settings.training.batch)
        return _gather(self._windows.sides, self._speech, windows)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The paper's distances."""
        predicted, _ = self.network(batch.speech, batch.face, self.network.begin(batch.first))
        return losses(predicted, self.network.scale.standardise(batch.target), self._settings.loss)


def _gather(sides: Sequence[Side], speech: Sequence[Tensor], windows: Sequence[Window]) -> Batch:
    def stack(values: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(values))

    return Batch(
        speech=torch.stack([speech[w.side][w.start : w.stop] for w in windows]),
        face=stack([sides[w.side].other[w.start : w.stop] for w in windows]),
        first=stack([sides[w.side].own[w.start] for w in windows]),
        target=stack([sides[w.side].own[w.start + 1 : w.stop + 1] for w in windows]),
    )


def _prepare(dataset: DataSet, settings: Settings, _folder: Path) -> VicoTask:
    train = load_sides(dataset, "train", training_roles(settings.training.swap))
    return VicoTask(train, load_sides(dataset, "val", training_roles(0.0)), settings)


def _save(path: Path, task: VicoTask, settings: Settings, origin: Provenance) -> None:
    save_checkpoint(path, "vico", task.network, settings, origin, full_precision=FULL_PRECISION)


RECIPE: Final = Recipe("vico", Settings(), CONFIGS, _prepare, _save)
