"""Answers of a kind that is read but not sent, or that lie one folder deeper, as an archive has them: without loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from leaderboard.archive.contents import SUFFIXES, part_of
from leaderboard.entry.problems import Problem
from omnibench.datasets.tracks import read_vector
from omnibench.errors import InputError
from omnibench.predictions.folder import Predictions


def converted(folder: Path, work: Path, problems: list[Problem]) -> Iterator[tuple[str, Path, Path]]:
    """Files whose names an archive does not have.

    Args:
        folder: of predictions.
        work: where files are written anew.
        problems: get what lies in the place of a part, or of a file, and cannot be read.

    Yields:
        The name in the archive, the file of the folder, and the file that goes into the archive: the same, or one with
        the same samples or numbers.
    """
    if not any((folder / part).is_dir() for part in SUFFIXES):
        return
    answers = Predictions(folder)
    for part, suffixes in SUFFIXES.items():
        if there := answers.unread(part):
            problems.append(Problem("", there.removeprefix(f"{folder}/").rstrip(".")))
        for dialogue, path in answers.files(part).items():
            if doubt := answers.doubt(part, dialogue):
                problems.append(Problem("", doubt))
            name = f"{part}/{dialogue}{suffixes[0]}"
            if part_of(name) is None or path == folder / name:
                continue
            try:
                yield name, path, _converted(path, work / name)
            except InputError as error:
                problems.append(Problem(path.relative_to(folder).as_posix(), str(error).removeprefix(f"{path}: ")))


def _converted(path: Path, target: Path) -> Path:
    suffix = path.suffix.lower()
    if suffix == target.suffix:
        return path
    target.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".npz":
        np.save(target, np.asarray(read_vector(path)), allow_pickle=False)
        return target
    import soundfile

    from omnibench.media.audio import AudioReader, write_wav

    with AudioReader(path) as reader:
        if reader.info.encoding == "PCM_16":
            write_wav(target, reader.read(), reader.info.sample_rate)
        else:
            soundfile.write(target, reader.read(), reader.info.sample_rate, subtype="FLOAT")
    return target
