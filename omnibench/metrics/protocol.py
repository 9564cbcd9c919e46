"""Protocol files: for each metric its parameters under one way of measuring.

extends = "strict"            # takes over that protocol's sections; those below replace them one by one
drop = ["bertscore_f1"]       # of what it took over, these are not measured here
absent = "worst"              # a dialogue without a score: at its metric's worst value, or "left_out" of the mean

[metrics.bertscore_minilm]    # parameters, which all go into the signature
layer = 6
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from omnibench.errors import InputError, unknown_name
from omnibench.metrics.base import Parameters

PROTOCOLS: Final = ("paper", "strict", "offline")
STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "bertscore_f1": ("bertscore_minilm",),
    "lse_d": ("lse_d_mini",),
    "utmosv2": ("dnsmos", "distillmos"),
    "fvd": ("fvd_mini",),
}
"""What a protocol that drops one of the paper's metrics measures in its place: another quantity, with a name and a
column of its own."""

Absent = Literal["worst", "left_out"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named set of metrics with their parameters, in the order of the file, and what becomes of a dialogue without a
    score.
    """

    name: str
    metrics: Mapping[str, Parameters]
    absent: Absent = "left_out"


def load_protocol(name: str) -> Protocol:
    """Read a protocol that ships with omnibench.

    Args:
        name: ``paper``, ``strict`` or ``offline``.

    Raises:
        UsageError: any other name.
        InputError: its file drops a metric that it does not have, or says something else by ``absent``.
    """
    if name not in PROTOCOLS:
        raise unknown_name("protocol", name, PROTOCOLS, "omnibench metrics")
    document = _document(name)
    metrics = {metric: Parameters(name, values) for metric, values in document["metrics"].items()}
    return Protocol(name, metrics, document.get("absent", "left_out"))


def extended(name: str, document: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A protocol's file on top of the one that it extends.

    Args:
        name: of the protocol, for messages.
        document: the parsed file.
        base: the parsed file it extends, itself extended; empty where it extends none.

    Raises:
        InputError: ``drop`` names a metric that the base has not, or ``absent`` is none of its two words.

    Example:
        >>> extended("b", {"drop": ["x"], "metrics": {"z": {}}}, {"metrics": {"x": {}, "y": {}}})["metrics"]
        {'y': {}, 'z': {}}
    """
    inherited = base.get("metrics", {})
    dropped = document.get("drop", [])
    for metric in dropped:
        if metric not in inherited:
            raise InputError(
                f'{name}.toml: drop: "{metric}" is no metric of the protocol it extends; '
                f"expected some of {', '.join(inherited) or 'none'}."
            )
    kept = {metric: values for metric, values in inherited.items() if metric not in dropped}
    whole = {**base, **document, "metrics": {**kept, **document.get("metrics", {})}}
    if whole.get("absent", "left_out") not in get_args(Absent):
        raise InputError(f'{name}.toml: absent: "{whole["absent"]}"; expected one of {", ".join(get_args(Absent))}.')
    return whole


@cache
def _document(name: str) -> dict[str, Any]:
    text = files("omnibench.metrics").joinpath("protocols", f"{name}.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    return extended(name, document, _document(document["extends"]) if "extends" in document else {})
