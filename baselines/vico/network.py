"""The network of ViCo's listener, at any face width.

Source: dc3ea9f/vico_challenge_baseline @16424c0, ``vico/networks``; written anew. Differences: 64 coefficients instead
of 73, so three groups of coefficients instead of four.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor, nn

from baselines.shared.listeners.scales import ListenerNetwork
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH
from baselines.vico.config import LossSettings, NetworkSettings
from omnibench.media.face import FACE_DIM, ROTATION_COLUMNS, TRANSLATION_COLUMNS

State = tuple[Tensor, Tensor]
GROUPS: Final = {
    "expression": tuple(range(52)),
    "rotation": ROTATION_COLUMNS,
    "translation": TRANSLATION_COLUMNS,
}


class ListenerGenerator(nn.Module):
    """Standardised speaker frames in, standardised faces of the frames after them out.

    Args:
        settings: sizes.
        face: width of a face.
        speech: width of a frame's speech features.
    """

    def __init__(self, settings: NetworkSettings, face: int = FACE_DIM, speech: int = SPEECH_WIDTH) -> None:
        super().__init__()
        self.settings = settings
        self.start_norm = nn.LayerNorm(face)
        self.start = nn.Sequential(
            nn.Linear(face, face), nn.Tanh(), nn.Linear(face, 2 * settings.layers * settings.hidden)
        )
        self.norm = nn.LayerNorm(speech + face)
        self.fuse = nn.Sequential(nn.Linear(speech + face, settings.fused), nn.Tanh())
        self.memory = nn.LSTM(
            settings.fused,
            settings.hidden,
            settings.layers,
            bias=False,
            batch_first=True,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.leave = nn.Linear(settings.hidden, face)

    def begin(self, first_face: Tensor) -> State:
        """The memory that a listener with the face ``(B, face)`` begins with."""
        values = self.start(self.start_norm(first_face))
        shape = (-1, 2, self.settings.layers, self.settings.hidden)
        hidden, cell = values.view(shape).permute(1, 2, 0, 3).contiguous()
        return hidden, cell

    def forward(self, speech: Tensor, face: Tensor, state: State) -> tuple[Tensor, State]:
        """Faces ``(B, T, face)`` of the next frames, and the memory after the last one.

        Args:
            speech: ``(B, T, speech)`` of the speaker.
            face: ``(B, T, face)`` of the speaker.
            state: of ``begin``, or of the call before.
        """
        fused = self.fuse(self.norm(torch.cat([speech, face], dim=-1)))
        remembered, state = self.memory(fused, state)
        return cast(Tensor, self.leave(remembered)), state


class Vico(ListenerNetwork):
    """The generator with the scales of what goes in and out."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.generator = ListenerGenerator(settings)

    def begin(self, first_face: Tensor) -> State:
        """The memory after a first face ``(B, 64)`` in coefficients."""
        return self.generator.begin(self.scale.standardise(first_face))

    def forward(self, speech: Tensor, face: Tensor, state: State) -> tuple[Tensor, State]:
        """Standardised next faces of raw speaker frames; arguments as those of `ListenerGenerator`."""
        return cast(
            tuple[Tensor, State],
            self.generator(self.speech_scale.standardise(speech), self.scale.standardise(face), state),
        )


def losses(predicted: Tensor, target: Tensor, weights: LossSettings) -> dict[str, Tensor]:
    """Mean distance of faces, and of their first differences, group by group; ``"total"`` is the weighted sum.

    Args:
        predicted: ``(B, T, 64)`` standardised.
        target: the same of the human listener.
        weights: of the groups.
    """
    found: dict[str, Tensor] = {}
    total = torch.zeros(())
    for name, columns in GROUPS.items():
        mine, theirs = predicted[..., columns], target[..., columns]
        found[name] = _distance(mine, theirs)
        change = _distance(mine.diff(dim=1), theirs.diff(dim=1))
        total = total + getattr(weights, name) * found[name] + getattr(weights, f"{name}_change") * change
        found[f"{name}_change"] = change
    return found | {"total": total}


def _distance(mine: Tensor, theirs: Tensor) -> Tensor:
    """Mean Euclidean distance over the last axis."""
    width = mine.shape[-1]
    return nn.functional.pairwise_distance(mine.reshape(-1, width), theirs.reshape(-1, width)).mean()
