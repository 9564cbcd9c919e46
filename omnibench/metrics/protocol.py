"""Protocols: for every metric its parameters under one way of measuring.

Three ship with omnibench; others are files of a user's own (``--protocol my.toml``, `omnibench.metrics.protocol_file`)
or registered by a package under the entry-point group ``omnibench.protocols``: a path to such a file, or a `Protocol`.
Those are named by the file with the first digits of its sha256, ``my@1f8a03c2``, wherever they are kept or compared, so
that two different files never measure under one name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from omnibench.errors import InputError, UsageError, unknown_name
from omnibench.files.atomic import write_bytes
from omnibench.files.decoding import TextFault, decoded
from omnibench.metrics.base import METRICS, Metric, Parameters
from omnibench.metrics.base import PROTOCOLS as PROTOCOLS
from omnibench.metrics.protocol_file import Absent, ProtocolFile, Values, merged, parse_protocol
from omnibench.registry import Registry

STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "bertscore_f1": ("bertscore_minilm",),
    "lse_d": ("lse_d_mini",),
    "utmosv2": ("dnsmos",),
    "fvd": ("fvd_mini",),
}
"""What a protocol that drops one of the paper's metrics measures in its place: another quantity, with a name and a
column of its own."""

_OWN_NAME: Final = re.compile(r"(?P<stem>[A-Za-z0-9_-]+)@[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named set of metrics with their parameters, in order, and what becomes of a dialogue without a score.

    ``text`` is the file of a protocol of somebody's own, ``""`` of those that ship with omnibench.
    """

    name: str
    metrics: Mapping[str, Parameters]
    absent: Absent = "left_out"
    text: str = ""


OWN_PROTOCOLS: Registry[Protocol | Path | str] = Registry(
    "omnibench.protocols", kind="protocol", listing="omnibench metrics"
)
_OPENED: Final[dict[str, Protocol]] = {}
"""Protocols of somebody's own that this process opened, by their full names."""


def load_protocol(name: str, folder: Path | None = None) -> Protocol:
    """Find a protocol.

    Args:
        name: ``paper``, ``strict`` or ``offline``; one that a package registers; a path to a TOML file; or the full
            name of one of these, like ``my@1f8a03c2``, as ``scores.json`` has it.
        folder: predictions that were scored under it, which keep its file.

    Raises:
        UsageError: any other name, or one of omnibench's own that a package registers too.
        InputError: its file is not there, or not what was expected; the message names the field.
    """
    taken = next((own for own in PROTOCOLS if own in OWN_PROTOCOLS.names()), None)
    if taken is not None:
        raise UsageError(f'The protocol name "{taken}" is omnibench\'s own, and a package registers it as well.')
    if name in PROTOCOLS:
        return _shipped(name)
    if name in _OPENED:
        return _OPENED[name]
    if name in OWN_PROTOCOLS.names():
        return _registered(name)
    if name.endswith(".toml") or "/" in name:
        return _opened(Path(name))
    if _OWN_NAME.fullmatch(name):
        return _known_by_its_full_name(name, folder)
    raise unknown_name("protocol", name, (*PROTOCOLS, *OWN_PROTOCOLS.names()), "omnibench metrics")


def keep_protocol(protocol: Protocol, folder: Path) -> None:
    """Leave the file of a protocol of somebody's own beside the scores that were made under it. Raises OSError."""
    if protocol.text:
        write_bytes(folder / f"protocol.{protocol.name}.toml", protocol.text.encode())


def installed_metrics() -> dict[str, Metric]:
    """Every registered metric that can be imported, in order."""
    found = {name: METRICS.get(name) for name in METRICS.names() if not broken(name)}
    return dict(sorted(found.items(), key=lambda item: (item[1].spec.order, item[0])))


def broken(name: str) -> str:
    """Why a registered metric cannot be used, ``""`` where it can: a stranger's package that cannot be imported leaves
    the others as they are.
    """
    try:
        metric = METRICS.get(name)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if not isinstance(metric, Metric):
        return f"TypeError: expected a Metric of omnibench.metrics.base, found {type(metric).__name__}"
    return (
        "" if metric.spec.name == name else f'ValueError: registered as "{name}", it calls itself "{metric.spec.name}"'
    )


def _shipped(name: str) -> Protocol:
    return _protocol(name, _shipped_file(name), f"{name}.toml")


@cache
def _shipped_file(name: str) -> ProtocolFile:
    text = files("omnibench.metrics").joinpath("protocols", f"{name}.toml").read_text(encoding="utf-8")
    return parse_protocol(text, f"{name}.toml")


def _protocol(name: str, file: ProtocolFile, where: str, known: Mapping[str, Values] | None = None) -> Protocol:
    base = load_protocol(file.extends) if file.extends else None
    installed = installed_metrics()
    members = [
        metric
        for metric, own in installed.items()
        if name in PROTOCOLS and (name in own.protocols or (base is None and not own.protocols))
    ]
    inherited = {metric: parameters.values for metric, parameters in base.metrics.items()} if base else {}
    whole = merged(file, where, inherited, members, installed, known)
    absent = file.absent or (base.absent if base else "left_out")
    return Protocol(name, {metric: Parameters(name, values) for metric, values in whole.items()}, absent)


def _known() -> dict[str, Values]:
    """Every parameter that a protocol of ours gives a metric, with its value."""
    found: dict[str, dict[str, object]] = {}
    for name in PROTOCOLS:
        for metric, parameters in _shipped(name).metrics.items():
            found.setdefault(metric, {}).update(parameters.values)
    return dict(found)


def _opened(path: Path) -> Protocol:
    stem = path.name.removesuffix(".toml")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", stem):
        raise InputError(f'{path}: the name "{stem}" goes into signatures; expected letters, digits, - and _ alone.')
    return _remembered(_read(stem, path))


def _read(stem: str, path: Path) -> Protocol:
    try:
        text = decoded(path.read_bytes())
    except (OSError, TextFault) as error:
        raise InputError(f"{path}: not readable ({error}); expected a protocol's file in TOML.") from error
    name = f"{stem}@{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return replace(_protocol(name, parse_protocol(text, str(path)), str(path), _known()), text=text)


def _registered(name: str) -> Protocol:
    found = OWN_PROTOCOLS.get(name)
    if not isinstance(found, Protocol):
        return _opened(Path(found))
    content = json.dumps([found.absent, {m: dict(p.values) for m, p in found.metrics.items()}], default=str)
    full = f"{name}@{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    metrics = {metric: replace(parameters, protocol=full) for metric, parameters in found.metrics.items()}
    return _remembered(replace(found, name=full, metrics=metrics))


def _known_by_its_full_name(name: str, folder: Path | None) -> Protocol:
    kept = folder / f"protocol.{name}.toml" if folder is not None else None
    if kept is not None and kept.is_file():
        found = _read(name.rpartition("@")[0], kept)
        if found.name != name:
            raise InputError(f"{kept}: its sha256 begins with {found.name[-8:]}; expected {name[-8:]}: it was changed.")
        return _remembered(found)
    for own in OWN_PROTOCOLS.names():
        if _registered(own).name == name:
            return _OPENED[name]
    raise InputError(
        f"The protocol {name} is a file of somebody's own that is not here; give it: --protocol FILE.toml."
    )


def _remembered(protocol: Protocol) -> Protocol:
    return _OPENED.setdefault(protocol.name, protocol)
