"""Causality: a listener's answers may depend on the past alone.

For a set of dialogues and cut points, everything both people do after the cut is replaced on a copy on disk: faces,
audio, words, pictures, and the clip's length. The model answers the copy in a process of its own, with the original
out of reach, and every answer of a step up to the cut has to be the same to the bit as with the real future. The real
future is played twice: a model that answers the same input differently cannot be audited, which is a violation of its
own kind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from omnibench.audit.listen import PARTS, Heard, PassResult, PassSpec, listen
from omnibench.audit.perturb import draw_future, write_copy
from omnibench.datasets.base import DataSet, open_dataset
from omnibench.errors import MismatchError, UsageError
from omnibench.responder import ModelCard, ModelOptions, find_model
from omnibench.runner.context import make_context
from omnibench.runner.run import check_split
from omnibench.runner.transcript import Transcript
from omnibench.types import Dialogue

Kind = Literal["future", "determinism", "failed", "file", "process", "network"]
DEFAULT_DIALOGUES = 4
DEFAULT_CUTS = 3


@dataclass(frozen=True, slots=True)
class Probe:
    """One comparison: the answers of steps ``0 … cut`` under two futures; ``frames`` is the other future's length."""

    dialogue: str
    cut: int
    frames: int
    compared: int


@dataclass(frozen=True, slots=True)
class Violation:
    """What was found where. ``probe`` is None for what is not bound to a cut."""

    kind: Kind
    what: str
    dialogue: str = ""
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class CausalityReport:
    """All probes and violations; ``hidden`` tells whether the original was mounted over or watched by hooks alone."""

    model: str
    data: str
    seed: int
    probes: tuple[Probe, ...]
    violations: tuple[Violation, ...]
    hidden: bool

    def raise_for_violations(self) -> None:
        """Raises MismatchError where there is one."""
        if self.violations:
            kinds = ", ".join(sorted({violation.kind for violation in self.violations}))
            raise MismatchError(
                f"{self.model} is not causal on {self.data}: {len(self.violations)} violations ({kinds}) in "
                f"{len(self.probes)} probes."
            )


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, ``batch`` dialogues at a time in lock-step. ``runs`` are folders of predictions, which no model
    may open.
    """

    model: str
    data: str = "mini"
    split: str = "test"
    dialogues: int = DEFAULT_DIALOGUES
    cuts: int = DEFAULT_CUTS
    seed: int = 0
    transcript: Transcript = field(default_factory=Transcript)
    options: ModelOptions = field(default_factory=ModelOptions)
    runs: Sequence[Path] = ()
    batch: int = 1


def audit_causality(request: AuditRequest, on_pass: Callable[[], object] = lambda: None) -> CausalityReport:
    """Run the audit: two passes with the real future and one for each cut, ``on_pass`` after each.

    Raises:
        UsageError: unknown names, or a control that is given the human listener by design.
        OmnibenchError: the model cannot be built, or the data cannot be read.
    """
    card = find_model(request.model).card
    dataset = open_dataset(request.data)
    try:
        check_split(dataset, request.split)
        dialogues = _chosen(dataset, request)
        with tempfile.TemporaryDirectory(prefix="omnibench-audit-") as folder:
            return _audit(request, card, dataset, dialogues, Path(folder).resolve(), on_pass)
    finally:
        dataset.close()


def _chosen(dataset: DataSet, request: AuditRequest) -> list[Dialogue]:
    """Dialogues spread over the split, in its order; those too short to be cut are passed over."""
    ids = dataset.ids(request.split)
    found = [dataset.dialogue(request.split, name) for name in ids]
    long_enough = [dialogue for dialogue in found if dialogue.frames > request.cuts + 1]
    if not long_enough:
        raise UsageError(f"{dataset.name}-{request.split}: no dialogue has more than {request.cuts + 1} frames to cut.")
    picked = np.linspace(0, len(long_enough) - 1, min(request.dialogues, len(long_enough))).round().astype(int)
    return [long_enough[index] for index in picked]


def choose_cuts(frames: int, count: int, rng: np.random.Generator) -> list[int]:
    """``count`` cuts, one in each equal part of the frames ``0 … frames - 2``."""
    borders = np.linspace(0, frames - 1, count + 1).astype(int)
    return [int(rng.integers(low, max(low + 1, high))) for low, high in pairwise(borders)]


def _audit(
    request: AuditRequest,
    card: ModelCard,
    dataset: DataSet,
    dialogues: Sequence[Dialogue],
    folder: Path,
    on_pass: Callable[[], object],
) -> CausalityReport:
    rng = np.random.default_rng(request.seed)
    cuts = {d.id: choose_cuts(d.frames, request.cuts, rng) for d in dialogues}
    contexts = {d.id: make_context(dataset, request.split, d, request.seed) for d in dialogues}
    images = "image" in card.inputs
    root = None if dataset.root is None else dataset.root.resolve()

    def play(name: str, stops: Mapping[str, int]) -> PassResult:
        forbidden = [folder, *request.runs, *([] if root is None else [root])]
        result = listen(
            PassSpec(
                model=_absolute(request.model),
                options=request.options,
                copy=folder / name,
                split=request.split,
                transcript=request.transcript,
                contexts=contexts,
                stops=stops,
                original=root,
                forbidden=forbidden,
                batch=request.batch,
            )
        )
        on_pass()
        return result

    write_copy(folder / "real", request.split, [(d, None) for d in dialogues], images=images)
    last = {name: max(found) for name, found in cuts.items()}
    real, again = play("real", last), play("real", last)
    violations = [*_incidents(real), *_failures(real, None), *_differences(real, again, last, "determinism")]
    probes: list[Probe] = []
    for number in range(request.cuts):
        futures = [(d, draw_future(d, cuts[d.id][number], request.seed + number)) for d in dialogues]
        write_copy(folder / f"cut{number}", request.split, futures, images=images)
        stops = {d.id: future.cut for d, future in futures}
        other = play(f"cut{number}", stops)
        probes += [Probe(d.id, future.cut, future.frames, future.cut + 1) for d, future in futures]
        violations += [*_incidents(other), *_failures(other, stops), *_differences(real, other, stops, "future")]
    return CausalityReport(
        model=card.name,
        data=f"{dataset.name}-{request.split}",
        seed=request.seed,
        probes=tuple(sorted(probes, key=lambda probe: (probe.dialogue, probe.cut))),
        violations=tuple(dict.fromkeys(violations)),
        hidden=real.hidden,
    )


def _absolute(model: str) -> str:
    path, colon, name = model.rpartition(":")
    return f"{Path(path).resolve()}{colon}{name}" if ".py:" in model else model


def _incidents(result: PassResult) -> list[Violation]:
    return [Violation(found.kind, f"{found.what} ({found.while_doing})") for found in result.incidents]  # type: ignore[arg-type]


def _failures(result: PassResult, stops: Mapping[str, int] | None) -> list[Violation]:
    return [
        Violation("failed", heard.failure, name, None if stops is None else stops[name])
        for name, heard in result.heard.items()
        if heard.failure
    ]


def _differences(one: PassResult, other: PassResult, stops: Mapping[str, int], kind: Kind) -> list[Violation]:
    found = []
    for name, stop in stops.items():
        if name not in one.heard or name not in other.heard:
            continue
        mine, theirs = one.heard[name], other.heard[name]
        if mine.failure or theirs.failure:
            continue
        _check_inputs(mine, theirs, stop)
        steps = [i for i in range(stop + 1) if mine.answers[i] != theirs.answers[i]]
        if steps:
            first = steps[0]
            parts = [p for p, a, b in zip(PARTS, mine.answers[first], theirs.answers[first], strict=True) if a != b]
            what = f"{' and '.join(parts)} of step {first} differ, and {len(steps) - 1} later steps"
            found.append(Violation(kind, what, name, stop if kind == "future" else None))
    return found


def _check_inputs(mine: Heard, theirs: Heard, stop: int) -> None:
    """The audit's own proof: up to the cut both futures were handed out with the same past."""
    if mine.inputs[: stop + 1] != theirs.inputs[: stop + 1]:
        raise AssertionError("the audit's copies differ before the cut")
