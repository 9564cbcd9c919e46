"""``omnibench.score``: a folder of answers in, a table of signed numbers out."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, UsageError, closest
from omnibench.files.score_records import Number, Sample, Scores
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import broken
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import Origin, asked_for, check_matched, open_origin
from omnibench.predictions.readings import described_readings
from omnibench.predictions.shifts import described_shifts
from omnibench.runner.pacing import pace_answers
from omnibench.runner.reading_back import read_back_answers
from omnibench.scoring.measuring import Measured, measure_predictions, require_coverage
from omnibench.scoring.reasons import footnotes
from omnibench.system.progress import Ticker
from omnibench.tables.paper_tables import run_mark
from omnibench.tables.run_table import format_scores

if TYPE_CHECKING:
    import pandas as pd

Pace = Literal["virtual", "real"]
Source = Literal["answers", "media"]
UNWRITABLE: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
COLUMNS: Final = ("value", "low", "high", "method", "direction", "n_scored", "n_expected", "signature", "status",
                  "reason")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ScoreResult:
    """Scores of one folder under one protocol. ``str()`` is what ``omnibench score`` prints.

    ``result["rouge_l"]`` is a metric's value, ``result.values`` holds all of them; a metric without one, like a voice's
    of a model that has none, has its status and reason in ``to_dataframe()``. ``chosen`` is False where nobody named
    the data.
    """

    measured: Measured
    chosen: bool = True

    @property
    def folder(self) -> Path:
        """The folder of answers."""
        return self.measured.folder

    @property
    def scores(self) -> Scores:
        """All that ``scores.json`` holds."""
        return self.measured.scores

    @property
    def values(self) -> dict[str, float]:
        """Value by metric, of those that have one."""
        return {name: entry.value for name, entry in self._numbers.items()}

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Lower and upper end of the interval by metric, of those that have one."""
        found = {name: entry.interval for name, entry in self._numbers.items()}
        return {name: (own.low, own.high) for name, own in found.items() if own is not None}

    @property
    def signatures(self) -> dict[str, str]:
        """What each number is, by metric: numbers compare where their signatures agree up to ``||``."""
        return {name: entry.signature for name, entry in self.scores.metrics.items() if entry.signature}

    @property
    def _numbers(self) -> dict[str, Number]:
        return {name: entry for name, entry in self.scores.metrics.items() if isinstance(entry, Number)}

    @property
    def _made(self) -> list[str]:
        """What was made of the answers before they were scored."""
        if not (self.scores.pace or self.scores.read_back):
            return []
        answers, ids = Predictions(self.folder), [line.id for line in self.samples]
        return [*described_shifts(answers, ids), *described_readings(answers, ids)]

    @property
    def samples(self) -> Sequence[Sample]:
        """One entry per dialogue, as in ``samples.jsonl``: id, status, reason, and what it has under each metric."""
        return self.measured.samples.lines

    def __getitem__(self, metric: str) -> float:
        entry = self.scores.metrics.get(metric)
        if entry is None:
            raise no_metric(metric, self.scores.metrics)
        if not isinstance(entry, Number):
            raise KeyError(f"{metric} has no value: {entry.status}, {entry.reason}")
        return entry.value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        shown = format_scores(self.scores, run_mark(self.folder))
        made = [f"  {line}" for line in self._made]
        return "\n".join([shown, *made, *footnotes(self.scores, self.folder)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html())

    def to_dataframe(self) -> pd.DataFrame:
        """One row per metric, by name: value, low, high, method (of the interval), direction, n_scored, n_expected,
        signature, status ("ok" where there is a value) and reason.
        """
        import pandas as pd

        rows = {}
        for name, entry in self.scores.metrics.items():
            document = entry.document()
            known = {"status": "ok", "reason": "", **document.get("interval", {}), **document}
            rows[name] = [known.get(column) for column in COLUMNS]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("metric")
        return table.astype({"value": float, "low": float, "high": float})

    def keep(self) -> str:
        """Leave the scores in the folder, unless better ones are there: then returns the line that says so, else
        ``""``. Raises OSError where it cannot be written.
        """
        return self.measured.keep(self.chosen)

    def check(self) -> None:
        """Raises CoverageError where a metric is not of all dialogues, as the command does without
        ``--allow-partial``.
        """
        require_coverage(self.scores, allow_partial=False)


def score(
    predictions: str | Path,
    data: str | Path | DataSet | None = None,
    split: str | None = None,
    protocol: str | None = None,
    *,
    metrics: Sequence[str] | None = None,
    workers: int = 1,
    write: bool = True,
    pace: Pace = "virtual",
    source: Source = "answers",
) -> ScoreResult:
    """Score a folder with any of ``text/``, ``audio/``, ``vector/``, ``video/``, whoever made it, as the command
    ``omnibench score`` does.

    Args:
        predictions: the folder.
        data: a registered data set, a folder in ResponseNet layout, or an open one; what ``run.json`` names by default,
            and ``mini`` where there is none.
        split: that of ``run.json`` by default, else ``test``.
        protocol: ``paper``, ``strict``, ``offline`` or a file; that of ``run.json`` by default, else the data set's.
        metrics: only these; their values join those that the folder has.
        workers: processes for what networks see and hear; no score depends on it.
        write: keep the scores in the folder, as the command does. Where that cannot be done, a line on stderr says why.
        pace: ``real``: as the answers would have been heard and seen on the machine that gave them, lateness and all;
            they and their scores go to ``paced/`` in the folder.
        source: ``media``: words with their times are read from ``audio/`` and face coefficients from ``video/``, the
            human listeners' too, whatever ``text/`` and ``vector/`` say; they and their scores go to ``read_back/`` in
            the folder.

    Raises:
        UsageError: an unknown data set, split, protocol, metric, pace or source, or answers that are paced, or read
            back, already.
        MissingError: a metric that was named needs something that is not installed, or what reads recordings is not.
        InputError: no such folder, it answers none of these dialogues, or the data cannot be read.

    Example:
        >>> import omnibench
        >>> from tempfile import mkdtemp
        >>> folder = Path(mkdtemp())
        >>> (folder / "text").mkdir()
        >>> for dialogue in omnibench.load_dataset("mini").dialogues("test"):
        ...     _ = (folder / "text" / f"{dialogue.id}.json").write_text('{"text": "Oh, that is good.", "words": []}')
        >>> scores = omnibench.score(folder, data="mini", metrics=["distinct_2", "rouge_l"])
        >>> round(scores["distinct_2"], 4), scores.samples[0].status
        (0.0417, 'ok')
    """
    answers = Predictions(Path(predictions))
    if not answers.root.is_dir():
        raise InputError(
            f"{predictions}: no such folder; expected predictions with any of text/, audio/, vector/, video/."
        )
    origin = open_origin(answers, str(data) if isinstance(data, Path) else data, split, protocol)
    with nullcontext() if origin.dataset is data else closing(origin.dataset):
        made = read_answers(paced_answers(answers, origin, pace), origin, source)
        return score_answers(made, origin, metrics, workers, write)


def check_pace(pace: str) -> str:
    """The pace. Raises UsageError for a word that is none."""
    if pace not in get_args(Pace):
        raise UsageError(f'--pace "{pace}": expected {" or ".join(get_args(Pace))}.')
    return pace


def paced_answers(answers: Predictions, origin: Origin, pace: Pace) -> Predictions:
    """The answers as they are, or at the ``real`` pace. Raises as `omnibench.runner.pacing.pace_answers`, and
    UsageError for another word.
    """
    if check_pace(pace) == "virtual":
        return answers
    check_matched(answers, origin.dataset, origin.split)
    ids = asked_for(answers, origin.dataset, origin.split)
    with Ticker(f"pace {answers.model() or answers.root.resolve().name}", len(ids)) as ticker:
        return Predictions(pace_answers(answers, origin.dataset, origin.split, ticker.advance))


def read_answers(answers: Predictions, origin: Origin, source: Source) -> Predictions:
    """The answers as they are, or as their recordings tell them. Raises as
    `omnibench.runner.reading_back.read_back_answers`, and UsageError for another word.
    """
    if source not in get_args(Source):
        raise UsageError(f'--from "{source}": expected {" or ".join(get_args(Source))}.')
    if source == "answers":
        return answers
    check_matched(answers, origin.dataset, origin.split)
    ids = asked_for(answers, origin.dataset, origin.split)
    with Ticker(f"read {answers.model() or answers.root.resolve().name}", len(ids)) as ticker:
        return Predictions(read_back_answers(answers, origin.dataset, origin.split, ticker.advance))


def no_metric(name: str, known: Iterable[str]) -> KeyError:
    """The error for a metric that a result does not have."""
    meant = closest(name, known)
    return KeyError(f'no metric "{name}"' + (f'; did you mean "{meant}"?' if meant else ""))


def unwritable(folder: Path, error: OSError) -> str:
    """What there is to say of scores that cannot be kept where they belong."""
    return f"{folder}: not writable ({error.strerror}), so the scores are not kept there"


def score_answers(
    answers: Predictions,
    origin: Origin,
    metrics: Sequence[str] | None = None,
    workers: int = 1,
    write: bool = True,
) -> ScoreResult:
    """`score` with everything open. Raises as it does."""
    if origin.note:
        print(origin.note, file=sys.stderr)
    for name in METRICS.names():
        if fault := broken(name):
            print(f"left out: the metric {name} cannot be used ({fault})", file=sys.stderr)
    check_matched(answers, origin.dataset, origin.split)
    steps = len(asked_for(answers, origin.dataset, origin.split)) * min(workers, 2)
    label = f"score {answers.model() or answers.root.resolve().name}"
    with Ticker(label, steps) as ticker:
        measured = measure_predictions(
            answers,
            origin.dataset,
            origin.split,
            origin.protocol,
            metrics,
            workers,
            ticker.advance,
            planning=lambda metric: ticker.describe(f"{label} · {metric}" if metric else label),
        )
    result = ScoreResult(measured, origin.chosen)
    if write:
        try:
            note = result.keep()
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise
            note = f"{unwritable(result.folder, error)}."
        if note:
            print(note, file=sys.stderr)
    return result
