"""The three losses and their weighted sum (paper section 3.2, equations 1 to 4)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from baselines.omniresponse.config import TrainingSettings
from baselines.omniresponse.network.model import Outputs
from baselines.omniresponse.network.segment import Segment
from baselines.omniresponse.text.timestamps import Timestamps


@dataclass(frozen=True, slots=True)
class Losses:
    """Scalars of one segment: eq. 2, eq. 3 (standardised, with first differences), eq. 4, and the weighted sum of eq.
    1.
    """

    text: Tensor
    vision: Tensor
    audio: Tensor
    total: Tensor

    def numbers(self) -> dict[str, float]:
        """As floats, by name."""
        return {f.name: float(getattr(self, f.name).detach()) for f in fields(self)}


def segment_losses(
    outputs: Outputs,
    segment: Segment,
    next_faces: Tensor,
    pause: int,
    settings: TrainingSettings,
    first: int = 0,
    timestamps: Timestamps | None = None,
) -> Losses:
    """Losses of a segment's steps from ``first`` on.

    Args:
        outputs: of the whole segment.
        segment: holds the targets.
        next_faces: ``(n, 64)`` standardised targets.
        pause: the token of frames in which the listener says nothing.
        settings: the weights.
        first: steps before it are context only.
        timestamps: of a model without Chrono-Text Markup, whose loss of words it knows.
    """
    if timestamps is None:
        text = functional.cross_entropy(outputs.text[first:], segment.speech.tokens[first:])
    else:
        text = timestamps.losses(outputs.text, segment.speech.tokens, segment.fps)[first:].mean()
    difference = (outputs.faces - next_faces)[first:]
    vision = difference.square().mean()
    if len(difference) > 1:
        vision = vision + settings.velocity_weight * (difference[1:] - difference[:-1]).square().mean()
    audio = _audio_loss(outputs, segment, pause, settings, first)
    total = settings.text_weight * text + settings.vision_weight * vision + settings.audio_weight * audio
    return Losses(text, vision, audio, total)


def _audio_loss(outputs: Outputs, segment: Segment, pause: int, settings: TrainingSettings, first: int) -> Tensor:
    here = segment.codes.frames >= first
    if not bool(here.any()):
        return torch.zeros(())
    spoken = segment.speech.heads[segment.codes.frames[here]] != pause
    weights = torch.where(spoken, 1.0, settings.silence_weight)
    losses = functional.cross_entropy(outputs.audio[here], segment.next_codes[here], reduction="none")
    # Divided by the tokens, not by the sum of weights: a silent window must not count as much as a talkative one.
    return (losses * weights).mean()
