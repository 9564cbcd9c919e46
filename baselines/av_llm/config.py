"""Settings of the audio-visual LLM baseline. The paper's has a pretrained LLM; this one trains on two CPU cores."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from baselines.shared.configuration import Amount, Section, Share, Size
from baselines.shared.listeners.settings import VoicedLossSettings, VoicedSettings
from omnibench.errors import InputError


class LlmSettings(Section):
    """The Phi-3 class at a size of one's own."""

    hidden: Size = 96
    layers: Size = 3
    heads: Size = 4
    mlp: Size = 256
    dropout: Share = 0.1


class WindowSettings(Section):
    """What the LLM remembers: when ``frames`` are there, the oldest ``hop`` of them leave. Nothing is recomputed."""

    frames: Size = 128
    hop: Size = 32


class LossSettings(VoicedLossSettings):
    """Weights, and the noise that makes the model bear its own mistakes."""

    face_noise: Amount = 0.15
    """On the fed-back face, in standard deviations."""
    code_noise: Share = 0.1
    """Share of fed-back audio tokens that are replaced at random."""


class Settings(VoicedSettings):
    """One configuration, whole."""

    run_time: ClassVar[tuple[str, ...]] = (*VoicedSettings.run_time, "window")

    llm: LlmSettings = LlmSettings()
    window: WindowSettings = WindowSettings()
    loss: LossSettings = LossSettings()

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.window.hop >= self.window.frames:
            raise InputError(
                f"window.hop is {self.window.hop}, expected 1 to window.frames - 1 = {self.window.frames - 1}."
            )
        if self.llm.hidden % (2 * self.llm.heads):
            raise InputError(
                f"llm.hidden is {self.llm.hidden}, no multiple of {2 * self.llm.heads}, as its heads need."
            )
        return self
