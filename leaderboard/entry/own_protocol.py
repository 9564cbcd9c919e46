"""Scores under a protocol of somebody's own, which stand in no table beside others'."""

from __future__ import annotations

from pathlib import Path

from omnibench.metrics.protocol import PROTOCOLS
from omnibench.scoring.scores import read_scores


def refusal(folder: Path) -> str:
    """Why a run's scores are not taken: they are under a protocol of somebody's own alone. ``""`` where they are taken,
    or there are none.
    """
    latest = folder / "scores.json"
    if not latest.is_file() or any((folder / f"scores.{name}.json").is_file() for name in PROTOCOLS):
        return ""
    protocol = read_scores(latest).protocol
    if protocol in PROTOCOLS:
        return ""
    return (
        f"{folder}: scored under {protocol}, a protocol of somebody's own; the leaderboard takes "
        f"{', '.join(PROTOCOLS[:-1])} and {PROTOCOLS[-1]}. Run `omnibench score {folder} --protocol strict` first."
    )
