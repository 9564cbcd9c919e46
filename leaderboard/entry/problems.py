"""What is wrong with a submission: a list, so that a team learns of everything at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError, UsageError

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN_ALIKE: Final = 3
_NAME_LENGTH: Final = 100
_VALUE_LENGTH: Final = 60
NUMBER, NO_NUMBER = "a number", "no number"
"""Tags of the schema's two kinds of metrics: no steps of a field's path."""


@dataclass(frozen=True, slots=True)
class Problem:
    """``where`` is a file or a field, ``message`` what is there and what was expected."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{shown(self.where)}: {shown(self.message, 600)}" if self.where else shown(self.message, 600)


class SubmissionError(InputError):
    """A submission that is refused, with every reason. Exit code 4."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        super().__init__("\n".join([f"{subject}: refused, {count}:", *(f"  - {line}" for line in grouped(problems))]))


def grouped(problems: Iterable[Problem]) -> list[str]:
    """One line a problem; of those that say the same of many files the first three, then how many more."""
    alike: dict[str, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(problem.message, []).append(problem)
    lines = []
    for same in alike.values():
        lines += [str(problem) for problem in same[:_SHOWN_ALIKE]]
        if len(same) > _SHOWN_ALIKE:
            lines.append(f"… and {len(same) - _SHOWN_ALIKE} more like that, up to {shown(same[-1].where)}")
    return lines


def shown(text: str, length: int = _NAME_LENGTH) -> str:
    """A stranger's text as it may stand in a terminal: nothing that moves the cursor, and not endless."""
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return visible if len(visible) <= length else f"{visible[: length - 1]}…"


def schema_problems(where: str, error: ValidationError) -> list[Problem]:
    """A pydantic error, field by field: what is there, and what was expected."""
    found = []
    for item in error.errors(include_url=False):
        steps = [str(step) for step in item["loc"] if step not in (NUMBER, NO_NUMBER)]
        path = ".".join(step for step in steps if step != "[key]")
        path = f"{path} (the key)" if "[key]" in steps else path
        message = _in_words(item["type"], item.get("ctx", {}), item["input"], str(item["msg"]))
        found.append(Problem(where, f'field "{path}": {message}' if path else message))
    return found


def check_options(options: Mapping[str, tuple[Any, Any]]) -> None:
    """Hold what was typed against a type of `leaderboard.entry.schema`; options that were not given are None.

    Raises:
        UsageError: naming the options that do not fit, and why.
    """
    from pydantic import TypeAdapter, ValidationError

    faults = []
    for option, (kind, value) in options.items():
        try:
            if value is not None:
                TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            faults += [f"{option}: {problem.message}" for problem in schema_problems(option, error)]
    if faults:
        raise UsageError("; ".join(faults))


def _in_words(kind: str, limits: Mapping[str, Any], value: Any, message: str) -> str:
    """What pydantic found, with what is there: it says "should have at most 200 characters", and not how many it has.

    >>> _in_words("string_too_long", {"max_length": 3}, "four", "")
    '4 characters, at most 3 allowed'
    """
    there = shown(json.dumps(value, ensure_ascii=False, default=str), _VALUE_LENGTH)
    if kind in ("string_too_long", "string_too_short", "too_long", "too_short"):
        bound, limit = ("most", limits["max_length"]) if kind.endswith("long") else ("least", limits["min_length"])
        what = "character" if isinstance(value, str) else "item"
        return f"{len(value)} {what}{'' if len(value) == 1 else 's'}, at {bound} {limit} allowed"
    if kind == "string_pattern_mismatch":
        return f"{there} does not have the form {limits['pattern']}"
    if kind in ("literal_error", "enum"):
        return f"{there}, expected {limits['expected']}"
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"{message} (found {there})"
