"""Validation by the suite's own metrics: the network answers dialogues of the validation split by itself, and the
answers are scored as those of any model.

What is judged is the checkpoint as it would be shipped, read back from its file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import omnibench
from omnibench.errors import UsageError, unknown_name
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import load_protocol

LOSS: Final = "loss"
SPLIT: Final = "val"


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores checkpoints.

    Args:
        model: name of the model whose checkpoints they are.
        dataset: whose validation split it is.
        metrics: names of the data set's protocol.
        dialogues: of the validation split, at most.
        folder: gets the answers; those of the judgement before are replaced.
        threads: of this process; they stay as they are.
    """

    model: str
    dataset: omnibench.DataSet
    metrics: tuple[str, ...]
    dialogues: int
    folder: Path
    threads: int

    def scores(self, checkpoint: Path) -> dict[str, float]:
        """Value by metric; NaN for one without a value."""
        ids = self.dataset.ids(SPLIT)[: self.dialogues]
        omnibench.run(
            self.model,
            self.dataset,
            SPLIT,
            out=self.folder,
            checkpoint=checkpoint,
            ids=ids,
            workers=0,
            threads=self.threads,
            video=False,
            score=False,
            fresh=True,
        )
        rules = self.dataset.default_protocol
        found = omnibench.score(self.folder, self.dataset, SPLIT, rules, metrics=self.metrics, write=False)
        return {name: found.values.get(name, math.nan) for name in self.metrics}


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
