"""What ``omnibench audit causality`` was asked to do, and the run that answers the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnibench.datasets.base import DataSet
from omnibench.datasets.transcript import Transcript, parse_transcript
from omnibench.errors import InputError, UsageError
from omnibench.responder import MODELS, ModelOptions
from omnibench.runner.fence import FenceSpec
from omnibench.runner.folder import RunFolder
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.play import PlaySpec
from omnibench.runner.request import RunRequest

DEFAULT_DIALOGUES = 4
DEFAULT_CUTS = 3


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit, ``batch`` dialogues at a time in lock-step. ``run`` is the folder of the run whose answers are to
    be reproduced; ``predictions`` are folders that no model may open.
    """

    model: str
    data: str = "mini"
    split: str = "test"
    dialogues: int = DEFAULT_DIALOGUES
    cuts: int = DEFAULT_CUTS
    seed: int = 0
    transcript: Transcript = field(default_factory=Transcript)
    options: ModelOptions = field(default_factory=ModelOptions)
    predictions: Sequence[Path] = ()
    batch: int = 1
    threads: int = 1
    run: Path | None = None

    def model_spec(self, measuring: bool = False, fence: FenceSpec | None = None) -> ModelSpec:
        """The model, in a process of its own: behind a ``fence``, ``measuring`` with random weights."""
        path, colon, name = self.model.rpartition(":")
        return ModelSpec(
            f"{Path(path).resolve()}{colon}{name}" if path.endswith(".py") else self.model,
            threads=self.threads,
            checkpoint=self.options.checkpoint,
            device=self.options.device,
            settings=self.options.settings,
            measuring=measuring,
            fence=fence,
        )

    def run_request(self, dataset: DataSet, out: Path, ids: Sequence[str] = (), renderer: str = "") -> RunRequest:
        """The run whose answers this audit is about."""
        options = self.options
        model = ModelSpec(self.model, self.threads, options.checkpoint, options.device, options.settings)
        play = PlaySpec(model, dataset, self.split, self.seed, self.transcript, renderer, allow_transfer=True)
        return RunRequest(play, out, tuple(ids), batch=self.batch)


def request_of_run(
    folder: Path, model: str | None, data: str | None, checkpoint: Path | None, dialogues: int, cuts: int
) -> AuditRequest:
    """The audit of a run as it was made.

    Args:
        folder: of the run.
        model: where it was no registered one, ``path/to/file.py:Class``.
        data: where it is not where the run found it.
        checkpoint: the weights, where they were not the model's own.
        dialogues: to audit.
        cuts: in each.

    Raises:
        InputError: no run, or one whose run.json was not written by `omnibench run`.
        UsageError: the run's model has no registered name, and none was given.
    """
    manifest = RunFolder(folder).manifest()
    if manifest is None:
        raise InputError(f"{folder}: no run.json in it; --run expects the folder of an `omnibench run`.")
    identity, needed = manifest.identity, {"model", "transcript", "seed", "device", "threads", "batch", "split"}
    absent = sorted(needed - identity.model_fields_set)
    if absent or not manifest.data.location or "settings" not in manifest.model_fields_set:
        lacking = f'"{absent[0]}" of its identity' if absent else "the data's location, or the settings"
        raise InputError(f"{folder / 'run.json'}: not as `omnibench run` writes it, without {lacking}. Run again.")
    if manifest.condition:
        raise InputError(
            f"{folder}: made under the condition {manifest.condition}. An audit plays recordings as they are; name a "
            f"clean run, or none."
        )
    if model is None and (identity.source or identity.model not in MODELS.names()):
        raise UsageError(f"{folder}: its model is of a file; name it with --model path/to/file.py:Class.")
    return AuditRequest(
        model=model or identity.model,
        data=data or manifest.data.location,
        split=identity.split,
        dialogues=dialogues,
        cuts=cuts,
        seed=identity.seed,
        transcript=parse_transcript(identity.transcript),
        options=ModelOptions(checkpoint, identity.device, manifest.settings),
        predictions=[folder.resolve()],
        batch=identity.batch,
        threads=identity.threads,
        run=folder,
    )
