"""All figures of one run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.network.checkpoint import Checkpoint
from baselines.omniresponse.quality import PARTS
from baselines.omniresponse.quality.behaviour import behaviour
from baselines.omniresponse.quality.figures import Figure
from baselines.omniresponse.quality.hearing import hearing
from baselines.omniresponse.quality.ranking import Mute, Placed, ReplyScorer, rank_replies, ranking, replies_of
from baselines.omniresponse.training.corpus import Notation, load_sides
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.metrics.base import Parameters
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue


def gather(
    answers: Predictions,
    dataset: DataSet,
    split: str,
    checkpoint: Checkpoint,
    parameters: Mapping[str, Parameters],
    parts: Collection[str] = PARTS,
) -> list[Figure]:
    """All figures of a run; dialogues without an answer are left out of those that need one.

    Args:
        answers: the run.
        dataset: what it answered.
        split: of the data set.
        checkpoint: what made it.
        parameters: of the behaviour metrics, by name.
        parts: those of `PARTS` that are wanted; ranking depends on the checkpoint alone, not on how answers are drawn.

    Raises:
        InputError: the folder answers no dialogue of the split.
    """
    dialogues = [dataset.dialogue(split, name) for name in dataset.ids(split)]
    pairs = [(answers.sample(d.id, d.fps), d) for d in dialogues if answers.status(d.id)[0] == "ok"]
    if not pairs:
        raise InputError(
            f"{answers.root}: it answers no dialogue of {dataset.name}-{split}; `omnibench run` makes answers."
        )
    makers: dict[str, Callable[[], list[Figure]]] = {
        "behaviour": lambda: behaviour(pairs, parameters),
        "hearing": lambda: hearing(pairs, checkpoint.codec),
        "ranking": lambda: ranking(_places(dataset, split, dialogues, checkpoint, parameters["answered_2s"])),
        "speed": lambda: speed([answers.timing(d.id) for _, d in pairs], [d.duration for _, d in pairs]),
    }
    return [figure for part in PARTS if part in parts for figure in makers[part]()]


def _places(
    dataset: DataSet, split: str, dialogues: Sequence[Dialogue], checkpoint: Checkpoint, parameters: Parameters
) -> list[Placed]:
    model, tokenizer, codec = checkpoint.model, checkpoint.tokenizer, checkpoint.codec
    mute = Mute(codec.sample_rate, codec.token_rate)
    with TemporaryDirectory() as cache:
        seconds = model.articulation.seconds.numpy()
        sides = load_sides(dataset, split, Notation(tokenizer, mute, model.settings, seconds, Path(cache)))
    scorer = ReplyScorer(model, tokenizer, sides, codec.token_rate)
    replies = [reply for dialogue in dialogues for reply in replies_of(dialogue, parameters)]
    return rank_replies(scorer, replies, {d.id: d.fps for d in dialogues})


def speed(timings: Sequence[NDArray[np.float64] | None], durations: Sequence[float]) -> list[Figure]:
    """Step quantiles and real-time factor of the dialogues that were timed."""
    known = [(t, d) for t, d in zip(timings, durations, strict=True) if t is not None and t.size]
    if not known:
        return [Figure("step p50", None, note="the run was not timed")]
    seconds = np.concatenate([t for t, _ in known])
    p50, p99 = (1000 * float(q) for q in np.quantile(seconds, [0.5, 0.99]))
    factor = float(seconds.sum()) / sum(d for _, d in known)
    note = "wall time of the run itself, on its machine and with its workers"
    return [
        Figure("step p50", p50, "ms", count=len(seconds), counted="steps", note=note),
        Figure("step p99", p99, "ms", count=len(seconds), counted="steps", note=note),
        Figure("real-time factor", factor, count=len(seconds), counted="steps", note=note),
    ]
