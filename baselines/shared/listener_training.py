"""What `omnibench train` does for the small listeners: claim the folder, prepare the task, fit, write the checkpoint.

settings.json       what is being trained; another configuration needs --fresh or another folder
state.pt            the training, resumable to the update; losses.csv beside it
model.safetensors   the result, for --checkpoint
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import Field, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar

import torch

from baselines.shared.checkpoints import Provenance
from baselines.shared.configuration import differences, load_config, override, to_json
from baselines.shared.fitting import Fit, Task, TrainingSettings
from baselines.shared.progress import StageProgress
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import write_text
from omnibench.system.provenance import git_state

if TYPE_CHECKING:
    from baselines.shared.train import TrainJob

RESULT: Final = "model.safetensors"
LEFT_BEHIND: Final = ("settings.json", "state.pt", "losses.csv", "sounds", RESULT)


class ListenerSettings(Protocol):
    """Any dataclass with a recipe."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def training(self) -> TrainingSettings:
        """The recipe."""


S = TypeVar("S", bound=ListenerSettings)


@dataclass(frozen=True)
class Recipe(Generic[S]):
    """How one model is trained.

    Attributes:
        model: its name.
        default: settings that configurations go on top of.
        configs: folder of its TOML files, ``tiny.toml`` among them.
        prepare: reads the data set's splits train and val; the folder may keep what is costly to compute.
        save: writes the trained network.
    """

    model: str
    default: S
    configs: Path
    prepare: Callable[[DataSet, S, Path], Task[Any]]
    save: Callable[[Path, Any, S, Provenance], None]


def train_listener(job: TrainJob, recipe: Recipe[S]) -> Path:
    """Train, or go on training, and return the checkpoint's path (the folder, when ``max_steps`` ended it early).

    Raises:
        UsageError: an unknown setting, or a folder that holds the training of another configuration.
        InputError: a data set without the splits train and val, or with nothing to learn from.
    """
    settings = override(
        load_config(recipe.default, recipe.configs, job.config or "tiny", recipe.model), job.settings, recipe.model
    )
    if job.seed is not None:
        settings = override(settings, {"training.seed": job.seed}, recipe.model)
    if job.fresh:
        _clear(job.out)
    _claim(job.out, settings, recipe)
    training = settings.training
    torch.set_num_threads(training.threads)
    dataset = open_dataset(job.data)
    try:
        missing = {"train", "val"} - set(dataset.splits())
        if missing:
            raise InputError(f"{job.data}: no split {' and '.join(sorted(missing))}; training needs train and val.")
        torch.manual_seed(training.seed)
        task = recipe.prepare(dataset, settings, job.out)
        fit: Fit[Any] = Fit(task, training, job.out)
        stop = training.steps if job.max_steps is None else min(fit.step + job.max_steps, training.steps)
        with StageProgress(recipe.model, training.steps, fit.step) as progress:
            fit.run(stop, progress.update)
        if fit.step < training.steps:
            return job.out
        origin = Provenance(
            trained_on=dataset.name,
            manifest=dataset.manifest_hash("train"),
            command=job.command,
            commit=str(git_state().get("commit", "")),
            seed=training.seed,
        )
        recipe.save(job.out / RESULT, task, settings, origin)
    finally:
        dataset.close()
    return job.out / RESULT


def _clear(out: Path) -> None:
    for name in LEFT_BEHIND:
        path = out / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _claim(out: Path, settings: S, recipe: Recipe[S]) -> None:
    path = out / "settings.json"
    if not path.is_file():
        write_text(path, to_json(settings))
        return
    found = override(recipe.default, json.loads(path.read_text("utf-8")), recipe.model)
    other = differences(found, settings)
    if other:
        raise UsageError(
            f"{out} holds a training with another {', '.join(other)}. Give --fresh to start over, or another --out."
        )
