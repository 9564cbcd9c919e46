"""What a number is worth without a model: the best of the trivial listeners beside it.

A trivial listener knows nothing of what the human listener does: it is silent, holds its face, gives back what the
speaker did, or says the same thing again and again. A model that such a listener beats under a metric has shown nothing
by it. Their numbers on embedded data lie in ``datasets/<data set>/controls.<protocol>.json``, each under its comparison
key, and stand beside numbers of the same key only. They are made of scored runs:

    omnibench run --model silence,frozen,mirror,parrot,echo,constant_reply,metronome,reflex
    python -m omnibench.tables.controls runs
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.files.score_records import MetricEntry, NoNumber
from omnibench.metrics.signature import comparison_key

if TYPE_CHECKING:
    from omnibench.tables.paper_tables import Run

TRIVIAL: Final = ("silence", "frozen", "mirror", "parrot", "echo", "constant_reply", "metronome", "reflex")
_DATA_SETS: Final = ("mini", "studio")


@dataclass(frozen=True, slots=True)
class Control:
    """A trivial listener's value of a metric."""

    name: str
    value: float


def best_control(entry: MetricEntry, other_than: str = "") -> Control | None:
    """The trivial listener that does best by a metric, None where none was measured in the same way, the metric has no
    better direction, or the number depends on the machine.

    Args:
        entry: the metric's part of a ``scores.json``.
        other_than: a model that is no yardstick here, being the one that is measured.
    """
    direction, key = entry.direction, comparison_key(entry.signature or "")
    values = {name: value for name, value in _shipped().get(key, {}).items() if name != other_than}
    if direction not in ("higher", "lower") or not values:
        return None
    name = max(values, key=lambda name: values[name] if direction == "higher" else -values[name])
    return Control(name, values[name])


def shipped_controls(key: str) -> list[tuple[str, float]]:
    """The values of trivial listeners that come with a data set under this comparison key."""
    return list(_shipped().get(key, {}).items())


def reference_document(runs: Iterable[Run]) -> dict[str, Any]:
    """The document of ``controls.<protocol>.json``: by comparison key the value of each trivial listener, in the order
    of `TRIVIAL`.

    Args:
        runs: scored, all under one protocol; of two numbers with one key the later counts. Those of other models are
            passed over, and numbers that are incomplete, have no better direction or depend on the machine, as paced
            ones do, left out.
    """
    from omnibench.metrics.base import METRICS

    own = [run for run in runs if run.kind == "control" and run.model in TRIVIAL and not run.scores.pace]
    found: dict[str, dict[str, float]] = {}
    for run in sorted(own, key=lambda run: TRIVIAL.index(run.model)):
        for metric, entry in run.scores.metrics.items():
            spec = METRICS.get(metric).spec
            if isinstance(entry, NoNumber) or entry.incomplete:
                continue
            if spec.direction != "none" and "timing" not in spec.needs:
                found.setdefault(comparison_key(entry.signature), {})[run.model] = entry.value
    return {"controls": [name for name in TRIVIAL if any(run.model == name for run in own)], "values": found}


@cache
def _shipped() -> Mapping[str, Mapping[str, float]]:
    found: dict[str, Mapping[str, float]] = {}
    for file in (file for name in _DATA_SETS for file in _folder(name).iterdir()):
        if file.name.startswith("controls.") and file.name.endswith(".json"):
            found |= json.loads(file.read_text(encoding="utf-8"))["values"]
    return found


def _folder(data_set: str) -> Traversable:
    return files(f"omnibench.datasets.{data_set}")


def main(root: Path, protocol: str = "offline") -> None:
    """Write the documents of the scored runs below ``root`` into the package, one a data set."""
    from omnibench.files.atomic import write_text
    from omnibench.tables.paper_tables import find_runs

    whole = [run for run in find_runs(root, protocol) if not run.scores.data.part]
    for name in _DATA_SETS:
        document = reference_document(run for run in whole if run.scores.data.name == name)
        if document["values"]:
            path = Path(str(_folder(name))) / f"controls.{protocol}.json"
            write_text(path, json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n")
            print(f"{path}: {len(document['values'])} numbers of {', '.join(document['controls'])}")


if __name__ == "__main__":
    import sys

    main(Path(sys.argv[1]), *sys.argv[2:3])
