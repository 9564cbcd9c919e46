"""Settings of ViCo's listener. The defaults are the published configuration where it names one."""

from __future__ import annotations

from baselines.shared.configuration import Amount, Section, Share, Size
from baselines.shared.listeners.settings import ListenerSettings


class NetworkSettings(Section):
    """Sizes, as in ``vico/configs/configs.yaml``."""

    fused: Size = 192
    hidden: Size = 96
    layers: Size = 2
    dropout: Share = 0.1


class LossSettings(Section):
    """Weights of the distances and of those between first differences."""

    expression: Amount = 1.0
    expression_change: Amount = 0.001
    rotation: Amount = 1.0
    rotation_change: Amount = 1.0
    translation: Amount = 1.0
    translation_change: Amount = 1.0


class StatisticsSettings(Section):
    """Files of means and deviations that the original code keeps beside its checkpoints; only those need them."""

    faces: str = ""
    audio: str = ""


class Settings(ListenerSettings):
    """One configuration, whole."""

    network: NetworkSettings = NetworkSettings()
    loss: LossSettings = LossSettings()
    statistics: StatisticsSettings = StatisticsSettings()
