"""What is wrong with a submission: a list, so that a team learns of everything at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from omnibench.errors import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN_ALIKE: Final = 3
_NAME_LENGTH: Final = 100


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
    """A pydantic error, field by field."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in item["loc"])
        message = str(item["msg"]).removeprefix("Value error, ")
        found.append(Problem(where, f'field "{path}": {message}' if path else message))
    return found
