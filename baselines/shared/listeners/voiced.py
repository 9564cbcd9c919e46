"""What training a listener that speaks in audio tokens needs: tokens of each side's own speech, and what they weigh."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from baselines.shared.audio_tokens import cached_sound
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.conversations import Side
from baselines.shared.listeners.settings import VoicedLossSettings
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError
from omnibench.system.progress import Ticker

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


def voiced_losses(
    face: Tensor, logits: Tensor, codes: Tensor, trained: TrainedCodec, weights: VoicedLossSettings
) -> dict[str, Tensor]:
    """The loss of the face, the cross entropy of the audio tokens ``(n,)``, and their weighted sum."""
    audio = weighted_audio_loss(logits, codes, trained.codec.silence_token, weights.silence)
    return {"face": face, "audio": audio, "total": weights.face * face + weights.audio * audio}


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
    with Ticker(f"audio tokens of {split}", len(sides), "track", leave=True) as progress:
        for side in sides:
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
            progress.advance()
    return found
