"""``omnibench report``: one run as one page with synchronized players, its dialogues sorted by any metric."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.files.atomic import write_bytes, write_text
from omnibench.files.names import chosen_of, too_long
from omnibench.files.score_records import MetricEntry, NoNumber, Sample, Scores
from omnibench.predictions.folder import Predictions
from omnibench.report.dialogue import CURVES, show_dialogue
from omnibench.report.metric_help import families, in_reading_order, metric_help
from omnibench.report.pages import bundle, environment, inline, inline_policy
from omnibench.scoring.reasons import listed
from omnibench.scoring.scores import read_samples, read_scores

Media = Literal["embed", "beside", "none"]
STYLES: Final = ("common.css", "report.css")
SCRIPTS: Final = ("common.js", "lanes.js", "timeline.js", "player.js", "transcript.js", "report.js")
MOST_EMBEDDED: Final = 100_000_000
"""Bytes of clips that a page carries in itself; browsers grow slow beyond."""


def build_report(
    predictions: Predictions,
    dataset: DataSet,
    split: str,
    out: Path,
    ids: Sequence[str] | None = None,
    media: Media = "embed",
    back: str = "",
    progress: Callable[[], None] | None = None,
) -> list[str]:
    """Write the page. A dialogue whose answer cannot be read is there without it, with the reason; one whose recording
    cannot is left out.

    Args:
        predictions: any folder in the predictions layout, scored or not.
        dataset: where the speaker is.
        split: of the data.
        out: the HTML file.
        ids: only these dialogues; see `shown_dialogues`.
        media: ``embed`` puts the clips into the page, ``beside`` into ``<out>_media/``, ``none`` leaves them out.
        back: address of a page to lead back to, or ``""``.
        progress: called after each dialogue.

    Returns:
        The dialogues in it, in the data set's order.

    Raises:
        UsageError: an id that the split does not have.
        InputError: no answer to show, other data than the scores are of, too much to embed; or, once the page is
            written, a damaged file.
    """
    chosen = shown_dialogues(predictions, dataset.ids(split), ids)
    scores = _scores(predictions, dataset, split)
    samples = {s.id: s for s in read_samples(predictions.root)} if scores is not None else {}
    shown, clips, faults = [], dict[str, bytes](), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        for dialogue_id in chosen:
            dialogue = dataset.dialogue(split, dialogue_id)
            try:
                made = show_dialogue(predictions, dialogue, Path(folder), media != "none")
            except InputError as error:
                faults[dialogue_id] = str(error)
                continue
            if made.fault:
                faults[dialogue_id] = made.fault
            shown.append(made.data | {"scores": _sample_scores(samples.get(dialogue_id)), "media": {}})
            if progress is not None:
                progress()
            for side, content in made.media.items():
                name = _clip_name(dialogue_id, side)
                clips[name] = content
                shown[-1]["media"][side] = name
            if media == "embed" and sum(map(len, clips.values())) > MOST_EMBEDDED:
                raise InputError(
                    f"{out}: more than {MOST_EMBEDDED // 1_000_000} MB of clips for one page, reached at "
                    f"{dialogue_id}. Use --media beside, or show fewer with --ids."
                )
    if not shown:
        raise InputError(f"{out}: not made, no dialogue can be shown. {next(iter(faults.values()))}")
    if media == "beside":
        _write_beside(out, clips, shown)
    write_text(out, _page(predictions, dataset, split, scores, shown, clips if media == "embed" else {}, back))
    if faults:
        raise InputError(
            f"{out}: made, but {listed([*faults])} cannot be shown whole ({len(faults)} of {len(chosen)} dialogues). "
            f"{next(iter(faults.values()))}"
        )
    return [data["id"] for data in shown]


def shown_dialogues(predictions: Predictions, expected: Iterable[str], ids: Sequence[str] | None) -> list[str]:
    """Those of ``expected`` that have an answer, or those that ``ids`` names. Raises as `build_report`."""
    known = list(expected)
    asked = chosen_of(ids or (), known, f"this split, which has {known[0]} … {known[-1]}")
    answered = predictions.answered(known)
    chosen = [i for i in known if (i in asked if asked else i in answered)]
    if not chosen:
        raise InputError(f"{predictions.root}: no answer to a dialogue of this split. Is --data or --split another?")
    return chosen


def _scores(predictions: Predictions, dataset: DataSet, split: str) -> Scores | None:
    path = predictions.root / "scores.json"
    if not path.is_file():
        return None
    scores = read_scores(path)
    if scores.data.manifest != dataset.manifest_hash(split):
        raise InputError(
            f"{path}: scored on {scores.data.name} {scores.data.split}, other data than {dataset.name} {split}. "
            f"Name the data with --data and --split."
        )
    return scores


def _sample_scores(sample: Sample | None) -> dict[str, Any]:
    """By metric the dialogue's own value ``v``, or the reason ``r`` why there is none."""
    found: dict[str, Any] = {}
    for name, entry in (sample.metrics if sample is not None else {}).items():
        if entry.value is not None:
            found[name] = {"v": float(f"{entry.value:.4g}")}
        elif entry.reason:
            found[name] = {"r": entry.reason, "s": entry.status}
    return found


def _write_beside(out: Path, clips: Mapping[str, bytes], shown: Sequence[dict[str, Any]]) -> None:
    folder = out.with_name(f"{out.stem}_media")
    for name, content in clips.items():
        write_bytes(folder / name, content)
    for data in shown:
        data["media"] = {side: f"{_address(folder.name)}/{_address(name)}" for side, name in data["media"].items()}


def _clip_name(dialogue_id: str, side: str) -> str:
    name = f"{dialogue_id}.{side}.mp4"
    return f"{sha256(dialogue_id.encode()).hexdigest()[:16]}.{side}.mp4" if too_long(f".{name}.tmp") else name


def _address(name: str) -> str:
    """A file's name in a link: ``#``, ``%``, ``?`` and the like mean something else there."""
    return quote(os.fsencode(name), safe="")


def _page(
    predictions: Predictions,
    dataset: DataSet,
    split: str,
    scores: Scores | None,
    shown: Sequence[dict[str, Any]],
    clips: Mapping[str, bytes],
    back: str,
) -> str:
    card = predictions.ran.model
    name = predictions.model() or predictions.root.name
    entries = {n: scores.metrics[n] for n in in_reading_order(scores.metrics)} if scores is not None else {}
    data = {
        "dialogues": shown,
        "embedded": bool(clips),
        "curves": {key: title for key, (title, _) in CURVES.items()},
        "families": dict(families()),
        "metrics": {name: metric_help(name, entry.document()).as_json() for name, entry in entries.items()},
        "whole": {name: _whole(entry) for name, entry in entries.items()},
    }
    part = scores.part if scores is not None else ""
    under = f" under {predictions.ran.condition}" if predictions.ran.condition else ""
    script, style = bundle("omnibench.report", SCRIPTS), bundle("omnibench.report", STYLES)
    return (
        environment("omnibench.report")
        .get_template("report.html")
        .render(
            policy=inline_policy(script, style, "blob:" if clips else "'self'"),
            script=inline(script),
            style=inline(style),
            name=name,
            kind=card.kind,
            summary=card.summary,
            data_name=", ".join(filter(None, (f"{dataset.version or dataset.name} {split}{under}", part))),
            scores=scores,
            count=len(shown),
            data=data,
            clips={key: base64.b64encode(content).decode() for key, content in clips.items()},
            back=back,
        )
    )


def _whole(entry: MetricEntry) -> dict[str, Any]:
    if isinstance(entry, NoNumber):
        return {"s": entry.status, "r": entry.reason}
    ends: dict[str, float] = {} if entry.interval is None else {"l": entry.interval.low, "h": entry.interval.high}
    counts = {"n": entry.n_scored, "of": entry.n_expected} if entry.incomplete else {}
    return {"v": entry.value, **ends, **counts, "signature": entry.signature}
