"""Batches for the small listeners: windows of equal length, and what each model reads of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.conversations import Side, Window
from baselines.shared.listeners.voice import token_places
from baselines.shared.schedule import TokenSchedule
from omnibench.types import Face, Word


@dataclass(frozen=True, slots=True)
class Heard:
    """A side with what is computed from it once: ``speech`` ``(T, 45)``, and the audio tokens ``codes`` of one's own
    speech, none for a model without a voice.
    """

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


@dataclass(frozen=True, slots=True)
class Clips:
    """``B`` windows of ``T`` frames each. Faces are raw coefficients; tensors are made when they are asked for."""

    heard: Sequence[Heard]
    windows: Sequence[Window]
    trained: TrainedCodec | None = None

    @property
    def codec(self) -> TrainedCodec:
        """What the audio tokens are of."""
        if self.trained is None:
            raise ValueError("clips without audio tokens")
        return self.trained

    def own(self, ahead: int = 0) -> Tensor:
        """One's own faces ``(B, T, 64)``, of frames ``ahead`` of the window's."""
        return self._stack(lambda side, window: side.own[window.start + ahead : window.stop + ahead])

    def before(self, frames: int) -> Tensor:
        """One's own face ``(B, 64)`` so many frames before the window's first, or the dialogue's first."""
        return self._stack(lambda side, window: side.own[max(window.start - frames, 0)])

    def first(self) -> Tensor:
        """One's own first face of the dialogue ``(B, 64)``."""
        return self._stack(lambda side, _window: side.own[0])

    def other(self) -> Tensor:
        """The other's faces ``(B, T, 64)``."""
        return self._stack(lambda side, window: side.other[window.start : window.stop])

    def speech(self) -> Tensor:
        """The other's speech features ``(B, T, 45)``."""
        return torch.stack([self.heard[w.side].speech[w.start : w.stop] for w in self.windows])

    def words(self) -> list[tuple[Word, ...]]:
        """The other's words that ended in each of the ``B * T`` frames."""
        return [words for w in self.windows for words in self.heard[w.side].side.words[w.start : w.stop]]

    def tokens(self) -> list[WindowTokens]:
        """Where the audio tokens of each window are."""
        rate = self.codec.codec.token_rate
        return [tokens_of_window(self.heard[w.side].side.fps, rate, w) for w in self.windows]

    def codes(self) -> list[Tensor]:
        """The audio tokens ``(n,)`` of each window."""
        pairs = zip(self.windows, self.tokens(), strict=True)
        return [torch.from_numpy(self.heard[w.side].codes[tokens.index]) for w, tokens in pairs]

    def _stack(self, part: Callable[[Side, Window], Face]) -> Tensor:
        return torch.from_numpy(np.stack([part(self.heard[w.side].side, w) for w in self.windows]))


def tokens_of_window(fps: Fraction, token_rate: int, window: Window) -> WindowTokens:
    """Step ``i`` answers with the tokens that frame ``i + 1`` brings."""
    schedule = TokenSchedule(fps, token_rate)
    edges = np.array([schedule.tokens_before(frame) for frame in range(window.start + 1, window.stop + 2)])
    index = np.arange(edges[0], edges[-1])
    step = np.searchsorted(edges, index, side="right") - 1
    return WindowTokens(index, step, token_places(schedule, index, step + window.start + 1))
