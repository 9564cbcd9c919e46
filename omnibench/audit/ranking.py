"""The order of people, models and controls under every metric, and whether it is one that a metric of listening may
have.

People are the human listeners' own answers, played as the control ``ground_truth``; the other controls listen to
nobody. A metric that claims to measure listening (`omnibench.metrics.claim`) must put none of these above people.

* The probability beside a run is that people are above it: the share of ``DRAWS`` bootstrap draws of people (the unit
  of `omnibench.scoring.paired_test`), the same for both sides, in which they are; a tie counts half. A model has that
  of being above the best control as well. It says how sure the order is, and decides nothing.
* The rule: a claim is broken where a control is above people with a one-sided p below ``ALPHA`` by the paired test,
  corrected by Holm's method for all pairs of a metric with a claim and a control. Half of the two-sided p is the
  one-sided one, since with each swap goes the one of all others, of the other sign. ``n`` people allow none below
  ``1 / 2^n``: where that, times the number of pairs, is above ``ALPHA``, nothing can be told.

Numbers share an order where their comparison keys are equal. A control that was not run has the value that comes with
the data set (`omnibench.tables.controls`), which has a place and, being of no dialogues here, no probability.

Source: Efron & Tibshirani 1993 (bootstrap); Fisher 1935 and Holm 1979 as in `omnibench.scoring.paired_test`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import Claim, Metric, Parameters, Statistics
from omnibench.metrics.statistics import groups_of
from omnibench.scoring.paired_test import holm, paired_test
from omnibench.scoring.paired_values import Means, Row, paired_values

Kind = Literal["people", "model", "control"]
Verdict = Literal["claims nothing", "kept", "broken", "too few people to tell", "not tested", "no people"]
ALPHA: Final = 0.05
DRAWS: Final = 1000
CORPUS_DRAWS: Final = 200
"""Where the metric is no mean of dialogues, and has to be summed up anew for each draw."""

SWAPS: Final = 10_000
CORPUS_SWAPS: Final = 2048


@dataclass(frozen=True, slots=True)
class Entrant:
    """One run under one metric: its number, and its dialogues by id (none of a value that comes with the data set)."""

    name: str
    kind: Kind
    value: float
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entrant stands. ``people_above`` and, for models, ``above_control``: the probabilities, None where there
    are none. ``p_value``: of a control's being no better than people, one-sided, where the metric has a claim.
    """

    name: str
    kind: Kind
    value: float
    people_above: float | None = None
    above_control: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    smallest_p: float = 0.0
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One metric's, from the best on; ``places`` is empty where it has no better direction."""

    metric: str
    claim: Claim
    direction: str
    places: tuple[Place, ...]
    verdict: Verdict
    units: int = 0

    @property
    def people(self) -> Place | None:
        """The human listeners."""
        return next((place for place in self.places if place.kind == "people"), None)

    @property
    def above_people(self) -> tuple[Place, ...]:
        """The controls with a better value than people."""
        people = self.people
        if people is None:
            return ()
        own = self.places[: self.places.index(people)]
        return tuple(place for place in own if place.kind == "control")

    @property
    def breaking(self) -> tuple[Place, ...]:
        """The controls that are above people beyond chance."""
        return tuple(place for place in self.above_people if place.p_holm is not None and place.p_holm < ALPHA)


def order_of(metric: Metric, parameters: Parameters, entrants: Sequence[Entrant], seed: int = 0) -> Order:
    """The order under one metric, not yet corrected nor judged: see `judged`.

    Args:
        metric: what they were measured with.
        parameters: of its protocol.
        entrants: with one comparison key.
        seed: of draws and swaps, the same for all.
    """
    spec = metric.spec
    if spec.direction == "none":
        return Order(spec.name, spec.claims, spec.direction, (), "claims nothing")
    sign = 1.0 if spec.direction == "higher" else -1.0
    people = next((one for one in entrants if one.kind == "people"), None)
    controls = [one for one in entrants if one.kind == "control"]
    best = max((one for one in controls if one.rows), key=lambda one: sign * one.value, default=None)
    pairs = _Pairs(metric, parameters, sign, seed)
    places = []
    for one in entrants:
        place = Place(one.name, one.kind, one.value, shipped=not one.rows)
        if one.rows and people is not None and one is not people:
            place = replace(place, people_above=pairs.probability(people, one))
            if one.kind == "control" and spec.claims.listening:
                place = pairs.tested(place, one, people)
        if one.kind == "model" and best is not None:
            place = replace(place, above_control=pairs.probability(one, best))
        places.append(place)
    # People before whoever ties with them.
    ranked = sorted(places, key=lambda place: (-sign * place.value, place.kind != "people"))
    verdict: Verdict = "no people" if people is None else "kept" if spec.claims.listening else "claims nothing"
    return Order(spec.name, spec.claims, spec.direction, tuple(ranked), verdict, pairs.units)


def judged(orders: Sequence[Order]) -> list[Order]:
    """The orders with the p values corrected for all of them, and what that makes of each claim."""
    corrected = iter(holm([p.p_value for order in orders for p in order.places if p.p_value is not None]))
    found = []
    tests = sum(p.p_value is not None for order in orders for p in order.places)
    for order in orders:
        places = tuple(p if p.p_value is None else replace(p, p_holm=next(corrected)) for p in order.places)
        order = replace(order, places=places)
        if order.claim.listening and order.people is not None:
            if order.breaking:
                order = replace(order, verdict="broken")
            elif any(p.p_value is None for p in order.above_people):
                order = replace(order, verdict="not tested")
            elif any(p.smallest_p * tests >= ALPHA for p in order.above_people):
                order = replace(order, verdict="too few people to tell")
        found.append(order)
    return found


@dataclass(slots=True)
class _Pairs:
    """Pairs of entrants under one metric; ``units`` is the most people (or dialogues) that a pair has in common."""

    metric: Metric
    parameters: Parameters
    sign: float
    seed: int
    units: int = 0
    known: dict[tuple[str, tuple[str, ...]], NDArray[np.float64]] = field(default_factory=dict)

    def probability(self, first: Entrant, second: Entrant) -> float | None:
        """That the first is above the second."""
        both = [i for i in first.rows if i in second.rows]
        try:
            numbers, kept = paired_values(self.metric, self.parameters, [(first.rows[i], second.rows[i]) for i in both])
        except MetricError:
            return None
        ids = tuple(both[place] for place in kept)
        units = groups_of(len(ids), [first.rows[i].person for i in ids])
        self.units = max(self.units, len(units))
        if len(units) < 2:
            return None
        draws = DRAWS if isinstance(numbers, Means) else CORPUS_DRAWS
        picks = np.random.default_rng((self.seed, len(units))).integers(0, len(units), size=(draws, len(units)))
        if isinstance(numbers, Means):
            gains = numbers.sides[:, 0] - numbers.sides[:, 1]
            parts = np.array([gains[own].sum() for own in units])
            drawn = parts[picks].sum(axis=1)
        else:
            chosen = [np.concatenate([units[i] for i in row]) for row in picks]
            drawn = self._drawn(first, ids, chosen) - self._drawn(second, ids, chosen)
        drawn = self.sign * drawn[np.isfinite(drawn)]
        if not len(drawn):
            return None
        # Equal sums may differ by rounding.
        drawn[np.abs(drawn) < 1e-12] = 0.0
        return float((drawn > 0).mean() + (drawn == 0).mean() / 2)

    def tested(self, place: Place, control: Entrant, people: Entrant) -> Place:
        """With the one-sided p of a control's being no better than people."""
        both = [i for i in control.rows if i in people.rows]
        try:
            pairs = [(control.rows[i], people.rows[i]) for i in both]
            numbers, kept = paired_values(self.metric, self.parameters, pairs)
        except MetricError:
            return place
        if not kept:
            return place
        units = groups_of(len(kept), [pairs[i][0].person for i in kept])
        owner = np.empty(len(kept), dtype=np.int64)
        for number, indices in enumerate(units):
            owner[indices] = number
        most = SWAPS if isinstance(numbers, Means) else CORPUS_SWAPS
        sizes = [len(own) for own in units]
        test = paired_test(lambda swaps: numbers.differences(swaps[:, owner]), sizes, most, self.seed)
        half = test.p_value / 2
        better = self.sign * test.difference > 0
        return replace(place, p_value=half if better else 1 - half, smallest_p=test.smallest_p / 2)

    def _drawn(self, entrant: Entrant, ids: tuple[str, ...], picks: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
        """Of one run on the draws; NaN where there is nothing to sum up."""
        key = entrant.name, ids
        if key not in self.known:
            own = [entrant.rows[i].statistics or {} for i in ids]
            self.known[key] = np.array([self._value([own[i] for i in row]) for row in picks])
        return self.known[key]

    def _value(self, statistics: Sequence[Statistics]) -> float:
        try:
            return self.metric.aggregate(statistics, self.parameters)
        except MetricError:
            return float("nan")
