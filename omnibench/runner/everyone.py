"""All models one after the other: none keeps the others from their turn, and in the end each is listed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from omnibench.errors import InputError, MissingError, OmnibenchError


@dataclass(frozen=True, slots=True)
class Ending:
    """How a model's turn ended: ``missing`` where it lacks something that has to be fetched first, ``refused`` where it
    says that it cannot serve the data.
    """

    model: str
    state: Literal["done", "missing", "refused", "failed"]
    detail: str = ""
    error: Exception | None = None


def run_everyone(
    models: Sequence[str],
    lacking: Callable[[str], str],
    refuse: Callable[[str], None],
    run_one: Callable[[str], None],
) -> list[Ending]:
    """Run every model that lacks nothing and serves the data; those that do not are told of before any model runs.

    Args:
        models: their names.
        lacking: the line that gets what a model lacks, or ``""``.
        refuse: raises InputError for a model that cannot serve the data.
        run_one: runs one; whatever it raises ends that model's turn alone. An error that is not an OmnibenchError is a
            bug, whose traceback goes to stderr.
    """
    early = {model: _before(model, lacking, refuse) for model in models}
    for ending in early.values():
        if ending is not None:
            print(f"omnibench: {ending.model} does not run, {ending.state}: {ending.detail}", file=sys.stderr)
    return [early[model] or _turn(model, run_one) for model in models]


def _before(model: str, lacking: Callable[[str], str], refuse: Callable[[str], None]) -> Ending | None:
    """Why a model has no turn, known from its card and its files alone."""
    try:
        line = lacking(model)
        if line:
            return Ending(model, "missing", line)
        refuse(model)
    except MissingError as error:
        return Ending(model, "missing", str(error))
    except InputError as error:
        return Ending(model, "refused", str(error), error)
    except OmnibenchError as error:
        return Ending(model, "failed", str(error), error)
    return None


def _turn(model: str, run_one: Callable[[str], None]) -> Ending:
    try:
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
    """Raise for models that ran and failed; one that lacks something or refused is listed, no more.

    Raises:
        OmnibenchError: of the class of the first failure, naming them all.
        InputError, MissingError: none ran; the first refused, or lacks something.
    """
    failed = [ending for ending in endings if ending.state == "failed"]
    if failed:
        first = failed[0].error
        kind = type(first) if isinstance(first, OmnibenchError) else OmnibenchError
        names = ", ".join(ending.model for ending in failed)
        raise kind(f"{len(failed)} of {len(endings)} models failed: {names}. The same command tries them again.")
    if not any(ending.state == "done" for ending in endings):
        first_kind = InputError if endings[0].state == "refused" else MissingError
        raise first_kind(f"No model ran. {endings[0].model}: {endings[0].detail}")
