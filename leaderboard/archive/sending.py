"""The documents that `omnibench run` and `omnibench score` leave, as they are sent: what they say, as plain text.

A person's words are refused where they are no plain text. A program's are not: a traceback holds ``<module>``, an error
``<class 'int'>``, a machine's name may hold anything, and none of it was written to be refused. So whatever our own
commands wrote about a run is put into plain text of a bounded length here, and goes byte for byte where it is that
already. Names, model card, data and fingerprint are passed on as they are, since numbers and signatures hang on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from leaderboard.archive.contents import JOURNAL, RUN
from leaderboard.entry.plain_text import LABEL_LENGTH, PROSE_LENGTH, REASON_LENGTH, plain
from leaderboard.entry.strict_json import parse_json
from omnibench.files.checked import JsonFault
from omnibench.metrics.base import METRICS

_AS_IT_IS: Final = ("model", "data", "identity", "transcript", "renderer", "seed")
_LABELS: Final = ("hardware", "packages", "git")
_NOT_SENT: Final = ("traceback",)


def as_sent(name: str, content: bytes) -> bytes:
    """A document of a run's folder as an archive holds it.

    Args:
        name: in the archive: ``run.json``, ``journal.jsonl``, ``scores.*.json`` or ``samples.*.jsonl``.
        content: what lies in the folder. What is no JSON stays as it is: checking the archive says what is wrong.
    """
    if name == JOURNAL:
        # A killed run leaves half a line at the end, which every reader of a journal passes over.
        return _lines(content[: content.rfind(b"\n") + 1], _journal_line)
    if name.endswith(".jsonl"):
        return _lines(content, sample_as_sent)
    return _document(content, _run if name == RUN else scores_as_sent)


def scores_as_sent(document: Any) -> Any:
    """A ``scores.json`` whose reasons fit into an entry; one that lists every dialogue can outgrow it. A metric of
    another package is no column of the board, and stays at home.
    """
    if not isinstance(document, dict) or not isinstance(document.get("metrics"), dict):
        return document
    metrics = {name: _metric(metric) for name, metric in document["metrics"].items() if not _of_others(name)}
    return {**document, "metrics": metrics}


def sample_as_sent(line: Any) -> Any:
    """A line of ``samples.jsonl`` whose reasons are plain text, with omnibench's own metrics."""
    if isinstance(line, dict) and isinstance(line.get("metrics"), dict):
        line = {**line, "metrics": {k: v for k, v in line["metrics"].items() if not _of_others(k)}}
    return _with_reasons(line, REASON_LENGTH)


def _of_others(metric: str) -> bool:
    return metric in METRICS.names() and metric not in METRICS.ours


def _metric(metric: Any) -> Any:
    if not isinstance(metric, dict):
        return metric
    found = _reasoned(metric, PROSE_LENGTH)
    if isinstance(metric.get("not_scored"), dict):
        found["not_scored"] = {name: _short(reason, REASON_LENGTH) for name, reason in metric["not_scored"].items()}
    return found


def _journal_line(line: Any) -> Any:
    if not isinstance(line, dict):
        return line
    return _reasoned({key: value for key, value in line.items() if key not in _NOT_SENT}, PROSE_LENGTH)


def _run(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    found = {
        key: value if key in _AS_IT_IS else _plain_strings(value, LABEL_LENGTH if key in _LABELS else PROSE_LENGTH)
        for key, value in document.items()
    }
    if isinstance(document.get("data"), dict):
        # Where the data lies on the team's machine is nobody's business.
        found["data"] = {key: value for key, value in document["data"].items() if key != "location"}
    identity = document.get("identity")
    if isinstance(identity, dict) and "settings" in identity:
        found["identity"] = {**identity, "settings": _plain_strings(identity["settings"], PROSE_LENGTH)}
    return found


def _plain_strings(value: Any, length: int) -> Any:
    """All strings of a document, keys and values."""
    if isinstance(value, dict):
        return {plain(str(k), LABEL_LENGTH, breaks=False): _plain_strings(item, length) for k, item in value.items()}
    if isinstance(value, list):
        return [_plain_strings(item, length) for item in value]
    if not isinstance(value, str):
        return value
    return plain(value, length, breaks=False).strip() if length == LABEL_LENGTH else plain(value, length)


def _with_reasons(value: Any, length: int) -> Any:
    if isinstance(value, dict):
        return {key: _with_reasons(item, length) for key, item in _reasoned(value, length).items()}
    return value


def _reasoned(fields: Mapping[str, Any], length: int) -> dict[str, Any]:
    return {key: _short(value, length) if key == "reason" else value for key, value in fields.items()}


def _short(value: Any, length: int) -> Any:
    return plain(value, length) if isinstance(value, str) else value


def _document(content: bytes, change: Callable[[Any], Any]) -> bytes:
    try:
        before = parse_json(content)
    except JsonFault:
        return content
    after = change(before)
    if after == before:
        return content
    return (json.dumps(after, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _lines(content: bytes, change: Callable[[Any], Any]) -> bytes:
    changed = []
    for line in content.splitlines(keepends=True):
        try:
            before = parse_json(line)
        except JsonFault:
            changed.append(line)
            continue
        after = change(before)
        same = after == before
        changed.append(line if same else (json.dumps(after, ensure_ascii=False, allow_nan=False) + "\n").encode())
    return b"".join(changed)
