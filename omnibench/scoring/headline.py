"""One number of a listener, or the reason why there is none on these data: the least of five parts.

Each part is a metric on a scale of its own, 0 at the floor (what a named control, or nothing at all, has by it) and 1
at people, cut at both ends, so that more than people have of one part is worth nothing. The headline is the *minimum*
of the parts, all with the same weight: no part buys another. A part that a listener lacks is 0.

It is shown only where it is known to order what must be ordered: people above the model ``MODEL``, and that above each
control, every one with a one-sided p below ``ALPHA``, corrected by Holm's method. The p is Student's of the delete-one
jackknife over people: without one person floors, people and listeners are all taken anew. ``n`` people are also too few
where all ways to swap them, ``2^n``, could show no such p; that keeps the jackknife from claims on a handful of people.

Source: Efron & Tibshirani 1993, chapter 11; Holm 1979.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.scoring.leaving_out import Without
from omnibench.scoring.paired_test import holm

MODEL: Final = "omniresponse"
PEOPLE: Final = "ground_truth"
RENDERED: Final = "ground_truth_rendered"
"""People's own answers with another picture: neither a control nor a second people."""

ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """Metrics, of which the first that people have counts, and its ``floor``: a control's name, or a number."""

    name: str
    metrics: tuple[str, ...]
    floor: str | float

    @property
    def metric(self) -> str:
        """The metric that counts."""
        return self.metrics[0]


PARTS: Final = (
    Part("timing", ("heard_answered_2s",), "reflex"),
    Part("relevance", ("relevance",), "constant_reply"),
    Part("says its words", ("own_wer",), 1.0),
    Part("lips", ("lse_d", "lse_d_mini"), "silence"),
    Part("face", ("fd_standardised",), "frozen"),
)
"""The floors: who says "yeah" at each pause, who says the same to everybody, a voice of which no word is heard, a face
and voice that do nothing, and a face that does not move.
"""

MEASURES: Final = tuple(metric for part in PARTS for metric in part.metrics)
"""What a listener is asked for."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What one run has: its numbers by metric, and the same without each person."""

    name: str
    control: bool
    values: Mapping[str, float]
    without: Mapping[str, Without]


@dataclass(frozen=True, slots=True)
class Headline:
    """``values`` by name, empty where the headline is not shown and ``why`` says the reason; ``parts`` by name and
    part, as far as floors and people are there.
    """

    why: str
    values: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def text(self) -> str:
        """A sentence or two."""
        if self.why:
            return f"No headline on these data: {self.why}."
        listed = ", ".join(f"{name} {value:.2f}" for name, value in sorted(self.values.items(), key=lambda o: -o[1]))
        parts = ", ".join(part.name for part in PARTS)
        return f"Headline, the least of {parts}, from 0 at a control's floor to 1 at people: {listed}."


def headline(listeners: Sequence[Listener]) -> Headline:
    """The headline of all listeners on one split, measured alike.

    Args:
        listeners: people, the model and the controls among them; those of a part with several comparison keys must be
            left out beforehand.
    """
    named = {one.name: one for one in listeners}
    chosen = _chosen(named.get(PEOPLE))
    missing = _missing(named, chosen)
    if missing:
        return Headline(missing)
    values = {part: {one.name: one.values.get(part.metric, np.nan) for one in listeners} for part in chosen}
    scaled = {part: _scaled(part, values[part]) for part in chosen}
    flat = [part.name for part in chosen if scaled[part] is None]
    if flat:
        return Headline(f"people are not above the floor of {', '.join(flat)}")
    parts = {one.name: {part.name: (scaled[part] or {})[one.name] for part in chosen} for one in listeners}
    whole = {name: min(own.values()) for name, own in parts.items()}
    try:
        # Whoever else stands there has a headline, and no say in whether it is shown.
        people, left = _left_out([one for one in listeners if one.control or one.name == MODEL], chosen)
    except LookupError as error:
        return Headline(str(error.args[0]), parts=parts)
    pairs = [(PEOPLE, MODEL), *((MODEL, one.name) for one in listeners if one.control and one.name != PEOPLE)]
    if len(pairs) >= ALPHA * 2.0 ** len(people):
        return Headline(f"{len(people)} people are too few for {len(pairs)} comparisons", parts=parts)
    p_values = holm([_p_value(whole[a] - whole[b], left[a] - left[b]) for a, b in pairs])
    failing = [f"{a} is not above {b} (p {p:.2g})" for (a, b), p in zip(pairs, p_values, strict=True) if p >= ALPHA]
    return Headline("; ".join(failing), {} if failing else whole, parts)


def _chosen(people: Listener | None) -> tuple[Part, ...]:
    """The parts, each of the one metric that people have, else of its first."""
    has = people.values if people else {}
    return tuple(replace(p, metrics=tuple(m for m in p.metrics if m in has)[:1] or p.metrics[:1]) for p in PARTS)


def _missing(named: Mapping[str, Listener], parts: Sequence[Part]) -> str:
    wanted = [PEOPLE, MODEL, *(part.floor for part in parts if isinstance(part.floor, str))]
    absent = [name for name in dict.fromkeys(wanted) if name not in named]
    if absent:
        return f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not among the rows"
    for part in parts:
        for name in (PEOPLE, part.floor):
            if isinstance(name, str) and part.metric not in named[name].values:
                return f"{name} has no {part.metric}"
    return ""


def _scaled(part: Part, values: Mapping[str, float]) -> dict[str, float] | None:
    """From 0 to 1 by name; None where people are no better than the floor."""
    from omnibench.metrics.base import METRICS

    sign = 1.0 if METRICS.get(part.metric).spec.direction == "higher" else -1.0
    floor = values[part.floor] if isinstance(part.floor, str) else part.floor
    reach = sign * (values[PEOPLE] - floor)
    if not reach > 0:
        return None
    return {
        name: 0.0 if np.isnan(value) else min(1.0, max(0.0, sign * (value - floor) / reach))
        for name, value in values.items()
    }


def _left_out(listeners: Sequence[Listener], parts: Sequence[Part]) -> tuple[list[str], dict[str, NDArray[np.float64]]]:
    """The people, and each listener's headline without each of them ``(people,)``. Raises LookupError with the reason
    where a listener has no such numbers.
    """
    people = sorted(next(one for one in listeners if one.name == PEOPLE).without.get(parts[0].metric, {}))
    for one in listeners:
        for part in parts:
            if part.metric in one.values and sorted(one.without.get(part.metric, {})) != people:
                raise LookupError(f"{one.name} has no {part.metric} person by person")
    found: dict[str, list[float]] = {one.name: [] for one in listeners}
    for person in people:
        rows = []
        for part in parts:
            own = {o.name: o.without.get(part.metric, {}).get(person, np.nan) for o in listeners}
            rows.append(_scaled(part, own) or dict.fromkeys(own, 0.0))
        for name, own_values in found.items():
            own_values.append(min(row[name] for row in rows))
    return people, {name: np.array(own) for name, own in found.items()}


def _p_value(gain: float, parts: NDArray[np.float64]) -> float:
    """One-sided, that the gain is 0 or less."""
    from scipy.special import stdtr

    count = len(parts)
    error = float(np.sqrt((count - 1) / count * ((parts - parts.mean()) ** 2).sum()))
    if error <= 1e-12:
        return 0.0 if gain > 1e-12 else 1.0
    return float(stdtr(count - 1, -gain / error))
