"""What networks make of the answers' pictures and sound, made by several processes before the score stage asks for it.

Nothing but the feature cache is filled. The score stage then runs as it does alone and finds everything kept, so its
files are the same bytes whatever the number of processes. Where the cache cannot be written, it works everything out
again, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from omnibench.datasets.base import DataSet
from omnibench.errors import OmnibenchError
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import asked_for
from omnibench.system.spawning import spawn


def extract_features(
    predictions: Path,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str],
    workers: int,
    progress: Callable[[], None] | None = None,
) -> None:
    """Fill the feature cache for ``metrics`` in up to ``workers`` processes, each with its share of the dialogues;
    ``progress`` is called after each.

    A process that fails or dies costs time alone: the score stage meets what it met, and says so.
    """
    ids = asked_for(Predictions(predictions), dataset, split)
    processes, pipes = [], []
    try:
        for first in range(min(workers, len(ids))):
            process, pipe = spawn(_fill, predictions, dataset, split, protocol, metrics, ids[first::workers])
            processes.append(process)
            pipes.append(pipe)
        _listen(pipes, progress)
        for process in processes:
            process.join()
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()


def _listen(pipes: Sequence[Connection], progress: Callable[[], None] | None) -> None:
    """Until every process has closed its end, by finishing or by dying."""
    speaking: list[Connection] = list(pipes)
    while speaking:
        ready = wait(speaking)
        for pipe in [one for one in speaking if one in ready]:
            try:
                pipe.recv()
            except (EOFError, OSError):
                speaking.remove(pipe)
                continue
            if progress is not None:
                progress()


def _fill(
    done: Connection,
    predictions: Path,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str],
    ids: Sequence[str],
) -> None:
    from omnibench.scoring.stage import planned_stage

    try:
        stage = planned_stage(Predictions(predictions), dataset, split, protocol, metrics)
        for dialogue_id in ids:
            stage.sample(dialogue_id)
            done.send(None)
    except OmnibenchError:
        # The score stage comes to the same place, and reports it there.
        return
