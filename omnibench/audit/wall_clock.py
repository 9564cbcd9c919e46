"""Does pace's arithmetic say what a clock on the wall shows? One model, played twice.

    omnibench run --model NAME --workers 1 --out A
    omnibench run --model NAME --workers 1 --out B --pace real
    python -m omnibench.audit.wall_clock A B

B's clock waited for each frame and noted when each answer was there. Held against it, answer by answer and in frames of
the clip, is when the answer is there by the arithmetic of B's own times, and by that of A, which waited for nothing:
the first shows the arithmetic, the second also how alike a machine works twice. The clock stands still for what the
harness does between two steps; what a step waited while other programs had the processor is on the clock, and not in
the arithmetic, so a busy machine shows more apart.
"""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MismatchError, OmnibenchError
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import asked_for, open_origin
from omnibench.predictions.pace import first_frames, ready_frames
from omnibench.runner.paceable import charges, computes_elsewhere, unpaceable_run, unpaceable_times

Frames = NDArray[np.int64]


class Apart(NamedTuple):
    """How far the arithmetic is from the wall's clock: of ``answers``, ``same`` begin in the same frame, ``near`` at
    most one apart; ``least`` and ``most`` are the arithmetic's frames less the clock's.
    """

    answers: int
    same: int
    near: int
    least: int
    most: int

    def __str__(self) -> str:
        same, near = (f"{100 * found / max(1, self.answers):.1f} %" for found in (self.same, self.near))
        ends = f"{self.least:+d} to {self.most:+d} frames"
        return f"{self.answers} answers, {same} in the same frame, {near} within one ({ends})"


def apart(arithmetic: Frames, wall: Frames) -> Apart:
    """Hold the first frames ``(n,)`` in which answers can play against each other.

    Example:
        >>> str(apart(np.array([1, 3, 3, 6]), np.array([1, 3, 4, 4])))
        '4 answers, 50.0 % in the same frame, 75.0 % within one (-1 to +2 frames)'
    """
    late = arithmetic - wall
    near = int((np.abs(late) <= 1).sum())
    return Apart(len(late), int((late == 0).sum()), near, int(late.min(initial=0)), int(late.max(initial=0)))


def by_arithmetic(run: Predictions, dialogue: str, fps: Fraction) -> Frames:
    """``(T,)``. Raises InputError for times that cannot be paced."""
    if reason := unpaceable_run(run) or unpaceable_times(run, dialogue):
        raise InputError(f"{run.root}: {reason}.")
    cost = charges(run.times(dialogue), computes_elsewhere(run))
    return first_frames(ready_frames(cost.steps, cost.between, cost.opening, fps))


def by_the_wall(run: Predictions, dialogue: str, fps: Fraction) -> Frames:
    """``(T,)``. Raises InputError for a run whose clock did not wait."""
    times = run.times(dialogue)
    if "ready_seconds" not in times:
        raise InputError(f"{run.root}: its clock did not wait; make it with `omnibench run --pace real`.")
    return first_frames(times["ready_seconds"] * float(fps))


def compared(unpaced: Path, waited: Path) -> dict[str, Apart]:
    """By whose times, over all dialogues that both runs have.

    Raises:
        OmnibenchError: a folder or its data cannot be read, or its times do not count.
    """
    runs = {"the same run's times": Predictions(waited), "the unpaced run's times": Predictions(unpaced)}
    wall, *_ = runs.values()
    origin = open_origin(wall)
    asked = asked_for(wall, origin.dataset, origin.split)
    ids = [name for name in asked if all(run.times(name) for run in runs.values())]
    if not ids:
        raise InputError(f"{unpaced} and {waited}: no dialogue of which both hold times.")
    rates = {name: origin.dataset.dialogue(origin.split, name).fps for name in ids}
    clock = np.concatenate([by_the_wall(wall, name, fps) for name, fps in rates.items()])
    return {
        label: apart(np.concatenate([by_arithmetic(run, name, fps) for name, fps in rates.items()]), clock)
        for label, run in runs.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Print how far the arithmetic is from the clock; exit 6 where an answer is more than a frame apart by the times of
    the run that waited.
    """
    parser = argparse.ArgumentParser(prog="python -m omnibench.audit.wall_clock", description=main.__doc__)
    parser.add_argument("unpaced", type=Path, help="a run in virtual time")
    parser.add_argument("waited", type=Path, help="a run of the same model with --pace real")
    options = parser.parse_args(arguments)
    try:
        found = compared(options.unpaced, options.waited)
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for label, one in found.items():
        print(f"{label + ':':<24} {one}")
    own = next(iter(found.values()))
    return 0 if own.near == own.answers else MismatchError.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
