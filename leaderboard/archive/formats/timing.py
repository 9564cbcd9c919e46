"""What a run measured of a dialogue: ``timing/<id>.npz``, plain arrays of known names and sizes in a zip file.

It goes as the run wrote it, so that the journal's sha256 holds for it. A zip file in a zip file is taken apart as
carefully as the one around it: `leaderboard.archive.zip_structure`.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from leaderboard.archive.formats.npy import load_plain, step_faults
from leaderboard.archive.zip_structure import ZipFault, read_members
from leaderboard.entry.limits import Limits
from omnibench.predictions.soundness import LONGEST_STEP

_EACH_STEP: Final = ("processor_seconds", "waited_seconds", "between_seconds", "gap_seconds", "ready_seconds")
_HANDED: Final = ("handed_face", "handed_audio", "handed_image")
# Dimensions and kind of each array. Steps and words are counted; the others have one length.
ARRAYS: Final[Mapping[str, tuple[int, str]]] = {
    "step_seconds": (1, "f"),
    "open_seconds": (0, "f"),
    "open_processor": (0, "f"),
    "open_waited": (0, "f"),
    **dict.fromkeys(_EACH_STEP, (1, "f")),
    **dict.fromkeys(_HANDED, (1, "i")),
    "word_steps": (1, "i"),
    "load": (1, "f"),
    "workers": (0, "i"),
    "machine": (0, "i"),
}
_REQUIRED: Final = "step_seconds"
_HEADER_BYTES: Final = 10_000
_HIGHEST_LOAD: Final = 1e6
_MOST_ITEMS: Final = 2**32
_MOST_MEMBERS: Final = 100
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EXPECTED: Final = (
    f"expected {_REQUIRED}, and of {', '.join(sorted(set(ARRAYS) - {_REQUIRED}))} those that were measured"
)


def timing_faults(path: Path, frames: int | None, limits: Limits) -> list[str]:
    """Faults of one dialogue's measurements; ``frames`` is its length, None where the data does not tell."""
    most = _HEADER_BYTES + 8 * max(limits.words, limits.steps if frames is None else frames + 1)
    try:
        with path.open("rb") as handle:
            members, problems = read_members(handle, path.stat().st_size, _MOST_MEMBERS)
    except ZipFault as fault:
        return [f"no .npz ({fault})"]
    if problems:
        return [str(problem) for problem in problems]
    names = [member.name for member in members]
    unknown = sorted(set(names) - {f"{name}.npy" for name in ARRAYS})
    if unknown or len(set(names)) != len(names) or f"{_REQUIRED}.npy" not in names:
        return [f"holds {', '.join(names)}; {_EXPECTED}"]
    faults: list[str] = []
    arrays: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in members:
            name = member.name.removesuffix(".npy")
            if member.method not in _METHODS or member.flags & 1 or member.unpacked > most:
                faults.append(f"{name}: {member.unpacked} bytes, expected at most {most}, plain or deflated")
                continue
            try:
                content = archive.read(member.name)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
                faults.append(f"{name}: cannot be unpacked ({error})")
                continue
            found, array = load_plain(io.BytesIO(content), len(content), *ARRAYS[name])
            faults += [f"{name}: {fault}" for fault in found]
            if array is not None:
                arrays[name] = array
    return faults or [f"{name}: {fault}" for name in arrays for fault in _value_faults(name, arrays, frames, limits)]


def _value_faults(name: str, arrays: Mapping[str, NDArray[Any]], frames: int | None, limits: Limits) -> list[str]:
    array, steps = arrays[name], len(arrays[_REQUIRED])
    if name == _REQUIRED:
        return step_faults(array, frames)
    if name in (*_EACH_STEP, *_HANDED) and len(array) != steps:
        return [f"{len(array)} steps, {_REQUIRED} has {steps}"]
    if name in _EACH_STEP:
        return step_faults(array, frames)
    if name in ("workers", "machine", *_HANDED):
        return [] if ((array >= 0) & (array <= _MOST_ITEMS)).all() else [f"expected numbers from 0 to {_MOST_ITEMS}"]
    if name == "word_steps":
        if len(array) > limits.words:
            return [f"{len(array)} words, expected at most {limits.words}"]
        return [] if ((array >= 0) & (array <= steps)).all() else [f"expected steps from 0 to {steps}"]
    if name == "load":
        # Not a number where the system does not say how busy it is.
        fits = array.shape == (2,) and not ((array < 0) | (array > _HIGHEST_LOAD)).any()
        return [] if fits else [f"expected 2 numbers from 0 to {_HIGHEST_LOAD:g}"]
    return [] if 0 <= float(array) <= LONGEST_STEP else [f"expected a number from 0 to {LONGEST_STEP:g}"]
