"""What is wrong with a submission: a list, so that a team learns of everything at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import CoverageError, InputError, UsageError
from omnibench.files.faults import field_faults, shown

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN_ALIKE: Final = 3


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


class WaitingError(CoverageError):
    """Nothing is wrong, and a program cannot tell whether it is right. Exit code 5: no CI merges it by itself."""

    def __init__(self, subject: str, waiting: Sequence[Problem]) -> None:
        lines = [f"  - needs a person's word: {line}" for line in grouped(waiting)]
        super().__init__("\n".join([f"{subject}: in order, but not to be merged without a maintainer:", *lines]))


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


def schema_problems(where: str, error: ValidationError) -> list[Problem]:
    """A pydantic error, field by field: what is there, and what was expected."""
    return [Problem(where, fault) for fault in field_faults(error)]


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
