"""What every training of the suite does around its own work: its folder, its data set's splits, its provenance."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from baselines.shared.checkpoints import Provenance
from baselines.shared.configuration import Section
from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import write_text
from omnibench.system.provenance import git_state

if TYPE_CHECKING:
    from baselines.shared.train import TrainJob
    from omnibench.datasets.base import DataSet

RESULT: Final = "model.safetensors"
S = TypeVar("S", bound=Section)


def clear(out: Path, names: Sequence[str]) -> None:
    """Remove the files and folders ``names`` of ``out``, those that are there."""
    for path in (out / name for name in names):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def claim(out: Path, settings: S, read: Callable[[str], S], free: tuple[str, ...] = ()) -> None:
    """Write ``settings.json``, or check that the one that is there is of the same training.

    Args:
        out: the folder.
        settings: of this training.
        read: settings from JSON.
        free: sections that may differ.

    Raises:
        UsageError: the folder holds the training of another configuration.
    """
    path = out / "settings.json"
    if not path.is_file():
        write_text(path, settings.to_json())
        return
    found = read(path.read_text("utf-8")).differences(settings)
    other = [name for name in found if name.partition(".")[0] not in free]
    if other:
        raise UsageError(
            f"{out} holds a training with another {', '.join(other)}. Give --fresh to start over, or another --out."
        )


def require_splits(dataset: DataSet, data: str) -> None:
    """Raises InputError for a data set, named ``data``, without the splits train and val."""
    missing = {"train", "val"} - set(dataset.splits())
    if missing:
        raise InputError(f"{data}: no split {' and '.join(sorted(missing))}; training needs train and val.")


def provenance(job: TrainJob, dataset: DataSet, seed: int) -> Provenance:
    """What a checkpoint says of its training."""
    return Provenance(
        trained_on=dataset.name,
        manifest=dataset.manifest_hash("train"),
        command=job.command,
        commit=str(git_state().get("commit", "")),
        seed=seed,
    )
