"""Settings of the audio-visual LLM baseline. The paper's has a pretrained LLM; this one trains on two CPU cores."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from baselines.shared.fitting import TrainingSettings
from baselines.shared.voice import SamplingSettings, TextSettings, VoiceSettings
from omnibench.errors import InputError

CONFIGS: Final = Path(__file__).parent / "configs"
RUN_TIME: Final = ("sampling", "text", "voice", "window")


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """The Phi-3 class at a size of one's own."""

    hidden: int = 96
    layers: int = 3
    heads: int = 4
    mlp: int = 256
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """What the LLM remembers: when ``frames`` are there, the oldest ``hop`` of them leave. Nothing is recomputed."""

    frames: int = 128
    hop: int = 32


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights, and the noise that makes the model bear its own mistakes.

    Attributes:
        face: squared error of the next face.
        audio: cross entropy of the audio tokens.
        silence: of silent audio tokens, beside 1 for sounds.
        face_noise: on the fed-back face, in standard deviations.
        code_noise: share of fed-back audio tokens that are replaced at random.
    """

    face: float = 1.0
    audio: float = 1.0
    silence: float = 0.1
    face_noise: float = 0.15
    code_noise: float = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, whole."""

    llm: LlmSettings = field(default_factory=LlmSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    text: TextSettings = field(default_factory=TextSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if not 0 < self.window.hop < self.window.frames:
            raise InputError(
                f"window.hop is {self.window.hop}, expected 1 to window.frames - 1 = {self.window.frames - 1}."
            )
        if self.llm.hidden % (2 * self.llm.heads):
            raise InputError(
                f"llm.hidden is {self.llm.hidden}, no multiple of {2 * self.llm.heads}, as its heads need."
            )
