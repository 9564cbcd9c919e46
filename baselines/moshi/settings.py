"""How Moshi speaks, ``--set key=value``: kyutai's own defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from baselines.shared.configuration import Amount, Count, Section, override
from omnibench.errors import UsageError

BYTES: Final = {"bfloat16": 2, "float32": 4}


class Settings(Section):
    """Sampling of sound and text (`LMGen` of moshi 0.2.13: temperature 0 takes the likeliest, top_k 0 takes all), and
    the language model's number format.
    """

    temperature: Amount = 0.8
    temperature_text: Amount = 0.7
    top_k: Count = 250
    top_k_text: Count = 25
    precision: Literal["bfloat16", "float32"] = "bfloat16"


def read_settings(values: Mapping[str, Any]) -> Settings:
    """The settings of a run. Raises UsageError for one that is unknown or does not fit."""
    return override(Settings(), values, "moshi", refusal=UsageError)
