"""Why numbers are missing, said once and counted, however many dialogues there are and however many reasons.

23 x no answer in the folder: mini-2002 … mini-2024 (meteor, rouge_l and 27 more)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from omnibench.files.score_records import MetricEntry, NoNumber, Number, Scores
from omnibench.metrics.statistics import LEAST
from omnibench.scoring.readiness import networks_line, without_network

MOST_LINES: Final = 5
"""Reasons that are shown; the others are counted."""

MOST_CHARACTERS: Final = 240
_NAMED: Final = 3
_WITHHELD: Final = "no worst value bounds what dialogues without a score would do to it"
_ID: Final = "<id>"
_LIKE: Final = ", or the like"
_NUMBER: Final = re.compile(r"\b[0-9a-f]*[0-9][0-9a-f.]*")


def counted(reasons: Mapping[str, str], most: int = MOST_LINES) -> list[str]:
    """One line a reason with the dialogues it holds for, the most frequent first; of more than ``most``, the last line
    counts the rest.

    Args:
        reasons: by dialogue, in the data set's order. Those that differ in the name of the dialogue's file or in
            numbers are one.
        most: lines.

    Example:
        >>> counted({"a": "no face", "b": "text/b.json: empty", "c": "text/c.json: empty"})
        ['2 x text/<id>.json: empty: b, c', '1 x no face: a']
    """
    groups = sorted(_grouped(reasons), key=lambda group: -len(group[1]))
    return _cut([f"{len(ids)} x {_shortened(reason)}: {named(ids)}" for reason, ids in groups], most, "reasons")


def named(names: Sequence[str]) -> str:
    """All of a few names, else the first and the last.

    >>> named(["a", "b", "c"]), named(["a", "b", "c", "d"])
    ('a, b, c', 'a … d')
    """
    return ", ".join(names) if len(names) <= _NAMED else f"{names[0]} … {names[-1]}"


def listed(names: Sequence[str]) -> str:
    """The first few names and how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"


def counted_mark(entry: MetricEntry, protocol: str) -> str:
    """How many dialogues made a number, where that is not all that were scored; under ``paper`` those in which the
    human listener says nothing count as left out too, as they are by the official scripts.

    Args:
        entry: of ``scores.json``; one without a value has no mark.
        protocol: that it was made under.

    Example:
        >>> made = {"value": 0.1, "direction": "higher", "signature": "METEOR|…", "n_expected": 23}
        >>> counted_mark(Number(**made, n_scored=23, n_outside=1, n_counted=22), "paper")
        '(22/24 counted)'
    """
    if isinstance(entry, NoNumber):
        return ""
    total = entry.n_scored + (entry.n_outside if protocol == "paper" else 0)
    return f"({entry.counted}/{total} counted)" if entry.counted < total else ""


def footnotes(scores: Scores, folder: Path) -> list[str]:
    """What stands below a run's numbers: why some are not there, or not of all dialogues.

    Args:
        scores: of the run.
        folder: where ``samples.jsonl`` has every dialogue.
    """
    lines = _as_official(scores) if scores.protocol == "paper" else []
    again = (
        f"omnibench score {folder} --protocol offline" if (folder / "run.json").is_file() else "add --protocol offline"
    )
    lines += filter(None, [networks_line(scores.protocol, scores.metrics, again)])
    lines += _cut(_whole_metrics(scores), MOST_LINES, "reasons")
    lines += _cut(_dialogues(scores, folder), MOST_LINES, "reasons")
    if lines and any(entry.not_scored for entry in scores.metrics.values()):
        lines.append(f"every dialogue with its reason: {folder / 'samples.jsonl'}")
    few = [n for n, entry in scores.metrics.items() if isinstance(entry, Number) and entry.n_expected < LEAST]
    if few:
        lines.append(f"no intervals: they take {LEAST} dialogues")
    return [f"  {line}" for line in lines]


def _as_official(scores: Scores) -> list[str]:
    """The metrics whose number the protocol ``paper`` makes of fewer dialogues, by how many."""
    groups: dict[str, list[str]] = {}
    for name, entry in scores.metrics.items():
        mark = counted_mark(entry, scores.protocol)
        if mark:
            groups.setdefault(mark.strip("()"), []).append(name)
    return [f"{mark}, as the official script does ({', '.join(names)})" for mark, names in groups.items()]


def _whole_metrics(scores: Scores) -> list[str]:
    """Reasons of metrics without a number, each with the metrics that have it; a missing network has its own line."""
    groups: dict[str, list[str]] = {}
    no_network = without_network(scores.protocol, scores.metrics)
    for name, entry in scores.metrics.items():
        if isinstance(entry, Number) or name in no_network:
            continue
        if entry.status in ("unavailable", "withheld") or (entry.status == "not_scored" and not entry.not_scored):
            reason = _WITHHELD if entry.status == "withheld" else entry.reason
            groups.setdefault(f"{entry.status}: {reason}", []).append(name)
    return [f"{_shortened(reason)} ({listed(names)})" for reason, names in groups.items()]


def _dialogues(scores: Scores, folder: Path) -> list[str]:
    """Reasons of dialogues without a score, each with the dialogues and the metrics that have it; files are named as
    seen from ``folder``.
    """
    kinds: dict[str, list[tuple[str, list[str], str]]] = {}
    for name, entry in scores.metrics.items():
        reasons = {
            dialogue: reason.replace(f"{folder}/", "")
            for dialogue, reason in entry.not_scored.items()
            if not reason.startswith(("outside:", "skipped:"))
        }
        for reason, ids in _grouped(reasons):
            kinds.setdefault(kind_of(reason), []).append((reason, ids, name))
    lines = []
    for found in kinds.values():
        everyone, names = _together([ids for _, ids, _ in found]), [name for *_, name in found]
        text = f"{len(everyone)} x {_shortened(_status_last(found[0][0]))}: {named(everyone)}"
        lines.append((len(everyone) * len(names), f"{text} ({listed(names)})"))
    return [line for _, line in sorted(lines, key=lambda pair: -pair[0])]


def _together(lists: Sequence[Sequence[str]]) -> Sequence[str]:
    """All of several lists of dialogues: in the order of the longest where that has them all, else sorted."""
    everyone, longest = {name for names in lists for name in names}, max(lists, key=len)
    return longest if len(longest) == len(everyone) else sorted(everyone)


def _status_last(reason: str) -> str:
    """``infra_failed: no answer in the folder`` as ``no answer in the folder``: what happened is in the words; but a
    model's own failure is called one.
    """
    status, _, words = reason.partition(": ")
    return reason if status == "model_failed" else words


def _grouped(reasons: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Reasons of one kind with their dialogues, in order of appearance, in the words of the first."""
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for dialogue, reason in reasons.items():
        text = _without_id(reason, dialogue)
        texts, ids = groups.setdefault(kind_of(text), ([], []))
        texts.append(text)
        ids.append(dialogue)
    return [(texts[0] if len(set(texts)) == 1 else texts[0] + _LIKE, ids) for texts, ids in groups.values()]


def kind_of(reason: str, dialogue: str = "") -> str:
    """What reasons of one kind share: all but the dialogue's name and numbers.

    >>> kind_of("a/b.wav: 2 channels, not 1", "b") == kind_of("a/c.wav: 6 channels, not 1", "c")
    True
    """
    return _NUMBER.sub("#", _without_id(reason, dialogue) if dialogue else reason.removesuffix(_LIKE))


def _without_id(reason: str, dialogue: str) -> str:
    """The reason with the dialogue's name left out of file names and quotes, so that the like of it are one."""
    name = re.escape(dialogue)
    return re.sub(rf"(?<![\w.-]){name}(?=\.\w)|(?<=[\"'`]){name}(?=[\"'`])", _ID, reason)


def _shortened(reason: str) -> str:
    line = " ".join(reason.split()).rstrip(".")
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def _cut(lines: Iterable[str], most: int, what: str) -> list[str]:
    found = list(lines)
    return found if len(found) <= most else [*found[: most - 1], f"and {len(found) - most + 1} other {what}"]
