"""How Moshi speaks, ``--set key=value``: kyutai's own defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from baselines.shared.configuration import override
from omnibench.errors import UsageError

BYTES: Final = {"bfloat16": 2, "float32": 4}


@dataclass(frozen=True, slots=True)
class Settings:
    """Sampling of sound and text (`LMGen` of moshi 0.2.13: temperature 0 takes the likeliest, top_k 0 takes all), and
    the language model's number format.
    """

    temperature: float = 0.8
    temperature_text: float = 0.7
    top_k: int = 250
    top_k_text: int = 25
    precision: str = "bfloat16"


def read_settings(values: Mapping[str, Any]) -> Settings:
    """The settings of a run. Raises UsageError or InputError for one that is unknown or does not fit."""
    settings = override(Settings(), values, "moshi")
    if settings.precision not in BYTES:
        raise UsageError(f"--set precision={settings.precision}: expected one of {', '.join(BYTES)}.")
    numbers = ("temperature", "temperature_text", "top_k", "top_k_text")
    negative = [name for name in numbers if getattr(settings, name) < 0]
    if negative:
        raise UsageError(f"--set {negative[0]}={getattr(settings, negative[0])}: expected 0 or more.")
    return settings
