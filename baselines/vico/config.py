"""Settings of ViCo's listener. The defaults are the published configuration where it names one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from baselines.shared.fitting import TrainingSettings

CONFIGS: Final = Path(__file__).parent / "configs"


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Sizes, as in ``vico/configs/configs.yaml``."""

    fused: int = 192
    hidden: int = 96
    layers: int = 2
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights of the distances and of those between first differences."""

    expression: float = 1.0
    expression_change: float = 0.001
    rotation: float = 1.0
    rotation_change: float = 1.0
    translation: float = 1.0
    translation_change: float = 1.0


@dataclass(frozen=True, slots=True)
class StatisticsSettings:
    """Files of means and deviations that the original code keeps beside its checkpoints; only those need them."""

    faces: str = ""
    audio: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, whole."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    statistics: StatisticsSettings = field(default_factory=StatisticsSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
