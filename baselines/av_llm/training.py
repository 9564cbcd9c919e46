"""``omnibench train av_llm``: teacher forcing over windows, with noise on what the model is told that it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from baselines.av_llm.config import CONFIGS, Settings
from baselines.av_llm.network import AudioVisualLlm
from baselines.shared.checkpoints import Provenance, save_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.conversations import Window, Windows, all_faces
from baselines.shared.listener_training import Recipe
from baselines.shared.voice import VoiceSettings, chosen_codec
from baselines.shared.voiced_training import Heard, WindowTokens, prepare_voices, tokens_of_window, weighted_audio_loss
from omnibench.datasets.base import DataSet

FULL_PRECISION: Final = ("scale.", "speech_scale.")


@dataclass(frozen=True, slots=True)
class Batch:
    """``own``, ``other``, ``target`` ``(B, T, 64)``, ``first`` ``(B, 64)``, ``speech`` ``(B, T, 45)``, and per window
    its audio tokens ``codes`` with the step that answers with each, ``steps``.
    """

    own: Tensor
    other: Tensor
    first: Tensor
    speech: Tensor
    target: Tensor
    codes: list[Tensor]
    steps: list[Tensor]


class AvLlmTask:
    """Sequences of the network's layout."""

    def __init__(
        self, train: Sequence[Heard], held_out: Sequence[Heard], trained: TrainedCodec, settings: Settings
    ) -> None:
        training = settings.training
        self._settings, self._train, self.codec = settings, train, trained
        self.network = AudioVisualLlm(settings.llm, trained.codec.vocabulary)
        self._windows = Windows([heard.side for heard in train], training.frames, training.swap)
        self.network.scale.fit(all_faces([heard.side for heard in train]))
        self.network.speech_scale.fit(torch.cat([heard.speech for heard in train]))
        tiles = Windows([heard.side for heard in held_out], training.frames, 0.0).tiling(training.batch)
        # Every other tile: validation should cost a tenth of the training at most.
        self.held_out = [_gather(held_out, windows, trained) for windows in tiles][::2]

    def draw(self, generator: np.random.Generator) -> Batch:
        """Random windows."""
        return _gather(self._train, self._windows.draw(generator, self._settings.training.batch), self.codec)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Squared error of the face, cross entropy of the audio tokens."""
        network, weights = self.network, self._settings.loss
        own = self._with_noise(network.scale.standardise(batch.own))
        layout = [Layout.of(steps, batch.own.shape[1]) for steps in batch.steps]
        seen = network.seen(
            own, network.scale.standardise(batch.other), network.scale.standardise(batch.first)[:, None].expand_as(own)
        )
        heard = network.heard(batch.speech)
        rows = [
            layout[i].join(seen[i], heard[i], network.embed(self._replaced(codes)))
            for i, codes in enumerate(batch.codes)
        ]
        states = network(torch.nn.utils.rnn.pad_sequence(rows, batch_first=True))
        at_heard = torch.stack([states[i, place.heard] for i, place in enumerate(layout)])
        before_codes = torch.cat([states[i, place.codes - 1] for i, place in enumerate(layout)])
        face = mse_loss(network.next_face(at_heard, own), network.scale.standardise(batch.target))
        logits = network.logits(before_codes)
        silence = self.codec.codec.silence_token
        audio = weighted_audio_loss(logits, torch.cat(batch.codes), silence, weights.silence)
        return {"face": face, "audio": audio, "total": weights.face * face + weights.audio * audio}

    def _with_noise(self, own: Tensor) -> Tensor:
        if not self.network.training:
            return own
        # One offset for the whole window, too: drift is slow, jitter is not.
        offset = torch.randn(len(own), 1, own.shape[2])
        return own + self._settings.loss.face_noise * (torch.randn_like(own) + offset)

    def _replaced(self, codes: Tensor) -> Tensor:
        if not self.network.training:
            return codes
        wrong = torch.randint(self.codec.codec.vocabulary, codes.shape)
        return torch.where(torch.rand(codes.shape) < self._settings.loss.code_noise, wrong, codes)


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in a window's sequence: of the seen and heard positions ``(T,)``, and of the audio tokens ``(n,)``."""

    seen: Tensor
    heard: Tensor
    codes: Tensor

    @classmethod
    def of(cls, steps: Tensor, frames: int) -> Layout:
        """Tokens come in order; ``steps`` ``(n,)`` says which frame's step answers with each."""
        before = torch.searchsorted(steps, torch.arange(frames))
        seen = 2 * torch.arange(frames) + before
        return cls(seen, seen + 1, torch.arange(len(steps)) + 2 * (steps + 1))

    def join(self, seen: Tensor, heard: Tensor, codes: Tensor) -> Tensor:
        """One sequence ``(2 T + n, hidden)``."""
        joined = torch.cat([seen, heard, codes])
        return joined[torch.argsort(torch.cat([self.seen, self.heard, self.codes]))]


def _gather(heard: Sequence[Heard], windows: Sequence[Window], trained: TrainedCodec) -> Batch:
    def stack(values: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(values))

    mine = [(heard[w.side], w) for w in windows]
    tokens: list[WindowTokens] = [tokens_of_window(h.side.fps, trained.codec.token_rate, w) for h, w in mine]
    return Batch(
        own=stack([h.side.own[w.start : w.stop] for h, w in mine]),
        other=stack([h.side.other[w.start : w.stop] for h, w in mine]),
        first=stack([h.side.own[0] for h, _ in mine]),
        speech=torch.stack([h.speech[w.start : w.stop] for h, w in mine]),
        target=stack([h.side.own[w.start + 1 : w.stop + 1] for h, w in mine]),
        codes=[torch.from_numpy(h.codes[t.index]) for (h, _), t in zip(mine, tokens, strict=True)],
        steps=[torch.from_numpy(t.step) for t in tokens],
    )


def _prepare(dataset: DataSet, settings: Settings, folder: Path) -> AvLlmTask:
    trained = chosen_codec(settings.voice)
    train, held_out = prepare_voices(dataset, trained, settings.training.swap, folder)
    return AvLlmTask(train, held_out, trained, settings)


def _save(path: Path, task: AvLlmTask, settings: Settings, origin: Provenance) -> None:
    notes = {"codec": task.codec.key}
    settings = replace(settings, voice=VoiceSettings())  # where the codec's file lay is this machine's affair
    save_checkpoint(path, "av_llm", task.network, settings, origin, full_precision=FULL_PRECISION, notes=notes)


RECIPE: Final = Recipe("av_llm", Settings(), CONFIGS, _prepare, _save)
