"""The signature that goes with every number.

Left of `` || `` stands the comparison key: everything that defines the measurement. Two numbers may share a ranking
only where their keys are equal. Right of it stands provenance: coverage and versions. Modelled on sacrebleu's
signatures (Post 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omnibench.version import __version__

SEPARATOR = " || "


def signature(
    title: str,
    protocol: str,
    parameters: Mapping[str, Any],
    data: str,
    conditions: Mapping[str, str],
    coverage: str,
    origin: Mapping[str, str] | None = None,
) -> str:
    """Compose a signature.

    Args:
        title: the metric's printed name.
        protocol: ``paper``, ``strict`` or ``offline``.
        parameters: the metric's section of the protocol file.
        data: data set, split and the first digits of its manifest hash, like ``mini-test@9f3c01ab``.
        conditions: what of the run defines the task, like the transcript delay.
        coverage: scored/expected, like ``24/24``.
        origin: where the answers come from beyond the model's name, like the hash of its prompts; provenance only.

    Example:
        >>> signature("FD", "strict", {"root": "eigh"}, "mini-test@9f3c", {}, "24/24").split(SEPARATOR)[0]
        'FD|proto:strict|root:eigh|data:mini-test@9f3c'
    """
    key = [title, f"proto:{protocol}"]
    key += parameter_parts(parameters).values()
    key += [f"{name}:{value}" for name, value in sorted(conditions.items())]
    key.append(f"data:{data}")
    provenance = [f"cov:{coverage}", f"v:{__version__}", *(f"{n}:{v}" for n, v in sorted((origin or {}).items()))]
    return "|".join(key) + SEPARATOR + "|".join(provenance)


def parameter_parts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """How a metric's parameters stand in a signature, by name, in its order.

    Example:
        >>> parameter_parts({"seeds": [42, 43], "root": "eigh"})
        {'root': 'root:eigh', 'seeds': 'seeds:42,43'}
    """
    return {name: f"{name}:{_plain(value)}" for name, value in sorted(parameters.items())}


def comparison_key(text: str) -> str:
    """The part of a signature that has to be equal for two numbers to be compared."""
    return text.split(SEPARATOR, 1)[0]


def differing_parts(a: str, b: str) -> list[tuple[str, str]]:
    """What two comparison keys do not share, part by part, ``""`` where one has nothing there.

    Example:
        >>> differing_parts("FD|proto:strict|data:x@1", "FD|proto:strict|data:y@2|seed:1")
        [('data:x@1', 'data:y@2'), ('', 'seed:1')]
    """
    first, second = ({part.partition(":")[0]: part for part in key.split("|")} for key in (a, b))
    names = dict.fromkeys([*first, *second])
    return [(first.get(n, ""), second.get(n, "")) for n in names if first.get(n) != second.get(n)]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ",".join(_plain(item) for item in value)
    return str(value)
