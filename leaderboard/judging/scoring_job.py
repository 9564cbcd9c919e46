"""Scores a stranger's sound predictions and looks for what is wrong with them: a job of the confined process.

Their media were decoded once when they were checked; here they are decoded again, so this process is confined too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from leaderboard.judging.suspicion import examine
from omnibench.datasets.opening import open_dataset
from omnibench.metrics.base import METRICS
from omnibench.predictions.folder import Part, Predictions
from omnibench.scoring.measuring import measure_predictions


def score_job(arguments: dict[str, Any], report: Callable[..., None]) -> dict[str, Any]:
    """Score ``predictions`` under each of ``protocols`` (all its metrics where ``metrics`` is None), and examine them.

    What another package on this host registers is no metric of the board, and takes no part.
    Reports after each dialogue how many are ``done`` of the ``total``, each counted once a protocol.

    Returns:
        ``scores`` (the documents of ``scores.json``) and ``samples`` (the text of ``samples.jsonl``) by protocol,
        ``flags``, ``checks`` and ``fingerprints``.
    """
    METRICS.forget_others()
    folder, split = Path(arguments["predictions"]), arguments["split"]
    dataset = open_dataset(arguments["data"])
    answers = Predictions(folder, _restore_timing(folder / "timing"))
    scores, samples = {}, {}
    done, total = count(1), len(dataset.ids(split)) * len(arguments["protocols"])

    def progress() -> None:
        report(done=next(done), total=total)

    for protocol in arguments["protocols"]:
        report(at=f"scoring under {protocol}")
        wanted = arguments["metrics"]
        found = measure_predictions(answers, dataset, split, protocol, wanted, 1, progress)
        scores[protocol] = json.loads(found.scores.to_json())
        samples[protocol] = found.samples.text
    report(at="examining")
    examined = examine(answers, dataset, split, arguments["online"])
    return {"scores": scores, "samples": samples, **asdict(examined)}


def _restore_timing(folder: Path) -> tuple[Part, ...]:
    """Step times back into the files of a run; archives of earlier releases carry them as plain arrays. Returns the
    part that was rewritten, of which the journal's sha256 says nothing then.
    """
    found = sorted(folder.glob("*.npy"))
    for path in found:
        np.savez(path.with_suffix(".npz"), step_seconds=np.load(path, allow_pickle=False))
    return ("timing",) if found else ()
