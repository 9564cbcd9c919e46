"""``omnibench.compare``: is the difference between two runs more than chance?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.api.scored import no_metric
from omnibench.metrics.base import METRICS
from omnibench.scoring.comparison import CHANCE, UNITS, Comparison, compare_runs
from omnibench.scoring.reasons import listed
from omnibench.scoring.scores import read_scores
from omnibench.tables.paper_tables import run_mark

if TYPE_CHECKING:
    import pandas as pd

HEADINGS: Final = ("metric", "A", "B", "A - B", "interval", "p", "p Holm", "verdict")
COLUMNS: Final = ("a", "b", "difference", "low", "high", "level", "method", "p_value", "p_holm", "verdict", "unit",
                  "n_units", "dialogues", "reason", "note")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class CompareResult:
    """Two runs metric by metric. ``str()`` is what ``omnibench compare`` prints.

    ``result["rouge_l"]`` is one metric's row: both values, interval, p values, verdict, or the reason why there is no
    test.
    """

    run_a: Path
    run_b: Path
    seed: int
    rows: tuple[Comparison, ...]

    def __getitem__(self, metric: str) -> Comparison:
        found = {row.metric: row for row in self.rows}
        if metric not in found:
            raise no_metric(metric, found)
        return found[metric]

    def __iter__(self) -> Iterator[str]:
        return (row.metric for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        sides = (f"{name} = {run}{run_mark(run)}{_part(run)}" for name, run in (("A", self.run_a), ("B", self.run_b)))
        return "\n".join([*_table(self.rows), *_notes(self.rows), *sides])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html())

    def to_dataframe(self) -> pd.DataFrame:
        """One row per metric, by name: a, b, difference, the interval's low, high, level and method, p_value, p_holm,
        verdict, unit, n_units, dialogues, reason, note.
        """
        import pandas as pd

        rows = {}
        for row in self.rows:
            entry = _entry(row)
            known = {"unit": row.unit, "reason": row.reason, "note": row.note, **entry, **entry.get("interval", {})}
            rows[row.metric] = [known.get(column) for column in COLUMNS]
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("metric")

    def to_document(self) -> dict[str, Any]:
        """What ``omnibench compare --json`` writes."""
        metrics = {row.metric: _entry(row) for row in self.rows}
        return {"a": str(self.run_a), "b": str(self.run_b), "seed": self.seed, "metrics": metrics}


def compare(
    run_a: str | Path, run_b: str | Path, *, metrics: Sequence[str] | None = None, seed: int = 0
) -> CompareResult:
    """Compare two scored runs on the dialogues that both have, as ``omnibench compare`` does: is a difference more than
    chance?

    Args:
        run_a: a folder that was scored.
        run_b: another.
        metrics: only these; the correction is then for these alone, so name them before you look.
        seed: of the swaps, where there are too many to try all.

    Raises:
        InputError: a folder is not scored, or the two were measured differently.
        UsageError: a metric that neither run was scored with.
    """
    a, b = Path(run_a), Path(run_b)
    return CompareResult(a, b, seed, tuple(compare_runs(a, b, seed, metrics)))


def _part(run: Path) -> str:
    part = read_scores(run / "scores.json").part
    return f", {part}" if part else ""


def _table(rows: Sequence[Comparison]) -> list[str]:
    """The compared metrics in columns, then the others with their reasons, each reason once."""
    cells = [HEADINGS, *(_cells(row) for row in rows if row.p_value is not None)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    text_columns = ("metric", "interval", "verdict")
    lines = [
        "  ".join(
            cell.ljust(width) if heading in text_columns else cell.rjust(width)
            for cell, width, heading in zip(line, widths, HEADINGS, strict=True)
        ).rstrip()
        for line in cells
    ]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.p_value is None:
            reasons.setdefault(row.reason, []).append(row.metric)
    return lines + [f"not compared: {', '.join(names)}: {reason}" for reason, names in reasons.items()]


def _cells(row: Comparison) -> tuple[str, ...]:
    digits = METRICS.get(row.metric).spec.decimals
    a, b, p_value, p_holm = (number or 0.0 for number in (row.a, row.b, row.p_value, row.p_holm))
    interval = f"[{row.interval.low:.{digits}f}, {row.interval.high:.{digits}f}]" if row.interval else "–"
    numbers = (f"{a:.{digits}f}", f"{b:.{digits}f}", f"{a - b:+.{digits}f}", interval, f"{p_value:.4f}")
    return (row.metric, *numbers, f"{p_holm:.4f}", row.verdict)


def _notes(rows: Sequence[Comparison]) -> list[str]:
    """What holds for many rows, said once: units, the smallest p, the intervals' level, missing dialogues."""
    tested = [row for row in rows if row.p_value is not None]
    found: dict[str, list[str]] = {}
    for row in tested:
        line = f"{row.n_units} {UNITS[row.unit]}: p cannot go below {row.smallest_p:.3g}"
        if CHANCE / len(tested) < row.smallest_p <= CHANCE:
            line += f", which the correction for {len(tested)} metrics makes {row.smallest_p * len(tested):.2g}"
            line += " (--metrics names the few that matter)"
        if row.interval is not None:
            line += f"; intervals at {100 * row.level:.4g} %"
        found.setdefault(line, []).append(row.metric)
        if row.unit != "dialogue":
            found.setdefault(f"{row.dialogues} dialogues", []).append(row.metric)
        if row.note:
            found.setdefault(row.note, []).append(row.metric)
    whole = len(tested)
    return [line if len(names) == whole else f"{line} ({listed(names)})" for line, names in found.items()]


def _entry(row: Comparison) -> dict[str, Any]:
    if row.a is None or row.b is None or row.p_value is None:
        return {"status": "not_compared", "reason": row.reason}
    entry: dict[str, Any] = {"a": row.a, "b": row.b, "difference": row.a - row.b}
    entry |= {"p_value": row.p_value, "p_holm": row.p_holm, "verdict": row.verdict}
    entry |= {"unit": row.unit, "n_units": row.n_units, "smallest_p": row.smallest_p}
    if row.interval is not None:
        entry["interval"] = {"low": row.interval.low, "high": row.interval.high, "level": row.level}
        entry["interval"]["method"] = row.interval.method
    return {**entry, "dialogues": row.dialogues, **({"note": row.note} if row.note else {})}
