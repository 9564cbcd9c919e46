"""``omnibench audit ranking`` on scored runs: which may share an order, and the outcome as text and JSON."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from omnibench.audit.ranking import ALPHA, Entrant, Kind, Order, Place, judged, order_of
from omnibench.errors import InputError, MismatchError, UsageError
from omnibench.files.score_records import Number
from omnibench.metrics.base import FAMILIES, METRICS, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import comparison_key
from omnibench.scoring.headline import MEASURES, PEOPLE, RENDERED, Headline, Listener, headline
from omnibench.scoring.leaving_out import without_each
from omnibench.scoring.paired_values import Row, read_rows
from omnibench.system.progress import Ticker
from omnibench.tables.controls import shipped_controls
from omnibench.tables.paper_tables import ARROWS, Run

WIDTH: Final = 100
LEGEND: Final = (
    "Best first; models in [brackets]; ^ a value that comes with the data set. In parentheses the probability that "
    "people are above, of draws of people with replacement, ties half; of a model after it that of being above the "
    f"best control. Broken: a control above people with a one-sided p < {ALPHA}, Holm over every metric with a claim "
    "and control."
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All orders of the runs of one split under one protocol."""

    data: str
    protocol: str
    kinds: Mapping[str, Kind]
    orders: tuple[Order, ...]
    headline: Headline

    @property
    def broken(self) -> tuple[Order, ...]:
        """The metrics whose claim is broken."""
        return tuple(order for order in self.orders if order.verdict == "broken")

    def text(self) -> str:
        """One paragraph a metric, those with a claim first."""
        counts = Counter(self.kinds.values())
        made = ", ".join(f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in ("model", "control"))
        units = max((order.units for order in self.orders), default=0)
        lines = [f"{self.data}, protocol {self.protocol}: people, {made}; {units} people named as listeners"]
        ordered = [order for order in self.orders if order.places]
        for claimed in (True, False):
            own = [order for order in ordered if order.claim.listening == claimed]
            if own:
                lines += ["", "Claim to measure listening" if claimed else "Claim no listening"]
            for order in own:
                lines += _lines(order)
        lines += ["", textwrap.fill(self.headline.text(), WIDTH)]
        without = [order.metric for order in self.orders if not order.places]
        if without:
            lines += ["", textwrap.fill(f"No better direction, so no order: {', '.join(without)}", WIDTH)]
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "data": self.data,
            "protocol": self.protocol,
            "runs": dict(self.kinds),
            "metrics": {order.metric: _entry(order) for order in self.orders},
            "headline": {
                "values": dict(self.headline.values),
                "parts": {name: dict(own) for name, own in self.headline.parts.items()},
                **({"why": self.headline.why} if self.headline.why else {}),
            },
        }


def rankings(
    runs: Sequence[Run], metrics: Sequence[str] | None = None, seed: int = 0
) -> tuple[list[Ranking], list[str]]:
    """The orders of each split and protocol that the ground truth is scored on, and a line a run that is in none.

    Args:
        runs: scored ones.
        metrics: only these, and the correction is for these only: name them before you look.
        seed: of draws and swaps.

    Raises:
        InputError: no run is of people, or a file is damaged.
        UsageError: a metric that no run was scored with.
    """
    known = {name for run in runs for name in run.scores.metrics}
    for name in metrics or ():
        if name not in known:
            raise UsageError(f'No run was scored with "{name}"; they were with: {", ".join(sorted(known))}.')
    groups: dict[tuple[str, ...], list[Run]] = defaultdict(list)
    left_out = []
    for run in runs:
        scores = run.scores
        if scores.part:
            left_out.append(f"{run.folder}: left out, {scores.part}")
        else:
            machine = str(scores.machine or "")
            key = scores.data.name, scores.data.split, scores.data.manifest, scores.protocol, scores.played, machine
            groups[key].append(run)
    found = []
    for own in groups.values():
        if any(_kind(run) == "people" for run in own):
            found.append(_ranking(own, metrics, seed))
        else:
            left_out += [f"{run.folder}: left out, no ground truth was scored on the same data" for run in own]
    if not found:
        raise InputError(
            "No run of the ground truth of a whole split is among these, and it is what metrics are held against. "
            "Run `omnibench run --model ground_truth` and name its folder too."
        )
    return found, left_out


def ranking_document(found: Sequence[Ranking]) -> dict[str, Any]:
    """What ``omnibench audit ranking --json`` writes."""
    return {"schema_version": 1, "alpha": ALPHA, "rankings": [one.document() for one in found]}


def raise_for_broken(found: Sequence[Ranking]) -> None:
    """Raises MismatchError where a metric breaks its claim."""
    broken = [(one, order) for one in found for order in one.broken]
    if broken:
        listed = "; ".join(
            f"{order.metric} on {one.data} ({', '.join(place.name for place in order.breaking)} above people)"
            for one, order in broken
        )
        raise MismatchError(
            f"{len(broken)} {'metric claims' if len(broken) == 1 else 'metrics claim'} to measure listening and "
            f"{'puts' if len(broken) == 1 else 'put'} a control above people: {listed}."
        )


def _ranking(runs: Sequence[Run], metrics: Sequence[str] | None, seed: int) -> Ranking:
    scores = runs[0].scores
    sections = load_protocol(scores.protocol, runs[0].folder).metrics
    repeated = Counter(run.model for run in runs)
    named = {run.model if repeated[run.model] == 1 else str(run.folder): run for run in runs}
    rows = {name: read_rows(run.folder) for name, run in named.items()}
    scored = {name for run in runs for name in run.scores.metrics if name in sections}
    families = list(FAMILIES)
    specs = [METRICS.get(name).spec for name in scored if metrics is None or name in metrics]
    names = [spec.name for spec in sorted(specs, key=lambda own: (families.index(own.family), own.order))]
    orders = []
    with Ticker(f"order of {len(runs)} runs", len(names), "metric") as ticker:
        for name in names:
            entrants = _entrants(name, named, rows)
            try:
                if len(entrants) > 1:
                    orders.append(order_of(METRICS.get(name), sections[name], entrants, seed))
            except (LookupError, TypeError, ValueError, ArithmeticError) as error:
                raise InputError(
                    f"What samples.jsonl and statistics.npz of {', '.join(one.name for one in entrants)} hold of "
                    f"{name} is not what it is made of ({error!r}). Run `omnibench score` on them again."
                ) from error
            ticker.advance()
    kinds = {name: _kind(run) for name, run in named.items()}
    found = _headline(
        {metric: _entrants(metric, named, rows) for metric in MEASURES if metric in sections}, named, sections
    )
    return Ranking(scores.played, scores.protocol, kinds, tuple(judged(orders)), found)


def _headline(
    parts: Mapping[str, Sequence[Entrant]], runs: Mapping[str, Run], sections: Mapping[str, Parameters]
) -> Headline:
    """Of the runs, without the values that come with the data set: these have nothing by person."""
    listeners = []
    for name, run in runs.items():
        own = {metric: one for metric, found in parts.items() for one in found if one.name == name}
        without = {
            metric: without_each(METRICS.get(metric), sections[metric], one.rows, one.value)
            for metric, one in own.items()
        }
        if run.model != RENDERED:
            kind = _kind(run)
            named = PEOPLE if kind == "people" else name
            listeners.append(
                Listener(named, kind != "model", {metric: one.value for metric, one in own.items()}, without)
            )
    return headline(listeners)


def _entrants(
    metric: str, runs: Mapping[str, Run], rows: Mapping[str, Mapping[str, Mapping[str, Row]]]
) -> list[Entrant]:
    """The runs with a whole number under the comparison key of people, and the controls that come with the data."""
    keys, found = {}, []
    for name, run in runs.items():
        entry = run.scores.metrics.get(metric)
        if isinstance(entry, Number) and not entry.incomplete and entry.signature and run.model != RENDERED:
            keys[name] = comparison_key(entry.signature)
            found.append(Entrant(name, _kind(run), entry.value, rows[name].get(metric, {})))
    own = next((keys[one.name] for one in found if one.kind == "people"), None)
    if own is None:
        return []
    found = [one for one in found if keys[one.name] == own]
    present = {runs[one.name].model for one in found}
    found += [Entrant(name, "control", value, {}) for name, value in shipped_controls(own) if name not in present]
    return found


def _kind(run: Run) -> Kind:
    return (
        "people" if run.model == PEOPLE and run.kind == "control" else "control" if run.kind == "control" else "model"
    )


def _lines(order: Order) -> list[str]:
    spec = METRICS.get(order.metric).spec
    unit = f" [{spec.unit}]" if spec.unit else ""
    listed = "".join(
        f"{'' if before is None else ' = ' if before.value == place.value else ' > '}{_shown(place, spec.decimals)}"
        for before, place in zip((None, *order.places), order.places, strict=False)
    )
    head = f"  {order.metric}{unit} {ARROWS[order.direction]}"
    if order.claim.listening:
        head += f"  {order.verdict}"
    lines = [head, *textwrap.wrap(listed, WIDTH, initial_indent="    ", subsequent_indent="      ")]
    above = order.above_people
    if above and order.claim.listening:
        told = ", ".join(
            place.name if place.p_holm is None else f"{place.name} p {place.p_value:.3g}, Holm {place.p_holm:.3g}"
            for place in above
        )
        lines.append(f"      above people: {told}")
    elif above:
        lines.append(f"      {', '.join(place.name for place in above)} above people: no metric of listening")
    return lines


def _shown(place: Place, decimals: int) -> str:
    name = f"[{place.name}]" if place.kind == "model" else place.name if place.kind == "control" else "people"
    told = [f"{value:.2f}" for value in (place.people_above, place.above_control) if value is not None]
    mark = "^" if place.shipped else ""
    text = f"{name} {place.value:.{decimals}f}{mark}" + (f" ({', '.join(told)})" if told else "")
    return text.replace(" ", "\u00a0")


def _entry(order: Order) -> dict[str, Any]:
    return {
        "claims_listening": order.claim.listening,
        "why": order.claim.why,
        "direction": order.direction,
        "verdict": order.verdict,
        "units": order.units,
        "order": [
            {
                "name": place.name,
                "kind": place.kind,
                "value": place.value,
                "shipped": place.shipped,
                **{
                    key: value
                    for key, value in (
                        ("people_above", place.people_above),
                        ("above_best_control", place.above_control),
                        ("p", place.p_value),
                        ("p_holm", place.p_holm),
                    )
                    if value is not None
                },
            }
            for place in order.places
        ],
    }
