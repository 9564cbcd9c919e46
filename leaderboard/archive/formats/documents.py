"""Words and records: the transcripts, ``run.json``, the journal and the sent scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leaderboard.entry.limits import Limits
from leaderboard.entry.plain_text import text_fault
from leaderboard.entry.problems import schema_problems
from leaderboard.entry.records import JournalLine, RunManifest
from leaderboard.entry.schema import ProtocolScores, Sample
from leaderboard.entry.strict_json import markup_fault, parse_json, read_json_file
from omnibench.files.checked import JsonFault
from omnibench.files.decoding import TextFault, lines_of
from omnibench.predictions.soundness import Length, word_faults

_MOST_FAULTS = 5


def transcript_faults(path: Path, length: Length, limits: Limits) -> list[str]:
    """Faults of ``{"text", "words"}``: plain text, words in order inside the clip."""
    try:
        content = read_json_file(path, limits.text_bytes)
    except JsonFault as error:
        return [str(error)]
    if not isinstance(content, dict) or not isinstance(content.get("text"), str) or set(content) - {"text", "words"}:
        return ['expected an object with "text", a string, and "words", and nothing else']
    items = content.get("words", [])
    if not isinstance(items, list) or len(items) > limits.words:
        return [f'field "words": expected a list of at most {limits.words} objects']
    if len(content["text"]) > limits.text_characters:
        return [f'field "text": {len(content["text"])} characters, expected at most {limits.text_characters}']
    fault = text_fault(content["text"], breaks=True)
    return ([f'field "text" {fault}'] if fault else []) + _word_faults(content["text"], items, length)


def _word_faults(text: str, items: list[Any], length: Length) -> list[str]:
    faults = word_faults(text, items, length)
    for number, item in enumerate(items):
        where = f"words[{number}]"
        if isinstance(item, dict) and set(item) - {"text", "start", "end"}:
            faults.append(f'field "{where}": expected text, start and end, and nothing else')
        if isinstance(item, dict) and isinstance(item.get("text"), str) and (fault := text_fault(item["text"])):
            faults.append(f'field "{where}.text" {fault}')
        if len(faults) >= _MOST_FAULTS:
            break
    return faults


def _lines(path: Path) -> list[bytes]:
    *whole, rest = lines_of(path.read_bytes())
    return [*whole, rest] if rest else whole


def run_faults(path: Path, limits: Limits) -> list[str]:
    """Faults of ``run.json``: of the fields that signatures are made of, and markup anywhere."""
    try:
        content = read_json_file(path, limits.document_bytes)
        RunManifest.model_validate(content)
    except JsonFault as error:
        return [str(error)]
    except ValidationError as error:
        return [problem.message for problem in schema_problems(path.name, error)]
    fault = markup_fault(content)
    return [fault] if fault else []


def journal_faults(path: Path, limits: Limits) -> tuple[list[str], dict[str, JournalLine]]:
    """Faults of ``journal.jsonl``, and the last line of each dialogue."""
    if path.stat().st_size > limits.document_bytes:
        return [f"{path.stat().st_size} bytes, expected at most {limits.document_bytes}"], {}
    faults: list[str] = []
    ended: dict[str, JournalLine] = {}
    try:
        lines = _lines(path)
    except TextFault as error:
        return [f"{error}. {error.cure}"], {}
    for number, line in enumerate(lines, 1):
        try:
            content = parse_json(line)
            record = JournalLine.model_validate(content)
        except JsonFault as error:
            faults.append(f"line {number}: {error}")
            continue
        except ValidationError as error:
            faults += [f"line {number}: {problem.message}" for problem in schema_problems(path.name, error)]
            continue
        fault = markup_fault(content)
        faults += [f"line {number}: {fault}"] if fault else []
        ended[record.id] = record
    return faults[:_MOST_FAULTS], ended


def scores_faults(path: Path, limits: Limits) -> list[str]:
    """Faults of a sent ``scores.<protocol>.json``, which is advisory but published with a self-reported entry."""
    try:
        content = read_json_file(path, limits.document_bytes)
        if not isinstance(content, dict) or f"scores.{content.get('protocol')}.json" != path.name:
            return ["expected an object whose protocol is that of its name"]
        fault = markup_fault(content) or _part_fault(content.get("data"))
        if fault:
            return [fault]
        ProtocolScores.model_validate(
            {
                "protocol": content["protocol"],
                "data": content.get("data"),
                "metrics": content.get("metrics"),
                "scored_by": "submitter",
            }
        )
    except JsonFault as error:
        return [str(error)]
    except ValidationError as error:
        return [problem.message for problem in schema_problems(path.name, error)][:_MOST_FAULTS]
    return []


def _part_fault(data: Any) -> str | None:
    if not isinstance(data, dict) or not data.get("part"):
        return None
    asked, dialogues = (data.get(key) for key in ("asked", "dialogues"))
    return f"scores of a part of the split ({asked} of {dialogues}) enter no ranking; run `omnibench score` again"


def samples_faults(path: Path, limits: Limits) -> list[str]:
    """Faults of a sent ``samples.<protocol>.jsonl``."""
    if path.stat().st_size > limits.document_bytes * 8:
        return [f"{path.stat().st_size} bytes, expected at most {limits.document_bytes * 8}"]
    faults: list[str] = []
    try:
        lines = _lines(path)
    except TextFault as error:
        return [f"{error}. {error.cure}"]
    for number, line in enumerate(lines, 1):
        try:
            Sample.model_validate(parse_json(line))
        except JsonFault as error:
            faults.append(f"line {number}: {error}")
        except ValidationError as error:
            faults += [f"line {number}: {problem.message}" for problem in schema_problems(path.name, error)]
        if len(faults) >= _MOST_FAULTS:
            break
    return faults[:_MOST_FAULTS]
