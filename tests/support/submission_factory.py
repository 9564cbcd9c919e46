"""A run's folder and an archive as a team would send them: the answers are the listeners of a synthetic data set."""

from __future__ import annotations

import importlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from listeners import card

from leaderboard.archive.submitting import Statement, make_archive
from leaderboard.cage.child import Cage, Outcome
from leaderboard.cage.worker import JOBS
from omnibench.datasets.opening import open_dataset

STATEMENT = Statement({"team": "Example Lab", "contact": "lab@example.org", "notes": "Trained on the train split."})


def write_run(folder: Path, dataset: Path, split: str = "test") -> Path:
    """Predictions with ``run.json``: every part of the human listeners, and step times."""
    data = open_dataset(str(dataset))
    ids = data.ids(split)
    for part in ("audio", "vector", "video"):
        shutil.copytree(dataset / split / part / "listener", folder / part)
    (folder / "text").mkdir()
    for path in (dataset / split / "text" / "listener").iterdir():
        content = json.loads(path.read_text())
        (folder / "text" / path.name).write_text(json.dumps({key: content[key] for key in ("text", "words")}))
    (folder / "timing").mkdir()
    for name in ids:
        frames = data.dialogue(split, name).frames
        np.savez(folder / "timing" / f"{name}.npz", step_seconds=np.full(frames, 0.01), open_seconds=0.5)
    model = asdict(card("chorus"))
    manifest = {
        "schema_version": 1,
        "model": {**model, "transferred": False},
        "data": {"name": data.name, "version": data.version, "split": split, "manifest": data.manifest_hash(split),
                 "dialogues": len(ids)},
        "transcript": "oracle",
        "renderer": "mesh-1",
        "seed": 0,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(manifest))
    return folder


def run_here(job: str, arguments: Mapping[str, Any], _: Cage) -> Outcome:
    """A confined process's job in this one, for what does not depend on its confinement: starting one takes longer."""
    module, name = JOBS[job]
    result = getattr(importlib.import_module(module), name)(dict(arguments), lambda **_: None)
    return Outcome(json.loads(json.dumps(result)))


def pack_run(run: Path, dataset: Path, archive: Path, work: Path) -> Path:
    """`omnibench submit` as a function."""
    work.mkdir()
    return make_archive(run, STATEMENT, archive, work, str(dataset), "test")[0]


def members_of(archive: Path) -> dict[str, bytes]:
    """Name to content."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
