"""Reports with players beside the site, for the runs whose predictions are on this disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from leaderboard.site.rows import Row
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.report.build import build_report


def with_media(rows: Sequence[Row], data: str) -> list[Row]:
    """The rows, those of local runs on this data set with the address that their report will have.

    Args:
        rows: all of the site's.
        data: a data set's name, or a folder.
    """
    dataset = open_dataset(data)
    try:
        known = {dataset.manifest_hash(split) for split in dataset.splits()}
    finally:
        dataset.close()
    return [
        replace(row, media=f"media/{row.slug}.html")
        if row.folder is not None and any(m.data.get("manifest") in known for m in row.measured)
        else row
        for row in rows
    ]


def build_reports(rows: Sequence[Row], data: str, out: Path) -> Iterator[str]:
    """Write the report of every row that has an address for one, and yield the addresses.

    Args:
        rows: as `with_media` gave them.
        data: the same.
        out: the site's folder.
    """
    dataset = open_dataset(data)
    try:
        for row in rows:
            if row.folder is not None and row.media:
                split = str(row.measured[0].data["split"])
                build_report(Predictions(row.folder), dataset, split, out / row.media, back="../index.html")
                yield row.media
    finally:
        dataset.close()
