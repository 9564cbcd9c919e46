"""The answers that an audit has to reproduce: of a run's folder, or of a run made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnibench.audit.request import AuditRequest
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.files.records import RunRecord
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.responder import ModelEntry
from omnibench.runner.folder import RunFolder
from omnibench.runner.remote import RemoteModel, model_entry
from omnibench.runner.run import run_split


@dataclass(frozen=True, slots=True)
class Original:
    """A run's answers: per dialogue the sha256 of each part, and why others have none. An ``untrained`` model has no
    run; it is asked to repeat itself. A ``given`` run may come from another machine.
    """

    described: str
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    untrained: bool = False
    given: bool = False


def original_of(request: AuditRequest, dataset: DataSet, ids: Sequence[str], scratch: Path) -> Original:
    """The answers to ``ids`` of the run that the request names, or of one that is made in ``scratch``.

    Raises:
        InputError: the folder holds the answers of another run.
        OmnibenchError: the model cannot be built.
    """
    if request.run is not None:
        _check_identity(request, dataset, request.run)
        return Original(str(request.run), answers_of(request.run), given=True)
    entry = model_entry(request.model)
    if entry.card.kind == "control":
        _refuse_oracle(request)
    renderer = DEFAULT_RENDERER if "image" in entry.card.outputs else ""
    try:
        summary = run_split(request.run_request(dataset, scratch, ids, renderer))
    except MissingError:
        if type(entry).build_for_measuring is ModelEntry.build_for_measuring:
            raise
        return Original("no run, since it has no weights here: it repeated itself", untrained=True)
    failures = {found.id: found.reason for found in summary.entries if found.status != "ok"}
    return Original("a run made before", answers_of(scratch), failures)


def _refuse_oracle(request: AuditRequest) -> None:
    model = RemoteModel(request.model_spec())
    model.close()
    if model.needs_oracle:
        raise UsageError(f"{model.card.name} is a control that is given the human listener: there is nothing to audit.")


def answers_of(folder: Path) -> dict[str, dict[str, str]]:
    """Of each dialogue that a run answered, the sha256 of each part; one whose files are not what the run wrote is
    left out.

    Raises:
        InputError: the folder is no run.
    """
    run = RunFolder(folder)
    if run.manifest() is None:
        raise InputError(f"{folder}: no run.json in it; --run expects the folder of an `omnibench run`.")
    whole, entries = run.done(), run.journal.entries()
    return {
        name: {file.partition("/")[0]: sha256 for file, sha256 in entry.files.items()}
        for name, entry in entries.items()
        if name in whole
    }


def _check_identity(request: AuditRequest, dataset: DataSet, folder: Path) -> None:
    was = (RunFolder(folder).manifest() or RunRecord()).identity.document()
    now = request.run_request(dataset, folder).identity(model_entry(request.model)).document()
    differing = sorted(key for key in {*was, *now} - {"render"} if was.get(key) != now.get(key))
    if differing:
        key = differing[0]
        raise InputError(
            f"{folder}: the answers of another run: {', '.join(differing)} differ ({key} was {was.get(key)!r}, "
            f"now {now.get(key)!r}). Give the audit the run's own --model, --checkpoint and --data."
        )
