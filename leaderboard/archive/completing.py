"""A part of a split is no submission: says which answers are missing, and the command that makes them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from leaderboard.archive.contents import JOURNAL, RUN, STEM, part_of
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.strict_json import parse_json, read_json_file
from omnibench.datasets.opening import DATASETS
from omnibench.errors import CoverageError, InputError
from omnibench.files.checked import JsonFault
from omnibench.files.faults import shown

# Options of `omnibench run` that define the answers, by their fields in ``run.json``, with what they are if not given.
_OPTIONS: Final = {"split": "test", "seed": 0, "transcript": "oracle", "device": "cpu", "threads": 1, "batch": 1}


def run_of(folder: Path) -> dict[str, Any]:
    """``run.json``, empty where it is not there or damaged: checking the archive finds damage."""
    try:
        content = read_json_file(folder / RUN, DEFAULT_LIMITS.document_bytes)
    except (OSError, JsonFault):
        return {}
    return content if isinstance(content, dict) else {}


def data_of(run: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """``(data, split)`` of a ``run.json``: data by its registered name, or by the folder that it was in."""
    said = run.get("data")
    found: Mapping[str, Any] = said if isinstance(said, dict) else {}
    place, name, split = (found.get(key) for key in ("location", "name", "split"))
    here = isinstance(place, str) and (place in DATASETS.names() or Path(place).is_dir())
    data = place if here else name
    return data if isinstance(data, str) else None, split if isinstance(split, str) else None


def require_whole(
    folder: Path, files: Iterable[str], run: Mapping[str, Any], dialogues: Sequence[str], data: str, split: str
) -> None:
    """Refuse the answers to a part of a split; one that the model failed on is answered, with the worst value.

    Args:
        folder: of predictions.
        files: what is packed of it, by name.
        run: content of its ``run.json``, empty where there is none.
        dialogues: of the split.
        data: as ``--data`` takes it.
        split: of it.

    Raises:
        CoverageError: a dialogue has no file and no failure of the model, while others have.
        InputError: a dialogue whose id no archive can hold.
    """
    unsendable = [dialogue for dialogue in dialogues if not STEM.fullmatch(dialogue)]
    if unsendable:
        raise InputError(
            f'{data} {split}: the id "{shown(unsendable[0])}" cannot be sent; expected up to 128 letters, digits and '
            f". _ -, no dot first. Rename the dialogue in the data set, and run again."
        )
    parts = [found for found in map(part_of, files) if found is not None]
    ended = _ended(folder / JOURNAL)
    answered = {dialogue for part, dialogue in parts if part != "timing"}
    answered |= {dialogue for dialogue, (status, _) in ended.items() if status == "model_failed"}
    missing = [dialogue for dialogue in dialogues if dialogue not in answered]
    if not missing or len(missing) == len(dialogues):
        return
    failed = next((f" {name}: {shown(ended[name][1], 300)}" for name in missing if ended.get(name, ("", ""))[1]), "")
    which = shown(missing[0] if len(missing) == 1 else f"{missing[0]} … {missing[-1]}")
    there = len(dialogues) - len(missing)
    complete = f"Complete it, then submit: {_command(folder, run, data)}" if run else "Add the answers to the others."
    raise CoverageError(
        f"{folder}: answers to {there} of the {len(dialogues)} dialogues of {data} {split}, not to {which}.{failed} "
        f"A part of a split compares with nothing and enters no ranking. {complete}"
    )


def _ended(journal: Path) -> dict[str, tuple[str, str]]:
    """Status and reason of each dialogue's last attempt; what is no line of a journal is found when it is checked."""
    found: dict[str, tuple[str, str]] = {}
    if not journal.is_file() or journal.stat().st_size > DEFAULT_LIMITS.document_bytes:
        return found
    for line in journal.read_bytes().split(b"\n")[:-1]:
        try:
            entry = parse_json(line)
            found[str(entry["id"])] = (str(entry["status"]), str(entry.get("reason", "")))
        except (JsonFault, KeyError, TypeError, AttributeError):
            continue
    return found


def _command(folder: Path, run: Mapping[str, Any], data: str) -> str:
    """``omnibench run …`` as it was, without what restricted it."""
    identity, card = (found if isinstance(found, dict) else {} for found in (run.get("identity"), run.get("model")))
    settings = run.get("settings") or identity.get("settings")
    name = identity.get("model") or card.get("name", "")
    model = f"FILE.py:CLASS of {name}" if identity.get("source") else str(name)
    words = ["omnibench", "run", "--model", model, "--data", data, "--out", str(folder)]
    for option, usual in _OPTIONS.items():
        value = identity.get(option, usual)
        words += [f"--{option}", str(value)] if value != usual else []
    for key, value in settings.items() if isinstance(settings, dict) else ():
        words += ["--set", f"{key}={value}"]
    words += ["--no-video"] if identity.get("render") == "" else []
    words += ["--allow-transfer"] if card.get("transferred") else []
    return " ".join(shlex.quote(shown(word, 300)) for word in words)
