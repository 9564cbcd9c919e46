"""What a metric must notice, must not notice, or is blind to by definition: written from its definition before anything
is measured, and checked by ``omnibench audit metrics``.

* `notice`: the value gets worse from grade to grade (Spearman >= 0.9, no damage being the first grade), and the
  strongest grade is worse than none. A metric without a better direction gets worse by moving away from the human
  listener's own value.
* `strongest`: is worse by more than the bound at the strongest grade: for values that saturate, or medians that do not
  move before half of the dialogues do.
* `ignore`: must not change by more than the bound: a change here would be the metric's fault.
* `blind`: does not get worse by more than the bound: by its definition, and so something a reader must know.
* `may`: not bound either way, for the reason given.

A damage that touches nothing a metric reads needs no rule: then the value must not move at all. The damages are listed
by ``omnibench audit metrics`` (`omnibench.audit.damage_table`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Expect = Literal["notice", "strongest", "ignore", "blind", "may"]
EXPECTATIONS: Final = ("notice", "strongest", "ignore", "blind", "may")
BOUNDED: Final = ("strongest", "ignore", "blind")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one metric under one damage, and why.

    The bound is ``max(within * |undamaged value|, within_absolute)``.
    """

    expect: Expect
    why: str
    within: float = 0.0
    within_absolute: float = 0.0

    def bound(self, undamaged: float) -> float:
        """The largest change that counts as none."""
        return max(self.within * abs(undamaged), self.within_absolute)


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation under each of several damages."""

    damages: tuple[str, ...]
    expectation: Expectation


def notice(*damages: str, why: str) -> Rule:
    """Gets worse from grade to grade."""
    return Rule(damages, Expectation("notice", why))


def strongest(*damages: str, why: str, within: float = 0.0, within_absolute: float = 0.0) -> Rule:
    """Is worse by more than the bound at the strongest grade."""
    return Rule(damages, Expectation("strongest", why, within, within_absolute))


def ignore(*damages: str, why: str, within: float = 0.0, within_absolute: float = 0.0) -> Rule:
    """Must not change by more than the bound."""
    return Rule(damages, Expectation("ignore", why, within, within_absolute))


def blind(*damages: str, why: str, within: float = 0.0, within_absolute: float = 0.0) -> Rule:
    """Does not get worse by more than the bound."""
    return Rule(damages, Expectation("blind", why, within, within_absolute))


def may(*damages: str, why: str) -> Rule:
    """Not bound either way."""
    return Rule(damages, Expectation("may", why))
