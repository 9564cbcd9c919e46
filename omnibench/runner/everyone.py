"""All models one after the other: none keeps the others from their turn, and in the end each is listed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from omnibench.errors import MissingError, OmnibenchError


@dataclass(frozen=True, slots=True)
class Ending:
    """How a model's turn ended: ``missing`` where it lacks something that has to be fetched first."""

    model: str
    state: Literal["done", "missing", "failed"]
    detail: str = ""
    error: Exception | None = None


def run_everyone(models: Iterable[str], lacking: Callable[[str], str], run_one: Callable[[str], None]) -> list[Ending]:
    """Run every model that lacks nothing.

    Args:
        models: their names.
        lacking: the line that gets what a model lacks, or ``""``.
        run_one: runs one; whatever it raises ends that model's turn alone. An error that is not an OmnibenchError is a
            bug, whose traceback goes to stderr.
    """
    return [_turn(model, lacking, run_one) for model in models]


def _turn(model: str, lacking: Callable[[str], str], run_one: Callable[[str], None]) -> Ending:
    try:
        line = lacking(model)
        if line:
            return Ending(model, "missing", line)
        run_one(model)
    except MissingError as error:
        return Ending(model, "missing", str(error))
    except OmnibenchError as error:
        print(f"omnibench: {model}: {error}", file=sys.stderr)
        return Ending(model, "failed", str(error), error)
    except Exception as error:
        traceback.print_exc()
        return Ending(model, "failed", f"{type(error).__name__}: {error}", error)
    return Ending(model, "done")


def format_endings(endings: Sequence[Ending]) -> str:
    """One line a model."""
    width = max((len(ending.model) for ending in endings), default=0)
    lines = [f"  {e.model:<{width}}  {e.state:<7}  {' '.join(e.detail.split())}".rstrip() for e in endings]
    count = sum(ending.state == "done" for ending in endings)
    return "\n".join([f"{count} of {len(endings)} models done:", *lines])


def raise_for_failures(endings: Sequence[Ending]) -> None:
    """Raise for models that ran and failed; one that lacks something is listed, no more.

    Raises:
        OmnibenchError: of the class of the first failure, naming them all.
    """
    failed = [ending for ending in endings if ending.state == "failed"]
    if failed:
        first = failed[0].error
        kind = type(first) if isinstance(first, OmnibenchError) else OmnibenchError
        names = ", ".join(ending.model for ending in failed)
        raise kind(f"{len(failed)} of {len(endings)} models failed: {names}. The same command tries them again.")
