"""What do the metrics notice? Graded known damage to the human listeners' own answers, against the written matrix.

The human listeners' own tracks are scored as predictions, then damaged grade by grade and scored again by the same
score stage that models go through. Metrics that hear or see are asked about fewer dialogues than those that read.
Nothing is tuned on the outcome, so the test split serves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from omnibench.audit.answers import Panel, write_damaged, write_perfect
from omnibench.audit.damage_table import DAMAGES, Damage
from omnibench.audit.grading import Verdict, judge
from omnibench.audit.matrix import Matrix, load_matrix, touches
from omnibench.datasets.base import DataSet
from omnibench.errors import MismatchError, MissingError, UsageError, unknown_name
from omnibench.files.score_records import MetricEntry, NoNumber
from omnibench.metrics.base import METRICS, MetricSpec
from omnibench.metrics.expectation import Expectation
from omnibench.metrics.protocol import load_protocol
from omnibench.predictions.folder import Part, Predictions
from omnibench.scoring.applicable import PARTS
from omnibench.scoring.measuring import measure_predictions

MEDIA_DIALOGUES: Final = 8
SEED: Final = 0
READ, HEARD_AND_SEEN = PANELS = ("read", "heard and seen")


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric's number, or why there is none, and how many of the expected dialogues it stands on."""

    value: float | None
    reason: str = ""
    scored: int = 0
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric under one damage. ``grades`` are those that were scored: all of them, or the strongest alone where the
    damage touches nothing that the metric reads. ``readings`` has the undamaged one first.
    """

    metric: str
    damage: str
    expectation: Expectation | None
    grades: tuple[float, ...]
    readings: tuple[Reading, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class MetricsReport:
    """Everything that was measured. ``silent`` are metrics without a number on undamaged answers, with the reason."""

    protocol: str
    data: str
    split: str
    seed: int
    panels: Mapping[str, tuple[str, ...]]
    cells: tuple[Cell, ...]
    silent: Mapping[str, str]
    outside: Mapping[str, str]

    @property
    def broken(self) -> tuple[Cell, ...]:
        """Cells that do not keep to the matrix."""
        return tuple(cell for cell in self.cells if cell.verdict.kept is False)

    @property
    def unwritten(self) -> tuple[Cell, ...]:
        """Cells that the matrix says nothing about."""
        return tuple(cell for cell in self.cells if cell.expectation is None)

    def raise_for_breaks(self) -> None:
        """Raises MismatchError where a cell does not keep to the matrix."""
        if self.broken:
            listed = ", ".join(f"{cell.metric} under {cell.damage}" for cell in self.broken)
            raise MismatchError(f"{len(self.broken)} of {len(self.cells)} cells do not keep to the matrix: {listed}.")


@dataclass(frozen=True, slots=True)
class MetricsAuditRequest:
    """What to audit.

    Attributes:
        dataset: whose human listeners are damaged.
        split: of it.
        protocol: ``strict``, ``offline`` or one of a file; its metrics are asked.
        metrics: names to restrict to.
        damages: names to restrict to.
        limit: only the first dialogues.
        media_dialogues: as many of them for the metrics that hear or see.
        seed: of everything that is drawn.
        matrix: what to hold the metrics to.
    """

    dataset: DataSet
    split: str = "test"
    protocol: str = "offline"
    metrics: Sequence[str] | None = None
    damages: Sequence[str] | None = None
    limit: int | None = None
    media_dialogues: int = MEDIA_DIALOGUES
    seed: int = SEED
    matrix: Matrix = field(default_factory=load_matrix)


def audit_metrics(request: MetricsAuditRequest, on_step: Callable[[str], object] = lambda label: None) -> MetricsReport:
    """Score every metric of a protocol on every grade of every damage.

    Args:
        request: what to audit.
        on_step: told what comes next, `steps` times in all.

    Raises:
        UsageError: unknown names, or a split without dialogues in which the listener speaks.
        InputError: the data cannot be read.
    """
    matrix = request.matrix
    specs = {name: METRICS.get(name).spec for name in _chosen(request)}
    inside = {name: spec for name, spec in specs.items() if name not in matrix.outside}
    panels = _panels(request)
    cells: list[Cell] = []
    silent: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="omnibench-audit-") as root:
        for kind, panel in panels.items():
            own = {name: spec for name, spec in inside.items() if _panel_of(spec) == kind}
            on_step(f"{kind}: as it is")
            bench = _Bench(request, panel, Path(root) / kind, own)
            silent |= {name: reading.reason for name, reading in bench.clean.items() if reading.value is None}
            for damage in _damages(request):
                for grade in damage.grades:
                    on_step(f"{kind}: {damage.name} {grade:g} {damage.unit}")
                    bench.score(damage, grade)
                cells += bench.cells(damage, matrix)
    order = list(specs)
    cells.sort(key=lambda cell: order.index(cell.metric))
    return MetricsReport(
        protocol=load_protocol(request.protocol).name,
        data=request.dataset.version or request.dataset.name,
        split=request.split,
        seed=request.seed,
        panels={kind: panel.ids(request.split) for kind, panel in panels.items()},
        cells=tuple(cells),
        silent={name: silent[name] for name in order if name in silent},
        outside={name: why for name, why in matrix.outside.items() if name in specs},
    )


def steps(request: MetricsAuditRequest) -> int:
    """How often `audit_metrics` will say what comes next."""
    return len(PANELS) * (1 + sum(len(damage.grades) for damage in _damages(request)))


class _Bench:
    """One panel's undamaged answers and the numbers of its metrics on them.

    Args:
        request: what to audit.
        panel: the dialogues.
        folder: for answers, damaged or not; made here.
        specs: the metrics to ask.
    """

    def __init__(
        self, request: MetricsAuditRequest, panel: Panel, folder: Path, specs: Mapping[str, MetricSpec]
    ) -> None:
        self._request, self._panel, self._folder, self._specs = request, panel, folder, specs
        self._perfect = folder / "perfect"
        write_perfect(panel, request.split, self._perfect, self._parts(specs))
        self.clean = {name: self._alone(name) for name in specs}
        self._scored = [name for name, reading in self.clean.items() if reading.value is not None]
        self._columns: dict[tuple[str, str], list[Reading]] = {}

    def score(self, damage: Damage, grade: float) -> None:
        """One grade: every metric that it touches, and at the strongest grade every other one too."""
        strongest = grade == damage.grades[-1]
        names = [name for name in self._scored if strongest or touches(damage, self._specs[name])]
        for name, reading in self._damaged(damage, grade, names).items():
            self._columns.setdefault((name, damage.name), [self.clean[name]]).append(reading)

    def cells(self, damage: Damage, matrix: Matrix) -> Iterator[Cell]:
        """Every metric that has a number on undamaged answers, under the grades that were scored of one damage."""
        for name in self._scored:
            readings = self._columns[name, damage.name]
            expectation = matrix.expectation(self._specs[name], damage)
            verdict = judge([reading.value for reading in readings], self._specs[name].direction, expectation)
            grades = damage.grades[-(len(readings) - 1) :]
            yield Cell(name, damage.name, expectation, grades, tuple(readings), verdict)

    def _alone(self, name: str) -> Reading:
        # Together, one metric whose network is missing would end the scoring of all.
        try:
            return self._score(self._perfect, [name])[name]
        except MissingError as error:
            return Reading(None, f"unavailable: {error}")

    def _damaged(self, damage: Damage, grade: float, names: list[str]) -> dict[str, Reading]:
        if not names:
            return {}
        request, parts = self._request, self._parts(names)
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            write_damaged(self._perfect, self._panel, request.split, damage, grade, request.seed, Path(place), parts)
            return self._score(Path(place), names)

    def _score(self, folder: Path, names: Sequence[str]) -> dict[str, Reading]:
        request = self._request
        answers = Predictions(folder, damaged=True)
        scores = measure_predictions(answers, self._panel, request.split, request.protocol, names).scores
        return {name: _reading(scores.metrics[name]) for name in names}

    def _parts(self, names: Iterable[str]) -> set[Part]:
        return {PARTS[need] for name in names for need in self._specs[name].needs}


def _reading(entry: MetricEntry) -> Reading:
    if isinstance(entry, NoNumber):
        return Reading(None, f"{entry.status}: {entry.reason}")
    return Reading(entry.value, "", entry.n_scored, entry.n_expected)


def _chosen(request: MetricsAuditRequest) -> list[str]:
    if request.protocol == "paper":
        raise UsageError("The audit holds strict, offline or a protocol of your own to the matrix; paper has quirks.")
    sections = load_protocol(request.protocol).metrics
    for name in request.metrics or ():
        if name not in sections:
            raise unknown_name(f"metric of the protocol {request.protocol}", name, sections, "omnibench metrics")
    return [name for name in sections if request.metrics is None or name in request.metrics]


def _damages(request: MetricsAuditRequest) -> list[Damage]:
    for name in request.damages or ():
        if name not in DAMAGES:
            raise unknown_name("damage", name, DAMAGES, "omnibench audit metrics")
    return [damage for name, damage in DAMAGES.items() if request.damages is None or name in request.damages]


def _panels(request: MetricsAuditRequest) -> dict[str, Panel]:
    """All dialogues for the metrics that read; for those that hear and see a few, spread over the split, in which the
    listener speaks.
    """
    dataset, split = request.dataset, request.split
    ids = dataset.ids(split)[: request.limit]
    spoken = [i for i in ids if dataset.dialogue(split, i).listener.text.strip()]
    if not spoken:
        raise UsageError(f'The listener speaks in no dialogue of the split "{split}": there is nothing to damage.')
    places = np.linspace(0, len(spoken) - 1, min(request.media_dialogues, len(spoken))).round().astype(int)
    few = tuple(spoken[place] for place in sorted(set(places.tolist())))
    return {READ: Panel(dataset, split, ids), HEARD_AND_SEEN: Panel(dataset, split, few)}


def _panel_of(spec: MetricSpec) -> str:
    return HEARD_AND_SEEN if {"audio", "video"} & set(spec.needs) else READ
