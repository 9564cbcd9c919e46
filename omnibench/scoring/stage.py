"""One folder of answers under one protocol: what can be measured of it, planned, and what came of each dialogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from hashlib import sha256

import numpy as np

from omnibench.datasets.base import DataSet
from omnibench.errors import (
    InputError,
    MetricError,
    MissingError,
    SkippedError,
    UsageError,
    unknown_name,
)
from omnibench.features.store import FeatureStore
from omnibench.files.score_records import MetricEntry, NoNumber
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.metrics.base import METRICS, Metric, MetricSpec, Parameters
from omnibench.metrics.protocol import PROTOCOLS, Protocol, broken, load_protocol
from omnibench.predictions.folder import PredictedDialogue, Predictions
from omnibench.predictions.origin import asked_for
from omnibench.scoring.applicable import failure, inapplicable, untimed
from omnibench.scoring.read_listener import SeenDialogue
from omnibench.scoring.scores import Outcome
from omnibench.types import Dialogue


def planned_stage(
    answers: Predictions,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str] | None,
    planning: Callable[[str], None] | None = None,
) -> Stage:
    """All metrics that can be measured here, planned, and entries of the others. Raises as `score_predictions`."""
    stage = Stage(answers, dataset, split, asked_for(answers, dataset, split), named=metrics is not None)
    for name, (metric, parameters) in _choose(load_protocol(protocol, answers.root), metrics).items():
        if planning is not None:
            planning(name)
        stage.plan(name, metric, parameters)
    if planning is not None:
        planning("")
    return stage


def _choose(protocol: Protocol, metrics: Sequence[str] | None) -> dict[str, tuple[Metric, Parameters]]:
    sections = protocol.metrics
    for name in metrics or ():
        if name in sections:
            continue
        if name in METRICS.names() and broken(name):
            raise UsageError(f"The metric {name} of {METRICS.module(name)} cannot be used ({broken(name)}).")
        elsewhere = [other for other in PROTOCOLS if name in load_protocol(other).metrics]
        if elsewhere:
            raise UsageError(
                f'The protocol {protocol.name} does not hold the metric "{name}"; these do: {", ".join(elsewhere)}. '
                f"Add --protocol {elsewhere[0]}, or choose another of `omnibench metrics`."
            )
        raise unknown_name(f"metric of the protocol {protocol.name}", name, sections, "omnibench metrics")
    wanted = [name for name in sections if metrics is None or name in metrics]
    store = FeatureStore()
    return {name: (METRICS.get(name), replace(sections[name], features=store)) for name in wanted}


@dataclass
class Stage:
    """One folder under one protocol on its way to entries: what is planned, what came of each dialogue so far."""

    answers: Predictions
    dataset: DataSet
    split: str
    ids: tuple[str, ...]
    named: bool
    entries: dict[str, MetricEntry] = field(default_factory=dict)
    planned: dict[str, tuple[Metric, Parameters]] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    samples: dict[str, PredictedDialogue] = field(default_factory=dict)
    features: FeatureStore = field(default_factory=FeatureStore)

    def plan(self, name: str, metric: Metric, parameters: Parameters) -> None:
        """Put a metric among the planned ones, or make its entry where it cannot be measured here."""
        paced = self.answers.ran.paced
        if paced is not None and paced.reason:
            self.entries[name] = NoNumber(status="not_paced", reason=paced.reason)
            return
        absent = inapplicable(metric.spec, self.answers, self.dataset, self.split, self.ids)
        if absent:
            self.entries[name] = NoNumber(status="not_applicable", reason=absent)
            return
        try:
            pairs = self._pairs(metric.spec) if metric.plan is not None else []
            if metric.plan is not None and pairs:
                parameters = replace(parameters, plan=metric.plan(pairs, parameters))
        except MissingError as error:
            self._unavailable(name, error)
            return
        self.planned[name], self.outcomes[name] = (metric, parameters), []

    def sample(self, dialogue_id: str) -> None:
        """Measure one dialogue under every planned metric."""
        reference = self._reference(dialogue_id)
        person = reference.identities.get("listener", "")
        for name, (metric, parameters) in list(self.planned.items()):
            try:
                outcome = self._outcome(metric, parameters, reference)
            except MissingError as error:
                self._unavailable(name, error)
                continue
            if outcome.status == "metric_failed" and self._timeless and outcome.reason in untimed(reference):
                self.entries[name] = NoNumber(status="not_applicable", reason=outcome.reason)
                self.planned.pop(name)
                continue
            self.outcomes[name].append(replace(outcome, person=person))

    def conditions(self, spec: MetricSpec) -> dict[str, str]:
        """What beside parameters and data defines the measurement: the run's task, the dialogues where they are a part
        of the split, and what drew the pictures that the metric sees of the model (``render``) and of the human
        listener (``real``).
        """
        found = self.answers.conditions() | ({"part": self.part} if self.part else {})
        if "video" in spec.needs:
            found["render"] = self.answers.ran.renderer or "unknown"
        read_back = self.answers.ran.read_back is not None
        if "video" in spec.reference_needs or (read_back and "face" in spec.reference_needs):
            people = [self.dataset.dialogue(self.split, name).listener for name in self.dataset.ids(self.split)]
            found["real"] = "video" if all(person.has_video for person in people) else DEFAULT_RENDERER
        # Nothing is said of what the harness itself saw: words as they came, steps from outside the model's process.
        if spec.onsets and not self.answers.received and not read_back:
            found["times"] = "claimed"
        if "timing" in spec.needs and self.answers.stopwatch != "harness":
            found["clock"] = self.answers.stopwatch
        return found

    @cached_property
    def part(self) -> str:
        """Which part of the split was asked for, like ``1/24@ab12cd34``, or ``""`` for all of it."""
        whole = len(self.dataset.ids(self.split))
        digest = sha256("\n".join(self.ids).encode()).hexdigest()
        return "" if len(self.ids) == whole else f"{len(self.ids)}/{whole}@{digest[:8]}"

    @cached_property
    def origin(self) -> dict[str, str]:
        """The model's own fingerprint in ``run.json``, like the hash of its prompts."""
        return self.answers.ran.identity.fingerprint

    @cached_property
    def _timeless(self) -> bool:
        """Whether the data tells of no dialogue how long it lasts: texts without video or audio."""
        return all(untimed(self.dataset.dialogue(self.split, name)) for name in self.ids)

    def _pairs(self, spec: MetricSpec) -> list[tuple[PredictedDialogue, Dialogue]]:
        references = map(self._reference, self.ids)
        return [(self._answer(r.id), r) for r in references if failure(spec, self.answers, r) is None]

    def _reference(self, dialogue_id: str) -> Dialogue:
        """The dialogue; its listener's face read back where the answers' is."""
        found, read = self.dataset.dialogue(self.split, dialogue_id), self.answers.ran.read_back
        if read is None or not read.faces:
            return found
        return SeenDialogue(found, read.faces, self.features)

    def _answer(self, dialogue_id: str) -> PredictedDialogue:
        # Kept for all metrics: the key of its media is a hash over whole files.
        return self.samples.setdefault(dialogue_id, self.answers.sample(dialogue_id, self._fps(dialogue_id)))

    def _fps(self, dialogue_id: str) -> Fraction | None:
        """The dialogue's frame rate; None for texts that have no time."""
        try:
            return self.dataset.dialogue(self.split, dialogue_id).fps
        except InputError:
            return None

    def _unavailable(self, name: str, error: MissingError) -> None:
        """The cell of a metric whose network or package is missing. Raises the error where it was asked for by name."""
        if self.named:
            raise error
        self.entries[name] = NoNumber(status="unavailable", reason=str(error))
        self.planned.pop(name, None)

    def _outcome(self, metric: Metric, parameters: Parameters, reference: Dialogue) -> Outcome:
        spec = metric.spec
        try:
            silent = spec.reference_words and not reference.listener.text.strip()
        except InputError as error:  # the data set's own file
            return Outcome(reference.id, "metric_failed", str(error))
        if silent:
            return Outcome(reference.id, "outside", "the human listener says nothing here")
        failed = failure(spec, self.answers, reference)
        if failed is not None:
            return failed
        answer = self._answer(reference.id)
        try:
            statistics = metric.sample(answer, reference, parameters)
            spoilt = [key for key, value in statistics.items() if not np.isfinite(value).all()]
            if spoilt:
                raise MetricError(f"{', '.join(spoilt)} came out as NaN or infinity")
        except SkippedError as error:
            return Outcome(reference.id, "skipped", str(error))
        except (MetricError, InputError) as error:
            # A damaged file costs one dialogue, which is then listed with the file's name; the others keep theirs.
            return Outcome(reference.id, "metric_failed", str(error))
        return Outcome(reference.id, "ok", "", statistics)
