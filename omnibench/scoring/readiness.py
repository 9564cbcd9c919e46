"""Whether a model can run here and a protocol's networks are here; if not, the line that gets all that is lacking."""

from __future__ import annotations

from collections.abc import Mapping

from omnibench.assets.finding import ASSETS, Asset, group, how_to_get, locate
from omnibench.files.score_records import MetricEntry, NoNumber
from omnibench.metrics.protocol import load_protocol
from omnibench.responder import ModelEntry, ModelOptions


def lacking(entry: ModelEntry, options: ModelOptions | None = None) -> str:
    """The line that gets all that a model lacks here, its parts joined by ``&&``: a checkpoint, weights, packages, a
    key; ``""`` where it can run.

    Nothing is loaded: files are looked for, not read.

    Args:
        entry: the model.
        options: how it would be built.

    Raises:
        UsageError: options that do not fit, or a card that names weights nobody knows.
    """
    options = options or ModelOptions()
    lines: list[str] = []
    if options.checkpoint is None:
        if entry.default_checkpoint is not None and not entry.default_checkpoint.exists():
            lines.append(f"omnibench train {entry.card.name}")
        assets = (asset for name in entry.card.weights for asset in group(name))
        lines += [how_to_get(asset) for asset in assets if locate(asset) is None]
    lines.append(entry.missing(options))
    return " && ".join(dict.fromkeys(filter(None, lines)))


def without_network(protocol: str, entries: Mapping[str, MetricEntry]) -> dict[str, tuple[Asset, ...]]:
    """The metrics that are unavailable because their networks are not on this machine, each with the files it lacks.

    Args:
        protocol: its name.
        entries: of ``scores.json``, by metric.
    """
    found = {}
    for name, parameters in load_protocol(protocol).metrics.items():
        entry = entries.get(name)
        if not isinstance(entry, NoNumber) or entry.status != "unavailable":
            continue
        networks = [network.partition("@") for network in str(parameters.values.get("network", "")).split(",")]
        files = (asset for network, _, digest in networks for asset in ASSETS.values() if _is(asset, network, digest))
        absent = tuple(asset for asset in files if locate(asset) is None)
        if absent:
            found[name] = absent
    return found


def networks_line(protocol: str, entries: Mapping[str, MetricEntry], go_on: str) -> str:
    """One line on the metrics that no network is here for: how to go on without, and what gets the networks; ``""``
    where none is lacking.

    Args:
        protocol, entries: as of `without_network`.
        go_on: how to measure with the networks that come with the installation.
    """
    absent = without_network(protocol, entries)
    if not absent:
        return ""
    groups = dict.fromkeys(asset.group for assets in absent.values() for asset in assets)
    return (
        f"the networks of {', '.join(absent)} (protocol {protocol}) are not on this machine. With those that came with "
        f"the installation: {go_on}; to get them: omnibench assets fetch {' '.join(groups)}"
    )


def _is(asset: Asset, network: str, digest: str) -> bool:
    """Whether a protocol means this file by ``network@digest``: one of a group, or the one of that sha256."""
    return asset.group == network or (digest != "" and asset.sha256.startswith(digest))
