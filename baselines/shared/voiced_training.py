"""What training a listener that speaks in audio tokens needs: tokens of each side's own speech, and where they fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from baselines.shared.audio_tokens import cached_sound
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.conversations import Side, Window, heard_features, load_sides, training_roles
from baselines.shared.progress import StageProgress
from baselines.shared.schedule import TokenSchedule
from baselines.shared.voice import token_places
from omnibench.errors import InputError

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


@dataclass(frozen=True, slots=True)
class Heard:
    """A side with what is computed from it once: ``speech`` ``(T, 45)``, ``codes`` of one's own speech."""

    side: Side
    speech: Tensor
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WindowTokens:
    """The audio tokens that a window's steps answer with: ``index`` in the track, ``step`` within the window, and
    ``place`` 0 to 1 in the frame that they are for.
    """

    index: NDArray[np.int64]
    step: NDArray[np.int64]
    place: NDArray[np.float32]


def tokens_of_window(fps: Fraction, token_rate: int, window: Window) -> WindowTokens:
    """Step ``i`` answers with the tokens that frame ``i + 1`` brings."""
    schedule = TokenSchedule(fps, token_rate)
    edges = np.array([schedule.tokens_before(frame) for frame in range(window.start + 1, window.stop + 2)])
    index = np.arange(edges[0], edges[-1])
    step = np.searchsorted(edges, index, side="right") - 1
    return WindowTokens(index, step, token_places(schedule, index, step + window.start + 1))


def weighted_audio_loss(logits: Tensor, codes: Tensor, silence: int, silence_weight: float) -> Tensor:
    """Cross entropy of audio tokens ``(n,)``, silent ones with less weight."""
    weights = torch.where(codes == silence, silence_weight, 1.0)
    every = cross_entropy(logits, codes, reduction="none")
    return (every * weights).sum() / weights.sum()


def own_codes(
    dataset: DataSet, split: str, sides: Sequence[Side], trained: TrainedCodec, folder: Path
) -> list[NDArray[np.int64]]:
    """The audio tokens of each side's own speech, one more frame of them than the side has; kept in ``folder``.

    Raises:
        InputError: audio at another rate than the codec's.
    """
    found = []
    with StageProgress(f"audio tokens of {split}", len(sides)) as progress:
        for done, side in enumerate(sides):
            if side.sample_rate != trained.codec.sample_rate:
                raise InputError(
                    f"{side.dialogue}: audio at {side.sample_rate} Hz, expected {trained.codec.sample_rate}, the "
                    "codec's rate. Convert the data set's audio."
                )
            dialogue = dataset.dialogue(split, side.dialogue)
            sound = cached_sound(dataset, split, dialogue, side.role, trained.codec, folder / trained.key)
            needed = TokenSchedule(side.fps, trained.codec.token_rate).tokens_before(len(side.own) + 1)
            codes = np.full(max(needed, len(sound.codes)), trained.codec.silence_token, np.int64)
            codes[: len(sound.codes)] = sound.codes
            found.append(codes)
            progress.update(done + 1, {})
    return found


def prepare_voices(
    dataset: DataSet, trained: TrainedCodec, swap: float, folder: Path
) -> tuple[list[Heard], list[Heard]]:
    """The sides of train and val with speech features and audio tokens.

    Args:
        dataset: with both splits.
        trained: the codec.
        swap: share of windows with the roles swapped.
        folder: keeps the audio tokens.
    """
    found = []
    for split, roles in (("train", training_roles(swap)), ("val", training_roles(0.0))):
        sides = load_sides(dataset, split, roles)
        codes = own_codes(dataset, split, sides, trained, folder / "sounds")
        speech = heard_features(split, sides)
        found.append([Heard(side, s, c) for side, s, c in zip(sides, speech, codes, strict=True)])
    return found[0], found[1]
