"""A data set whose listeners are withheld from teams: the whole, and what is given out of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from data_factory import write_dataset

from omnibench.datasets.giving_out import give_out
from omnibench.datasets.withheld import Known, write_known

SALT = "5a" * 16
IDS = ("d0", "d1", "d2")


def write_whole(root: Path, seconds: float = 2.0) -> Path:
    """Three dialogues with contexts, every file's hash and a salt in the manifest."""
    people = {name: {"speaker": "p01", "listener": "p02"} for name in IDS}
    write_dataset(root, ids=IDS, seconds=seconds, persons=people)
    split = root / "test"
    for number, name in enumerate(IDS):
        face = np.load(split / "vector" / "listener" / f"{name}.npy")[0].astype(np.float32)
        voice = np.full(1600, 0.1 * number, np.float32)
        write_known(split, name, Known(np.full((8, 8, 3), number, np.uint8), voice, face))
    manifest = json.loads((root / "manifest.json").read_text())
    files = [path for path in split.glob("*/**/*") if path.is_file()]
    for entry in manifest["splits"]["test"]:
        own = [path for path in files if path.stem == entry["id"]]
        entry["sha256"] = {
            path.relative_to(split).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in own
        }
        entry |= {"slug": "told-by-the-script", "mood": "happy"}
    content = {**manifest, "name": "secret-half", "version": "1", "default_protocol": "offline", "salt": SALT}
    (root / "manifest.json").write_text(json.dumps(content))
    return root


def write_both(folder: Path) -> tuple[Path, Path]:
    """The whole and what is given out of it."""
    whole = write_whole(folder / "whole")
    give_out(whole, folder / "inputs")
    return whole, folder / "inputs"
