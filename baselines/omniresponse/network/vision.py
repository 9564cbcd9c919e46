"""Vision projection and vision decoder (paper section 3.1, appendix B.1), and the scale on which they see faces."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.config import VisionSettings
from baselines.omniresponse.network.attention import DecoderLayer, LayerCache
from omnibench.media.face import FACE_DIM


class VisionProjection(nn.Module):
    """One LLM token from the listener's and the speaker's face of a frame: an MLP over their concatenation (eq. 5)."""

    def __init__(self, settings: VisionSettings, hidden: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(2 * FACE_DIM, settings.projection), nn.GELU(), nn.Linear(settings.projection, hidden)
        )

    def forward(self, listener: Tensor, speaker: Tensor) -> Tensor:
        """``(n, hidden)`` of two ``(n, 64)`` standardised faces."""
        return cast(Tensor, self.mlp(torch.cat([listener, speaker], dim=-1)))


class VisionDecoder(nn.Module):
    """A causal transformer over the newest visual hidden states; predicts the change from the face just played."""

    def __init__(self, settings: VisionSettings, hidden: int, articulation: int, dropout: float) -> None:
        super().__init__()
        self.band = settings.band
        self.from_hidden = nn.Linear(hidden, settings.width)
        self.from_speech = nn.Linear(articulation, settings.width)
        self.from_face = nn.Linear(FACE_DIM, settings.width)
        self.from_rest = nn.Linear(FACE_DIM, settings.width)
        self.layers = nn.ModuleList(
            DecoderLayer(settings.width, settings.heads, 2 * settings.width, settings.band, None, dropout)
            for _ in range(settings.layers)
        )
        self.norm = nn.LayerNorm(settings.width)
        self.change = nn.Linear(settings.width, FACE_DIM)
        # Holding the face is the first guess; training moves away from it.
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def new_cache(self) -> list[LayerCache]:
        """An empty past."""
        return [LayerCache() for _ in self.layers]

    def forward(
        self, hidden: Tensor, speech: Tensor, listener: Tensor, rest: Tensor, first: int, cache: list[LayerCache]
    ) -> Tensor:
        """The next faces ``(n, 64)``, standardised.

        Args:
            hidden: ``(n, hidden)`` at the visual positions of frames ``first ...``.
            speech: ``(n, articulation)`` of the next frames' words.
            listener: ``(n, 64)`` standardised faces of these frames.
            rest: ``(64,)`` standardised face at the dialogue's start, which a person comes back to.
            first: index of the first frame within the segment.
            cache: the past; grows by ``n``.
        """
        x = self.enter(hidden, speech, listener, rest)
        order = torch.arange(first, first + len(x), device=x.device)
        for layer, past in zip(self.layers, cache, strict=True):
            x = layer(x, order, past)
        return self.leave(x, listener)

    def enter(self, hidden: Tensor, speech: Tensor, listener: Tensor, rest: Tensor) -> Tensor:
        """``(n, width)`` for the first layer, of what ``forward`` takes; ``rest`` may be ``(n, 64)``."""
        x = self.from_hidden(hidden) + self.from_speech(speech) + self.from_face(listener)
        return cast(Tensor, x + self.from_rest(rest - listener))

    def leave(self, x: Tensor, listener: Tensor) -> Tensor:
        """The next faces ``(n, 64)`` from the last layer's ``(n, width)``."""
        return cast(Tensor, listener + self.change(self.norm(x)))
