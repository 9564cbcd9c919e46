"""Takes what teams get out of a whole data set: speakers, and of listeners what may be known beforehand."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from omnibench.datasets.alternatives import ALTERNATIVES
from omnibench.datasets.manifest import MANIFEST_NAME
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.tracks import MODALITIES
from omnibench.datasets.withheld import context_path
from omnibench.errors import InputError
from omnibench.files.atomic import write_text

_GIVEN_OUT: Final = ("id", "topic", "fps", "sample_rate", "frames", "duration", "persons", "identities")
"""Of a dialogue's entry in the manifest; its slug and mood are the script's, which has the listener's words too."""


def give_out(whole: Path, out: Path) -> dict[str, int]:
    """Copy what a team gets of a whole data set; returns the dialogues of each split.

    Args:
        whole: a folder in ResponseNet layout, with a salt in its manifest and a context of every dialogue.
        out: a folder that is not there, or empty; it is there as a whole or not at all.

    Raises:
        InputError: no salt, or a dialogue without a context.
    """
    data, content = ResponseNetFolder(whole), json.loads((whole / MANIFEST_NAME).read_text(encoding="utf-8"))
    if not content.pop("salt", ""):
        raise InputError(f'{whole / MANIFEST_NAME}: no "salt" to commit to the listeners with.')
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        given = Path(work, "given")
        for split, entries in content["splits"].items():
            for path in _files(data, split):
                target = given / path.relative_to(whole)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            content["splits"][split] = [_given_out(entry) for entry in entries]
        withheld = {split: data.commitment(split) for split in content["splits"]}
        manifest = json.dumps({**content, "withheld": withheld}, ensure_ascii=False, indent=1)
        write_text(given / MANIFEST_NAME, f"{manifest}\n")
        given.replace(out)
    return {split: len(entries) for split, entries in content["splits"].items()}


def _files(data: ResponseNetFolder, split: str) -> list[Path]:
    """Of the dialogues that the manifest lists, the speakers' files and the contexts."""
    found = []
    for dialogue in data.ids(split):
        known = context_path(data.folder / split, dialogue)
        if not known.is_file():
            raise InputError(f"{known}: no such file; a listener that is withheld has to be told by something.")
        speaker = data.files(split).of("speaker", dialogue).values()
        found += [known, *(path for path in speaker if isinstance(path, Path))]
    return found


def _given_out(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: entry[key] for key in _GIVEN_OUT if key in entry}
    answers = (f"{ALTERNATIVES}/", *(f"{modality}/listener/" for modality in MODALITIES))
    hashes = {name: value for name, value in entry.get("sha256", {}).items() if not name.startswith(answers)}
    return {**kept, "sha256": hashes}
