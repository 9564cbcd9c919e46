"""Timing two ways to one result, and the table of it."""

from __future__ import annotations

import importlib.util
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """Processor seconds of both, the factor that is wanted and the largest absolute difference of the results (None:
    not the same quantity).
    """

    name: str
    official: float
    ours: float
    target: float
    difference: float | None

    @property
    def factor(self) -> float:
        """How many times faster ours is."""
        return self.official / self.ours


def timed(call: Callable[[], T], times: int = 1) -> tuple[float, T]:
    """The least processor seconds of ``times`` calls, and the last result."""
    best = float("inf")
    for _ in range(times):
        begin = processor_seconds()
        result = call()
        best = min(best, processor_seconds() - begin)
    return best, result


def processor_seconds() -> float:
    """What this process and the children that it has waited for have used, so that a busy machine is no slower one."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def script(path: Path, name: str) -> ModuleType:
    """Import a script by its path, whatever its file is called."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path}: no such script; expected a checkout of the official repository's evaluation/.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| | official (s) | omnibench (s) | factor | wanted | max difference |", "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        difference: Any = "–" if row.difference is None else f"{row.difference:.1e}"
        lines.append(
            f"| {row.name} | {row.official:.3f} | {row.ours:.3f} | {row.factor:.1f}x | {row.target:g}x | {difference} |"
        )
    return "\n".join(lines)
