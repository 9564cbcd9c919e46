"""What networks make of the answers' pictures and sound, made by several processes before the score stage asks for it.

Nothing but the feature cache is filled. The score stage then runs as it does alone and finds everything kept, so its
files are the same bytes whatever the number of processes. Where the cache cannot be written, it works everything out
again, alone.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Sequence
from pathlib import Path

from omnibench.datasets.base import DataSet
from omnibench.errors import OmnibenchError


def extract_features(
    predictions: Path, dataset: DataSet, split: str, protocol: str, metrics: Sequence[str], workers: int
) -> None:
    """Fill the feature cache for ``metrics`` in up to ``workers`` processes, each with its share of the dialogues.

    A process that fails or dies costs time alone: the score stage meets what it met, and says so.
    """
    ids = dataset.ids(split)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(
            target=_fill, args=(predictions, dataset, split, protocol, metrics, ids[first::workers]), daemon=True
        )
        for first in range(min(workers, len(ids)))
    ]
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()


def _fill(
    predictions: Path, dataset: DataSet, split: str, protocol: str, metrics: Sequence[str], ids: Sequence[str]
) -> None:
    from omnibench.scoring import planned_stage

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    try:
        stage = planned_stage(predictions, dataset, split, protocol, metrics)
        for dialogue_id in ids:
            stage.sample(dialogue_id)
    except OmnibenchError:
        # The score stage comes to the same place, and reports it there.
        return
