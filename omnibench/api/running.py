"""``omnibench.run``: play a split to a model, keep its answers, score them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from omnibench.api.scored import Pace, ScoreResult, check_pace, paced_answers, score_answers
from omnibench.conditions.catalogue import CLEAN, parse_condition
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import parse_transcript
from omnibench.datasets.withheld import NOTHING_TO_COMPARE
from omnibench.errors import MissingError, UsageError
from omnibench.files.records import JournalLine
from omnibench.files.score_records import part_note
from omnibench.files.settings import resolve_settings
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.metrics.protocol import PROTOCOLS, keep_protocol, load_protocol
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import open_origin
from omnibench.predictions.timings import described
from omnibench.responder import BatchResponder, ModelEntry, Responder, own_entry
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.play import PlaySpec
from omnibench.runner.remote import model_entry
from omnibench.runner.request import RunRequest
from omnibench.runner.run import RunSummary, check_split, run_split
from omnibench.runner.settings import named_config
from omnibench.scoring.readiness import lacking
from omnibench.system.environment import check_device
from omnibench.system.share import usable_cores

DEFAULT_WORKERS: Final = min(2, usable_cores())


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """How a run ended, and its scores, None where it was not scored. ``str()`` is what ``omnibench run`` prints."""

    summary: RunSummary
    scores: ScoreResult | None

    @property
    def folder(self) -> Path:
        """Where the answers are; ``omnibench.score`` and ``omnibench.compare`` take it."""
        return self.summary.out

    @property
    def endings(self) -> Mapping[str, JournalLine]:
        """How each dialogue ended, by id: its status, the reason of one that failed, its frames and seconds."""
        return {entry.id: entry for entry in self.summary.entries}

    @property
    def part(self) -> str:
        """What to say of answers to a part of the split, ``""`` of all."""
        asked, dialogues = self.summary.asked, self.summary.split_size
        return part_note(asked, dialogues) if asked < dialogues else ""

    def __str__(self) -> str:
        if self.scores is None:
            ended = [entry.status for entry in self.summary.entries]
            answers = f"{self.folder}: answers to {ended.count('ok')} of {len(ended)} dialogues"
            return f"{answers}, {self.part}" if self.part else answers
        return f"{self.scores}\n{described(Predictions(self.folder).ran.timings)}"

    __repr__ = __str__

    def _repr_html_(self) -> str | None:
        return None if self.scores is None else str(self.scores.to_dataframe().to_html())

    def check(self) -> None:
        """Raises CoverageError, or InputError for a recording that could not be read, where the command does without
        ``--allow-partial``: a dialogue without an answer, a metric that is not of all dialogues.
        """
        self.summary.raise_for_coverage()
        if self.scores is not None:
            self.scores.check()


def run(
    model: str | Responder | BatchResponder | type,
    data: str | Path | DataSet = "mini",
    split: str = "test",
    *,
    protocol: str | None = None,
    out: str | Path | None = None,
    checkpoint: str | Path | None = None,
    limit: int | None = None,
    ids: Sequence[str] = (),
    workers: int | None = None,
    threads: int = 1,
    memory: float | None = None,
    batch: int = 1,
    device: str = "cpu",
    config: str | Path | None = None,
    settings: Mapping[str, Any] | Sequence[str] = (),
    base_url: str | None = None,
    transcript: str = "oracle",
    condition: str = CLEAN,
    seed: int = 0,
    fresh: bool = False,
    video: bool = True,
    score: bool = True,
    allow_transfer: bool = False,
    pace: Pace = "virtual",
) -> RunResult:
    """Play a data set to a model, keep its answers, score them, as ``omnibench run`` does; go on where an earlier run
    of the same arguments stopped.

    What the model fails on is in the result's ``endings``, and raises nothing before ``result.check()``.

    Args:
        model: a name of ``omnibench models`` or ``path/to/file.py:Class``, which runs in a process of its own; or a
            class or an object with ``card`` and ``open``, which runs in this one, where nothing keeps it from what this
            process holds, and starts over each time.
        data: a registered data set, a folder in ResponseNet layout, or an open one.
        split: of the data set.
        protocol: ``paper``, ``strict``, ``offline`` or a file; the data set's own by default.
        out: the folder; ``runs/<model>/<dataset>-<split>`` by default, with ``-<condition>`` where there is one.
        checkpoint: weights instead of those that come with the model.
        limit: play only the first ones.
        ids: play only these dialogues.
        workers: processes, two by default, one at the ``real`` pace; they do not change the answers. 0: in this
            process.
        threads: of each process's numeric libraries; part of what defines the answers.
        memory: the most that each process may take, in 10^9 bytes.
        batch: dialogues stepped in lock-step, for models that can.
        device: where the model computes.
        config: a TOML file with model settings, or the name of one of the model's configurations.
        settings: on top of them, by name, or as assignments like ``"patience=0.5"``.
        base_url: the server of a model that asks one.
        transcript: ``oracle``, or ``delayed:MS``.
        condition: what the speaker's side goes through on its way to the model, like ``noise-high``; see
            ``docs/conditions.md``.
        seed: of the run.
        fresh: start over instead of going on.
        video: draw the faces.
        score: measure the answers.
        allow_transfer: use a checkpoint on data that it was not trained for.
        pace: ``real``: the clock waits until each frame is complete, and lateness costs in the scores, which go to
            ``paced/`` in the folder; the answers are the same as at the ``virtual`` one.

    Raises:
        UsageError: names, ids or options that do not fit, or a folder that holds other answers.
        MissingError: weights, packages or data have to be fetched first.
        InputError: the folder cannot be written, or the data cannot be read.

    Example:
        >>> import omnibench
        >>> from tempfile import mkdtemp
        >>> ended = omnibench.run("silence", limit=1, out=mkdtemp(), workers=0, video=False, score=False)
        >>> [ending.status for ending in ended.endings.values()]
        ['ok']
    """
    check_device(device)
    real = check_pace(pace) == "real"
    under = parse_condition(condition)
    own = None if isinstance(model, str) else own_entry(model)
    name = model if isinstance(model, str) else ""
    entry = own or model_entry(name)
    chosen = resolve_settings(named_config(entry, None if config is None else Path(config)), settings)
    spec = ModelSpec(
        name,
        threads,
        None if checkpoint is None else Path(checkpoint),
        device,
        with_server(entry, chosen, base_url),
        memory,
    )
    line = lacking(entry, spec.options)
    if line:
        raise MissingError(f"{name or entry.card.name} lacks what it runs with. Get it with: {line}")
    with open_for_run(data, split, protocol, score) as (dataset, rules):
        renderer = DEFAULT_RENDERER if video else ""
        words = parse_transcript(transcript)
        play = PlaySpec(spec, dataset, split, seed, words, renderer, allow_transfer, own, under, waits=real)
        place = f"{dataset.name}-{split}{f'-{under}' if under else ''}"
        folder = Path("runs") / entry.card.name / place if out is None else Path(out)
        count = ((1 if real else DEFAULT_WORKERS) if own is None else 0) if workers is None else workers
        summary = run_split(RunRequest(play, folder, tuple(ids), limit, count, batch, fresh, rules))
        if summary.remark:
            print(f"omnibench: {summary.remark}", file=sys.stderr)
        if rules not in PROTOCOLS:
            keep_protocol(load_protocol(rules), folder)
        reason = dataset.unscored(split)
        if score and reason:
            pack = " `omnibench submit` packs it." if reason == NOTHING_TO_COMPARE else ""
            print(f"{folder}: not scored; {reason}.{pack}", file=sys.stderr)
        if not score or reason:
            return RunResult(summary, None)
        answers = Predictions(folder)
        origin = open_origin(answers, dataset, split, rules)
        return RunResult(summary, score_answers(paced_answers(answers, origin, pace), origin))


@contextmanager
def open_for_run(
    data: str | Path | DataSet, split: str, protocol: str | None, score: bool
) -> Iterator[tuple[DataSet, str]]:
    """The data set, closed in the end where it was not open, and the protocol to score under.

    Raises:
        UsageError, InputError, MissingError: one of them, or the split, is not there.
    """
    dataset = data if isinstance(data, DataSet) else open_dataset(str(data))
    try:
        check_split(dataset, split)
        rules = protocol or dataset.default_protocol
        if score or rules not in PROTOCOLS:
            rules = load_protocol(rules).name
        yield dataset, rules
    finally:
        if dataset is not data:
            dataset.close()


def with_server(entry: ModelEntry, settings: dict[str, Any], base_url: str | None) -> dict[str, Any]:
    """The settings with the server that ``--base-url`` names. Raises UsageError for a model that asks none."""
    if base_url is None:
        return settings
    if not entry.takes_base_url:
        raise UsageError(f"--base-url: {entry.card.name} asks no server.")
    return {**settings, "base_url": base_url}
