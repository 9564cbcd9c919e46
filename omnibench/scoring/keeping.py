"""What scoring leaves in a folder, and what it must not replace there.

* Scores on other data than the run's own are never left in its folder.
* Where no ``run.json`` says whose answers these are, scores on another data set stand against data to which the folder
  has fewer answers, or no more where nobody chose them.
* Scores with some of the metrics join those that are there, if those are of the same answers and data. Otherwise they
  replace nothing but scores that hold no other metric. ``scores.json``, ``samples.jsonl`` and ``statistics.npz`` go on
  holding the protocol that the folder was last scored with as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from omnibench.errors import InputError
from omnibench.files.score_records import MetricEntry, Scores
from omnibench.scoring.scores import SampleFiles, read_scores, write_protocol, write_scores


def keep_scores(
    folder: Path, scores: Scores, samples: SampleFiles, answered: int, own: bool, some: bool, chosen: bool = True
) -> str:
    """Write what may be written.

    Args:
        folder: of the answers.
        scores: to be kept.
        samples: their dialogues.
        answered: how many dialogues of the data the folder has an answer to.
        own: whether ``run.json`` names these data, or there is none.
        some: whether these are some of the protocol's metrics.
        chosen: whether somebody named these data, rather than nobody any.

    Returns:
        A line that says what was left as it was and why, or ``""``.

    Raises:
        OSError: the folder cannot be written.
    """
    if not own:
        return f"{folder}: the run was on other data, so its folder keeps the scores that it has; --json keeps these."
    latest, ran = _read(folder / "scores.json"), (folder / "run.json").is_file()
    if not ran and not answered:
        return f"{folder}: holds no answer to these dialogues, so nothing is kept there."
    if latest is not None and not ran and _stands(latest, scores, answered if chosen else answered - 1):
        return (
            f"{folder}: keeps its scores on {latest.data.name} {latest.data.split}, which are of more of "
            f"its answers; --json keeps these, and removing scores.json makes room for them."
            if chosen
            else f"{folder}: keeps its scores on {latest.data.name} {latest.data.split}; name --data."
        )
    if not some:
        write_scores(folder, scores, samples)
        return ""
    return _join(folder, scores, samples, latest)


def _join(folder: Path, scores: Scores, samples: SampleFiles, latest: Scores | None) -> str:
    same = latest is not None and latest.protocol == scores.protocol
    before = latest if same else _read(folder / f"scores.{scores.protocol}.json")
    if before is not None and not set(before.metrics) <= set(scores.metrics):
        if (before.answers, before.data) != (scores.answers, scores.data) or not before.answers:
            return (
                f"{folder}: keeps its scores, which are of other answers or data than these and hold other metrics; "
                f"score it without --metrics to replace them, or keep these with --json."
            )
        scores = scores.model_copy(update={"metrics": _merged(before.metrics, scores.metrics)})
        samples = samples.beside(folder) if same else samples
    if latest is None or same or set(latest.metrics) <= set(scores.metrics):
        write_scores(folder, scores, samples)
        return ""
    write_protocol(folder, scores)
    return (
        f"{folder}: scores.{scores.protocol}.json has these; scores.json and samples.jsonl go on holding the protocol "
        f"{latest.protocol}, until the folder is scored without --metrics."
    )


def _merged(before: Mapping[str, MetricEntry], new: Mapping[str, MetricEntry]) -> dict[str, MetricEntry]:
    """In the order of the metrics that were there, the others behind them."""
    return {**before, **new}


def _stands(latest: Scores, scores: Scores, answered: int) -> bool:
    """Whether scores on other data are worth no less than those at hand."""
    if latest.data.manifest == scores.data.manifest and latest.data.split == scores.data.split:
        return False
    return answered < max((entry.n_scored for entry in latest.metrics.values()), default=0)


def _read(path: Path) -> Scores | None:
    try:
        return read_scores(path) if path.is_file() else None
    except InputError:
        return None  # of another version, or damaged: nothing to keep
