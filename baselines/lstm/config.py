"""Settings of the LSTM baseline. The paper gives no sizes; these train on two CPU cores."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from baselines.shared.fitting import TrainingSettings
from baselines.shared.voice import SamplingSettings, TextSettings, VoiceSettings

CONFIGS: Final = Path(__file__).parent / "configs"
RUN_TIME: Final = ("sampling", "text", "voice")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Sizes.

    Attributes:
        words: buckets that words are hashed into; a frame's input is the mean of its words' embeddings.
        word: width of such an embedding.
        hidden: of the LSTM.
        layers: of the LSTM.
        code: width of an audio token's embedding.
        dropout: between layers, and on the input.
    """

    words: int = 1024
    word: int = 32
    hidden: int = 160
    layers: int = 2
    code: int = 64
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights. ``silence`` is that of silent audio tokens beside 1 for sounds."""

    face: float = 1.0
    audio: float = 1.0
    silence: float = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, whole."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    text: TextSettings = field(default_factory=TextSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
