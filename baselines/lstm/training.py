"""``omnibench train lstm``: the speaker's frames in, the listener's face and audio tokens one frame later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from baselines.lstm.config import CONFIGS, Settings
from baselines.lstm.network import ListenerLstm
from baselines.shared.checkpoints import Provenance, save_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.conversations import Window, Windows, all_faces
from baselines.shared.listener_training import Recipe
from baselines.shared.voice import VoiceSettings, chosen_codec
from baselines.shared.voiced_training import Heard, prepare_voices, tokens_of_window, weighted_audio_loss
from omnibench.datasets.base import DataSet
from omnibench.types import Word

FULL_PRECISION: Final = ("scale.", "speech_scale.")


@dataclass(frozen=True, slots=True)
class Batch:
    """``face``, ``target`` ``(B, T, 64)``, ``speech`` ``(B, T, 45)``, ``first`` ``(B, 64)``, the words of all frames,
    and the audio tokens ``codes`` ``(n,)``, each with the flat index ``at`` of the frame that answers with it and its
    ``place`` in the next one.
    """

    face: Tensor
    speech: Tensor
    words: list[tuple[Word, ...]]
    first: Tensor
    target: Tensor
    codes: Tensor
    at: Tensor
    place: Tensor


class LstmTask:
    """Nothing is fed back, so nothing has to be corrupted."""

    def __init__(
        self, train: Sequence[Heard], held_out: Sequence[Heard], trained: TrainedCodec, settings: Settings
    ) -> None:
        training = settings.training
        self._settings, self._train, self.codec = settings, train, trained
        self.network = ListenerLstm(settings.network, trained.codec.vocabulary)
        self._windows = Windows([heard.side for heard in train], training.frames, training.swap)
        self.network.scale.fit(all_faces([heard.side for heard in train]))
        self.network.speech_scale.fit(torch.cat([heard.speech for heard in train]))
        tiles = Windows([heard.side for heard in held_out], training.frames, 0.0).tiling(training.batch)
        self.held_out = [self._gather(held_out, windows) for windows in tiles]

    def draw(self, generator: np.random.Generator) -> Batch:
        """Random windows."""
        return self._gather(self._train, self._windows.draw(generator, self._settings.training.batch))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Squared error of the face, cross entropy of the audio tokens."""
        network, weights = self.network, self._settings.loss
        words = network.read(batch.words).view(*batch.face.shape[:2], -1)
        hidden, faces, _ = network(batch.face, batch.speech, words, batch.first, None)
        face = mse_loss(faces, network.scale.standardise(batch.target))
        logits = network.sounds(hidden.flatten(0, 1)[batch.at], batch.place)
        audio = weighted_audio_loss(logits, batch.codes, self.codec.codec.silence_token, weights.silence)
        return {"face": face, "audio": audio, "total": weights.face * face + weights.audio * audio}

    def _gather(self, heard: Sequence[Heard], windows: Sequence[Window]) -> Batch:
        def stack(values: list[Any]) -> Tensor:
            return torch.from_numpy(np.stack(values))

        mine = [(heard[w.side], w) for w in windows]
        tokens = [tokens_of_window(h.side.fps, self.codec.codec.token_rate, w) for h, w in mine]
        frames = self._settings.training.frames
        return Batch(
            face=stack([h.side.other[w.start : w.stop] for h, w in mine]),
            speech=torch.stack([h.speech[w.start : w.stop] for h, w in mine]),
            words=[words for h, w in mine for words in h.side.words[w.start : w.stop]],
            first=stack([h.side.own[0] for h, _ in mine]),
            target=stack([h.side.own[w.start + 1 : w.stop + 1] for h, w in mine]),
            codes=torch.from_numpy(np.concatenate([h.codes[t.index] for (h, _), t in zip(mine, tokens, strict=True)])),
            at=torch.from_numpy(np.concatenate([t.step + i * frames for i, t in enumerate(tokens)])),
            place=torch.from_numpy(np.concatenate([t.place for t in tokens])),
        )


def _prepare(dataset: DataSet, settings: Settings, folder: Path) -> LstmTask:
    trained = chosen_codec(settings.voice)
    train, held_out = prepare_voices(dataset, trained, settings.training.swap, folder)
    return LstmTask(train, held_out, trained, settings)


def _save(path: Path, task: LstmTask, settings: Settings, origin: Provenance) -> None:
    notes = {"codec": task.codec.key}
    settings = replace(settings, voice=VoiceSettings())  # where the codec's file lay is this machine's affair
    save_checkpoint(path, "lstm", task.network, settings, origin, full_precision=FULL_PRECISION, notes=notes)


RECIPE: Final = Recipe("lstm", Settings(), CONFIGS, _prepare, _save)
