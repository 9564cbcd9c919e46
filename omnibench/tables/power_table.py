"""How small a difference a data set can show, metric by metric: the power of pairs of scored runs, as text and JSON.

Medians are over the pairs with a model on one side at least, where there are any: two controls may be alike in a way
that no model is. A pair is told apart at a size where a true difference as large as theirs would be seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from omnibench.errors import InputError
from omnibench.files.score_records import Number
from omnibench.metrics.base import FAMILIES, METRICS, MetricSpec, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import comparison_key
from omnibench.metrics.statistics import LEVEL
from omnibench.scoring.paired_values import Row, read_rows
from omnibench.scoring.power import DRAWS, POWER, SIZES, MetricPower, PairPower, metric_power
from omnibench.system.progress import Ticker
from omnibench.tables.paper_tables import ARROWS, DASH, Run

CONTROL: Final = "control"
LEGEND: Final = (
    f"Smallest true difference that `omnibench compare` finds, on the right side and at .05 for that metric alone, in "
    f"{100 * POWER:.0f} % of {DRAWS} draws of so many dialogues by people: median over pairs of runs [least, most]. "
    "told apart: pairs whose own difference is as large as that. Correcting for many metrics needs more.",
    "how: test, the test itself on drawn people; linear, the same with each person's linear share of a corpus "
    "statistic; spread, from the spread over draws. ~ extrapolated: more dialogues than there are, drawn with "
    f"replacement. {DASH} so few people allow no p of .05.",
)


@dataclass(frozen=True, slots=True)
class PowerTable:
    """All whole runs on one split under one protocol. ``kinds`` and ``values`` are by the runs' names."""

    data: str
    split: str
    protocol: str
    kinds: Mapping[str, str]
    values: Mapping[str, Mapping[str, float]]
    metrics: Sequence[MetricPower]
    sizes: tuple[int, ...]

    def chosen(self, power: MetricPower) -> list[PairPower]:
        """The pairs that the medians are over."""
        of_models = [pair for pair in power.pairs if {self.kinds[pair.a], self.kinds[pair.b]} != {CONTROL}]
        return of_models or list(power.pairs)

    def text(self) -> str:
        """Aligned columns under a line that says what they are of."""
        counts = Counter("controls" if kind == CONTROL else "models" for kind in self.kinds.values())
        made = " and ".join(f"{n} {kind}" for kind, n in sorted(counts.items(), reverse=True))
        whole = max(self.metrics, key=lambda one: one.dialogues)
        title = f"{self.data} {self.split}, protocol {self.protocol}: {made}; {whole.dialogues} dialogues, "
        head = (
            "metric",
            f"{'models' if counts['models'] else 'runs'} today",
            *(f"n = {size}" for size in self.sizes),
            "told apart",
            "how",
        )
        rows = [head, *(self._row(one) for one in self.metrics)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        drawn = ", ".join(f"{size} {_people(count)}" for size, count in zip(self.sizes, whole.drawn, strict=True))
        return "\n".join([f"{title}{_people(whole.units)} (n = {drawn})", *lines])

    def _row(self, power: MetricPower) -> tuple[str, ...]:
        spec, pairs = METRICS.get(power.metric).spec, self.chosen(power)
        values = self._today(power.metric)
        unit = f" [{spec.unit}]" if spec.unit else ""
        today = f"{_number(spec, values[0])} … {_number(spec, values[-1])}" if values else DASH
        cells, told = [], []
        for place, size in enumerate(self.sizes):
            found = _found(pairs, place)
            told.append(str(sum(pair.told(place) for pair in pairs)))
            mark = "~" if size > power.dialogues else ""
            ends = f" [{_number(spec, min(found))}, {_number(spec, max(found))}]" if found else ""
            cells.append(f"{mark}{_number(spec, median(found))}{ends}" if found else DASH)
        name = f"{power.metric}{unit} {ARROWS[spec.direction]}".rstrip()
        if not pairs:
            return (
                name,
                today,
                *(DASH for _ in self.sizes),
                f"{power.equal} pairs, all equal" if power.equal else DASH,
                "",
            )
        return (name, today, *cells, f"{' / '.join(told)} of {len(pairs)}", power.how)

    def _today(self, metric: str) -> list[float]:
        """The models' values, from the lowest; all runs' where there is no model."""
        models = [value for name, value in self.values[metric].items() if self.kinds[name] != CONTROL]
        return sorted(models or self.values[metric].values())

    def document(self) -> dict[str, Any]:
        """The same with every pair."""
        return {
            "data": self.data,
            "split": self.split,
            "protocol": self.protocol,
            "runs": dict(self.kinds),
            "metrics": {one.metric: self._entry(one) for one in self.metrics},
        }

    def _entry(self, power: MetricPower) -> dict[str, Any]:
        pairs = self.chosen(power)
        sizes = []
        for place, size in enumerate(self.sizes):
            found = _found(pairs, place)
            ends = {"median": median(found), "least": min(found), "most": max(found)} if found else {}
            told = sum(pair.told(place) for pair in pairs)
            few = {"dialogues": size, "people": power.drawn[place], "extrapolated": size > power.dialogues}
            sizes.append({**few, **ends, "pairs": len(pairs), "told_apart": told})
        spec = METRICS.get(power.metric).spec
        return {
            "unit": spec.unit,
            "direction": spec.direction,
            "how": power.how,
            "dialogues": power.dialogues,
            "people": power.units,
            "values": dict(self.values[power.metric]),
            "sizes": sizes,
            "equal_pairs": power.equal,
            "pairs": [
                {
                    "a": pair.a,
                    "b": pair.b,
                    "difference": pair.difference,
                    "smallest": {
                        str(size): found
                        for size, found in zip(self.sizes, pair.smallest, strict=True)
                        if found is not None
                    },
                }
                for pair in power.pairs
            ],
        }


def power_tables(
    runs: Sequence[Run], protocol: str | None = None, sizes: Sequence[int] = SIZES, seed: int = 0
) -> tuple[list[PowerTable], list[str]]:
    """A table of each split and protocol that two whole runs at least are of, and a line a run that is in none.

    Args:
        runs: scored ones.
        protocol: only those last scored under it.
        sizes: numbers of dialogues.
        seed: of the draws.

    Raises:
        InputError: no two runs are alike, or a file of theirs is damaged.
    """
    groups: dict[tuple[str, str, str, str], list[Run]] = defaultdict(list)
    left_out = []
    for run in runs:
        data = run.scores.data
        if run.scores.part:
            left_out.append(f"{run.folder}: left out, {run.scores.part}")
        elif protocol in (None, run.scores.protocol):
            groups[data.name, data.split, data.manifest, run.scores.protocol].append(run)
    left_out += [f"{own[0].folder}: left out, alone on its data" for own in groups.values() if len(own) == 1]
    whole = [own for own in groups.values() if len(own) > 1]
    if not whole:
        raise InputError(
            "No two runs of whole splits are scored alike, and power is of pairs. Run `omnibench run --model NAME` for "
            "some models and controls first."
        )
    return [_table(own, tuple(sizes), seed) for own in whole], left_out


def power_document(tables: Sequence[PowerTable]) -> dict[str, Any]:
    """What ``omnibench metrics --power --json`` writes."""
    made = {"power": POWER, "alpha": round(1 - LEVEL, 9), "draws": DRAWS}
    return {"schema_version": 1, **made, "tables": [table.document() for table in tables]}


def _table(runs: Sequence[Run], sizes: tuple[int, ...], seed: int) -> PowerTable:
    scores = runs[0].scores
    sections = load_protocol(scores.protocol, runs[0].folder).metrics
    repeated = Counter(run.model for run in runs)
    named = {run.model if repeated[run.model] == 1 else str(run.folder): run for run in runs}
    rows = {name: read_rows(run.folder) for name, run in named.items()}
    metrics, values = [], {}
    order = {name: place for place, name in enumerate(FAMILIES)}
    specs = [METRICS.get(name).spec for name in sections]
    with Ticker(f"power of {len(runs)} runs", len(specs), "metric") as ticker:
        for spec in sorted(specs, key=lambda own: (order[own.family], own.order)):
            own = _alike(spec.name, named, rows)
            if len(own) > 1:
                found = {name: named[name].scores.metrics[spec.name] for name in own}
                values[spec.name] = {name: one.value for name, one in found.items() if isinstance(one, Number)}
                metrics.append(_power(spec.name, sections[spec.name], own, sizes, seed))
            ticker.advance()
    kinds = {name: run.kind for name, run in named.items()}
    return PowerTable(scores.data.name, scores.data.split, scores.protocol, kinds, values, metrics, sizes)


def _power(
    name: str, parameters: Parameters, rows: Mapping[str, Mapping[str, Row]], sizes: tuple[int, ...], seed: int
) -> MetricPower:
    try:
        return metric_power(METRICS.get(name), parameters, rows, sizes, seed)
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise InputError(
            f"What samples.jsonl and statistics.npz of {', '.join(rows)} hold of {name} is not what it is made of "
            f"({error!r}). Run `omnibench score` on them again."
        ) from error


def _alike(
    metric: str, runs: Mapping[str, Run], rows: Mapping[str, Mapping[str, Mapping[str, Row]]]
) -> dict[str, Mapping[str, Row]]:
    """What the runs have under a metric, of those that most were measured alike with."""
    keys = {}
    for name, run in runs.items():
        entry = run.scores.metrics.get(metric)
        if entry is not None and entry.signature is not None and rows[name].get(metric):
            keys[name] = comparison_key(entry.signature)
    most = Counter(keys.values()).most_common(1)
    return {name: rows[name][metric] for name, key in keys.items() if key == most[0][0]}


def _found(pairs: Sequence[PairPower], place: int) -> list[float]:
    return [found for found in (pair.smallest[place] for pair in pairs) if found is not None]


def _number(spec: MetricSpec, value: float) -> str:
    text = f"{value:.{spec.decimals}f}"
    return text if float(text) or not value else f"{value:.1g}"


def _people(count: int) -> str:
    return f"{count} people" if count != 1 else "1 person"
