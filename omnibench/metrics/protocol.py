"""Protocol files: for each metric its parameters under one way of measuring."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from omnibench.errors import unknown_name
from omnibench.metrics.base import Parameters

PROTOCOLS: Final = ("paper", "strict", "offline")
COMING: Final[dict[str, str]] = {
    "meteor": "METEOR",
    "bertscore_f1": "BERTScore-F1",
    "lse_d": "LSE-D",
    "utmosv2": "UTMOSv2",
    "fvd": "FVD",
}
"""The paper's metrics that this version does not compute yet, by name; tables say so in their place."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named set of metrics with their parameters, in the order of the file."""

    name: str
    metrics: Mapping[str, Parameters]


def load_protocol(name: str) -> Protocol:
    """Read a protocol that ships with omnibench.

    Args:
        name: ``paper``, ``strict`` or ``offline``.

    Raises:
        UsageError: any other name.
    """
    if name not in PROTOCOLS:
        raise unknown_name("protocol", name, PROTOCOLS, "omnibench metrics")
    return Protocol(name, {metric: Parameters(name, values) for metric, values in _sections(name).items()})


def _sections(name: str) -> dict[str, dict[str, Any]]:
    text = files("omnibench.metrics").joinpath("protocols", f"{name}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    inherited = _sections(document["extends"]) if "extends" in document else {}
    return {**inherited, **document.get("metrics", {})}
