"""``omnibench train reactface``: windows follow one another as in a session, each on the network's own last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from baselines.reactface.config import CONFIGS, Settings
from baselines.reactface.losses import reaction_losses
from baselines.reactface.network import Heard, ReactFace, Reaction
from baselines.shared.checkpoints import Provenance, save_checkpoint
from baselines.shared.conversations import Side, Window, Windows, all_faces, heard_features, load_sides, training_roles
from baselines.shared.listener_training import Recipe
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError

FULL_PRECISION: Final = ("scale.", "speech_scale.")
DRAWS: Final = 3  # reactions per clip that the diversity loss compares


@dataclass(frozen=True, slots=True)
class Batch:
    """``speech`` ``(B, T, 45)``, ``face`` and ``target`` ``(B, T, 64)`` of the same frames, ``first`` ``(B, 64)``."""

    speech: Tensor
    face: Tensor
    first: Tensor
    target: Tensor


class ReactFaceTask:
    """A window answers the frames that it has just seen; that it is shown a window later is the session's affair."""

    def __init__(self, train: Sequence[Side], held_out: Sequence[Side], settings: Settings) -> None:
        if settings.network.video != "coefficients" or settings.network.audio != "cepstra":
            raise InputError(
                "omnibench trains ReactFace on coefficients and cepstra; expected network.video=coefficients and "
                "network.audio=cepstra. Pixels and wav2vec 2.0 are for checkpoints of the original code."
            )
        training = settings.training
        self._settings = settings
        self.network = ReactFace(settings.network, settings.wave)
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
        """The paper's losses of three draws."""
        network, count = self.network, len(batch.face)
        face, target = network.scale.standardise(batch.face), network.scale.standardise(batch.target)
        heard = self._listen(face, network.speech_scale.standardise(batch.speech))
        reactions = self._unroll(heard, network.scale.standardise(batch.first).repeat(DRAWS, 1))
        faces = torch.cat([reaction.faces for reaction in reactions], dim=1)
        mine = [Reaction(r.faces[:count], r.latent[:count], r.mean[:count], r.deviation[:count]) for r in reactions]
        rebuilt = torch.cat([network.speaker_face(window) for window in heard], dim=1)
        drawn = faces.view(DRAWS, count, *faces.shape[1:])
        return reaction_losses(list(drawn), mine, target, (rebuilt, face), self._settings.loss)

    def _listen(self, face: Tensor, speech: Tensor) -> list[Heard]:
        """All windows of the speaker in one go: they do not depend on one another."""
        window = self._settings.session.window
        batch, frames = face.shape[:2]
        faces, speeches = (part.reshape(-1, window, part.shape[2]) for part in (face, speech))
        every = self.network.listen(faces, speeches)

        def split(values: Tensor) -> list[Tensor]:
            return list(values.view(batch, frames // window, *values.shape[1:]).unbind(1))

        parts = zip(split(every.motion), split(every.audio), split(every.vector), strict=True)
        return [Heard(motion, audio, vector) for motion, audio, vector in parts]

    def _unroll(self, heard: Sequence[Heard], first: Tensor) -> list[Reaction]:
        session, found = self._settings.session, []
        past = first[:, None].expand(-1, session.window, -1)
        if not session.from_first_face:
            past = torch.zeros_like(past)
        latent = None
        for window in heard:
            several = Heard(*(_repeat(part) for part in (window.motion, window.audio, window.vector)))
            noise = torch.randn(len(past), self.network.settings.width)
            reaction = self.network.reaction(several, past, latent, noise, session)
            past, latent = reaction.faces, reaction.latent
            found.append(reaction)
        return found


def _repeat(values: Tensor) -> Tensor:
    return values.repeat(DRAWS, *([1] * (values.ndim - 1)))


def _gather(sides: Sequence[Side], speech: Sequence[Tensor], windows: Sequence[Window]) -> Batch:
    def stack(values: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(values))

    return Batch(
        speech=torch.stack([speech[w.side][w.start : w.stop] for w in windows]),
        face=stack([sides[w.side].other[w.start : w.stop] for w in windows]),
        first=stack([sides[w.side].own[max(w.start - 1, 0)] for w in windows]),
        target=stack([sides[w.side].own[w.start : w.stop] for w in windows]),
    )


def _prepare(dataset: DataSet, settings: Settings, _folder: Path) -> ReactFaceTask:
    train = load_sides(dataset, "train", training_roles(settings.training.swap))
    return ReactFaceTask(train, load_sides(dataset, "val", training_roles(0.0)), settings)


def _save(path: Path, task: ReactFaceTask, settings: Settings, origin: Provenance) -> None:
    save_checkpoint(path, "reactface", task.network, settings, origin, full_precision=FULL_PRECISION)


RECIPE: Final = Recipe("reactface", Settings(), CONFIGS, _prepare, _save)
