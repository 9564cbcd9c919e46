"""Validation by the suite's own metrics: the network answers dialogues of the validation split by itself, and the
answers are scored as those of any model.

What is judged is the checkpoint as it would be shipped, read back from its file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from omnibench.errors import UsageError, unknown_name
from omnibench.files.score_records import Number
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import load_protocol
from omnibench.runner.request import RunRequest
from omnibench.runner.run import run_split
from omnibench.scoring.measuring import score_predictions

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet

LOSS: Final = "loss"
SPLIT: Final = "val"


class FirstDialogues:
    """A data set whose splits hold their first ``count`` dialogues; everything else is the data set's own."""

    def __init__(self, dataset: DataSet, count: int) -> None:
        self._dataset, self._count = dataset, count

    def __getattr__(self, name: str) -> object:
        return getattr(self._dataset, name)

    def ids(self, split: str) -> tuple[str, ...]:
        """The first dialogues of a split."""
        return self._dataset.ids(split)[: self._count]


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores checkpoints.

    Args:
        model: name of the model whose checkpoints they are.
        data: what ``--data`` named.
        dataset: the same, open.
        metrics: names of the data set's protocol.
        dialogues: of the validation split, at most.
        folder: gets the answers; those of the judgement before are replaced.
        threads: of this process; they stay as they are.
    """

    model: str
    data: str
    dataset: DataSet
    metrics: tuple[str, ...]
    dialogues: int
    folder: Path
    threads: int

    def scores(self, checkpoint: Path) -> dict[str, float]:
        """Value by metric; NaN for one without a value."""
        chosen = cast("DataSet", FirstDialogues(self.dataset, self.dialogues))
        request = RunRequest(
            model=self.model,
            data=self.data,
            split=SPLIT,
            out=self.folder,
            checkpoint=checkpoint,
            ids=chosen.ids(SPLIT),
            workers=0,
            threads=self.threads,
            renderer="",
            fresh=True,
        )
        run_split(request)
        found = score_predictions(self.folder, chosen, SPLIT, self.dataset.default_protocol, self.metrics, write=False)
        entries = {name: found.metrics[name] for name in self.metrics}
        return {name: entry.value if isinstance(entry, Number) else math.nan for name, entry in entries.items()}


def better(metric: str, new: float, old: float) -> bool:
    """Whether ``new`` is the better value; any is better than NaN, and NaN than none."""
    if math.isnan(new) or math.isnan(old):
        return not math.isnan(new)
    return new > old if METRICS.get(metric).spec.direction == "higher" else new < old


def check_metrics(metrics: tuple[str, ...], best_by: str, protocol: str) -> None:
    """Raises UsageError for metrics that the protocol lacks, or a choice by one that is not judged or has no better."""
    known = load_protocol(protocol).metrics
    for name in metrics:
        if name not in known:
            raise unknown_name(f"metric of the protocol {protocol}", name, tuple(known), "omnibench metrics")
    if best_by == LOSS:
        return
    if best_by not in metrics or METRICS.get(best_by).spec.direction == "none":
        able = [name for name in metrics if METRICS.get(name).spec.direction != "none"]
        raise UsageError(
            f'training.best_by is "{best_by}", expected {LOSS} or one of training.judge_metrics that has a better: '
            f"{', '.join(able) or 'none of them'}."
        )
