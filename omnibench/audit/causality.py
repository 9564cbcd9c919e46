"""Causality: a listener's answers may depend on the past alone.

Three steps, on some dialogues of a split:

1. *A run.* The answers of a real run: those of a folder, or of a run that is made first, without any watch.
2. *Reproduction.* The same dialogues again, from copies on disk, the model behind a fence (`omnibench.runner.fence`):
   the originals, the predictions, and whatever an earlier run may have left are out of its reach. Its files must be the
   run's, byte for byte. A model that behaves otherwise when it is watched, that lives on something which the run's
   identity does not name, or that cannot repeat itself, ends here: it cannot be certified.
3. *Other futures.* For each cut, everything both people do after it is replaced in the copy: faces, audio, words,
   pictures, and the clip's length. Every answer of a step up to the cut has to be the same to the bit as before. One
   that moved has seen the future, which is a violation.

The model's process has the layout, the modules and the command line that it has in a run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from omnibench.audit.listen import PARTS, Heard, PassResult, PassSpec, digest_of_input, listen
from omnibench.audit.original import Original, answers_of, original_of
from omnibench.audit.perturb import draw_future, write_copy
from omnibench.audit.reach import fence_for
from omnibench.audit.request import AuditRequest
from omnibench.datasets.base import DataSet
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.errors import MismatchError, UsageError
from omnibench.runner.context import make_context
from omnibench.runner.remote import model_entry
from omnibench.runner.run import check_split
from omnibench.types import Dialogue

Kind = Literal["future", "file", "unreproduced", "failed", "unnamed", "process", "network"]
VIOLATIONS: frozenset[Kind] = frozenset({"future", "file"})
"""What proves that a model is not causal. The other kinds keep it from being certified, no more."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One comparison: the answers of steps ``0 … cut`` under two futures; ``frames`` is the other future's length."""

    dialogue: str
    cut: int
    frames: int
    compared: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found where. ``cut`` is None for what is not bound to one."""

    kind: Kind
    what: str
    dialogue: str = ""
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class CausalityReport:
    """All probes and findings; ``original`` says whose answers were reproduced, ``hidden`` whether the originals were
    mounted over or watched by hooks alone.
    """

    model: str
    data: str
    seed: int
    original: str
    probes: tuple[Probe, ...]
    findings: tuple[Finding, ...]
    hidden: bool

    @property
    def violations(self) -> tuple[Finding, ...]:
        """Proofs that the model is not causal."""
        return tuple(finding for finding in self.findings if finding.kind in VIOLATIONS)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """Why it cannot be certified."""
        return tuple(finding for finding in self.findings if finding.kind not in VIOLATIONS)

    def raise_for_findings(self) -> None:
        """Raises MismatchError where the model is not causal, or cannot be certified."""
        if not self.findings:
            return
        found = self.violations or self.doubts
        verdict = "is not causal" if self.violations else "cannot be certified"
        kinds = ", ".join(sorted({finding.kind for finding in found}))
        noun = "violations" if self.violations else "reasons"
        raise MismatchError(
            f"{self.model} {verdict} on {self.data}: {len(found)} {noun} ({kinds}) in {len(self.probes)} probes."
        )


def audit_causality(request: AuditRequest, on_pass: Callable[[], object] = lambda: None) -> CausalityReport:
    """Run the audit: a run where none is given, one pass with the real future and one for each cut, ``on_pass`` after
    each.

    Raises:
        UsageError: unknown names, or a control that is given the human listener by design.
        InputError: the run's folder holds another model's answers, or cannot be read.
        OmnibenchError: the model cannot be built, or the data cannot be read.
    """
    card = model_entry(request.model).card
    dataset = open_dataset(request.data)
    try:
        check_split(dataset, request.split)
        with tempfile.TemporaryDirectory(prefix="omnibench-") as folder:
            return _audit(request, card.name, dataset, Path(folder).resolve(), on_pass)
    finally:
        dataset.close()


def _chosen(dataset: DataSet, request: AuditRequest) -> list[Dialogue]:
    """Dialogues spread over the split, in its order; those too short to be cut, and those that the run has no answer
    to, are passed over.
    """
    answered = None if request.run is None else answers_of(request.run)
    ids = [name for name in dataset.ids(request.split) if answered is None or name in answered]
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
    request: AuditRequest, name: str, dataset: DataSet, folder: Path, on_pass: Callable[[], object]
) -> CausalityReport:
    dialogues = _chosen(dataset, request)
    rng = np.random.default_rng(request.seed)
    cuts = {d.id: choose_cuts(d.frames, request.cuts, rng) for d in dialogues}
    contexts = {d.id: make_context(dataset, request.split, d, request.seed) for d in dialogues}
    images = "image" in model_entry(request.model).card.inputs
    original = original_of(request, dataset, [d.id for d in dialogues], folder / "run")
    on_pass()

    def play(copy: Path, stops: Mapping[str, int]) -> PassResult:
        fence = fence_for(request.model, request.options, dataset.root, copy, [folder, *request.predictions])
        spec = request.model_spec(original.untrained, fence)
        result = listen(PassSpec(spec, copy, request.split, request.transcript, contexts, stops, request.batch))
        on_pass()
        return result

    write_copy(folder / "real", request.split, [(d, None) for d in dialogues], images=images)
    whole = {d.id: d.frames - 1 for d in dialogues}
    real = play(folder / "real", whole)
    for dialogue in dialogues:
        _check_copy(dialogue, real.heard[dialogue.id], request.transcript, images=images)
    if original.untrained:
        again = play(folder / "real", whole)
        original = replace(original, answers={name: heard.files for name, heard in again.heard.items()})
    findings = [*_incidents(real), *_failures(real, None), *_unreproduced(original, real)]
    probes: list[Probe] = []
    for number in range(request.cuts):
        futures = [(d, draw_future(d, cuts[d.id][number], request.seed + number)) for d in dialogues]
        write_copy(folder / f"cut{number}", request.split, futures, images=images)
        stops = {d.id: future.cut for d, future in futures}
        other = play(folder / f"cut{number}", stops)
        probes += [Probe(d.id, future.cut, future.frames, future.cut + 1) for d, future in futures]
        moved = _differences(real, other, stops)
        if moved:
            once_more = [(real, play(folder / "real", whole)), (other, play(folder / f"cut{number}", stops))]
            moved = moved_with_the_future(moved, once_more, findings)
        findings += [*_incidents(other), *_failures(other, stops), *moved]
    return CausalityReport(
        model=name,
        data=f"{dataset.name}-{request.split}",
        seed=request.seed,
        original=original.described,
        probes=tuple(sorted(probes, key=lambda probe: (probe.dialogue, probe.cut))),
        findings=tuple(_telling(dict.fromkeys(findings))),
        hidden=real.hidden,
    )


def _telling(findings: Mapping[Finding, None]) -> list[Finding]:
    """What counts. A file out of reach that the model did without changed nothing: it is mentioned where something
    else did not come out.
    """
    others = [finding for finding in findings if finding.kind != "unnamed"]
    return list(findings) if others else []


def _incidents(result: PassResult) -> list[Finding]:
    return [Finding(found.kind, f"{found.what} ({found.while_doing})") for found in result.incidents]


def _failures(result: PassResult, stops: Mapping[str, int] | None) -> list[Finding]:
    return [
        Finding("failed", heard.failure, name, None if stops is None else stops[name])
        for name, heard in result.heard.items()
        if heard.failure
    ]


def _unreproduced(original: Original, real: PassResult) -> list[Finding]:
    """Files of the run that the model, watched, did not write again."""
    found = []
    elsewhere = "; last bits differ between processors: give a run of this machine" if original.given else ""
    for name, heard in real.heard.items():
        if heard.failure:
            continue
        files = original.answers.get(name)
        if files is None:
            reason = original.failures.get(name, "no reason is known")
            found.append(Finding("unreproduced", f"the run has no answer: {reason}", name))
            continue
        parts = [part for part in heard.files if part in files and heard.files[part] != files[part]]
        if parts:
            found.append(Finding("unreproduced", f"{' and '.join(parts)} not as in the run{elsewhere}", name))
    return found


def moved_with_the_future(
    moved: Sequence[Finding], once_more: Sequence[tuple[PassResult, PassResult]], before: Sequence[Finding]
) -> list[Finding]:
    """Of answers that differ under two futures those of dialogues that the model answers alike each time it is asked.

    Args:
        moved: what differs.
        once_more: passes and their repetitions.
        before: what was found so far; a dialogue whose run was not reproduced is unsteady.

    Returns:
        ``moved``, where an unsteady dialogue, of which nothing says why its answers moved, is a doubt instead.
    """
    unsteady = {finding.dialogue for finding in before if finding.kind == "unreproduced"}
    found = []
    for finding in moved:
        name = finding.dialogue
        if any(one.heard[name].answers != other.heard[name].answers for one, other in once_more):
            unsteady.add(name)
            found.append(Finding("unreproduced", "not the same answers when asked again", name))
        elif name not in unsteady:
            found.append(finding)
    return found


def _differences(one: PassResult, other: PassResult, stops: Mapping[str, int]) -> list[Finding]:
    found = []
    for name, stop in stops.items():
        mine, theirs = one.heard[name], other.heard[name]
        if mine.failure or theirs.failure:
            continue
        if mine.inputs[: stop + 1] != theirs.inputs[: stop + 1]:
            raise AssertionError("the audit's copies differ before the cut")
        steps = [i for i in range(stop + 1) if mine.answers[i] != theirs.answers[i]]
        if steps:
            first = steps[0]
            parts = [p for p, a, b in zip(PARTS, mine.answers[first], theirs.answers[first], strict=True) if a != b]
            what = f"{' and '.join(parts)} of step {first} differ, and {len(steps) - 1} later steps"
            found.append(Finding("future", what, name, stop))
    return found


def _check_copy(dialogue: Dialogue, heard: Heard, transcript: Transcript, *, images: bool) -> None:
    """The audit's own proof: the copy hands out what the recording does, to the bit."""
    at = heard.inserted
    frames = speaker_frames(dialogue, transcript, images)
    if at is not None:
        frames = chain(islice(frames, at), speaker_frames(dialogue, transcript, images, at))
    if any(digest_of_input(frame) != copied for frame, copied in zip(frames, heard.inputs, strict=False)):
        raise AssertionError(f"the audit's copy of {dialogue.id} differs from the recording")
