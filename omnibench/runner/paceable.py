"""Whether a run's times are such that its answers can be paced; where they are not, there is no number.

A time counts that the harness took outside the model's process, of one dialogue at a time, with the processor time of
the model and of all that it started beside it, on the machine that ``run.json`` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.conditions.catalogue import CONDITIONS
from omnibench.conditions.sound import Echo
from omnibench.predictions.folder import Predictions
from omnibench.responder import MODELS
from omnibench.system.provenance import machine_number
from omnibench.types import Dialogue

_AGAIN: Final = "run it again with --workers 1 --fresh"
NEEDED: Final[Mapping[str, str]] = {
    "step_seconds": "the time that each step took",
    "processor_seconds": "processor time, of which this system or this model's processes do not tell",
    "waited_seconds": f"how long the steps waited for a processor; {_AGAIN}",
    "open_seconds": "the time that opening took",
    "open_processor": f"the processor time of opening; {_AGAIN}",
    "open_waited": f"how long opening waited for a processor; {_AGAIN}",
    "between_seconds": f"processor time between the steps; {_AGAIN}",
    "gap_seconds": f"the time between the steps; {_AGAIN}",
    "word_steps": f"the step in which each word came; {_AGAIN}",
    "workers": f"how many dialogues were played side by side; {_AGAIN}",
    "machine": f"the machine; {_AGAIN}",
}
"""What ``timing/<id>.npz`` has to hold, and what it is."""


def unpaceable_run(answers: Predictions) -> str:
    """Why the answers of a run cannot be paced, whatever their times are; or ``""``."""
    run = answers.manifest
    if run is None:
        return "no run.json says who took the step times"
    if run.model.kind == "offline":
        return "the model is offline: its answers have no time of their own"
    if answers.stopwatch != "harness":
        return f"the step times were taken inside the model's own process (--workers 0); {_AGAIN}"
    if run.identity.batch != 1:
        return f"the dialogues were stepped {run.identity.batch or '?'} at a time (--batch); one alone has times"
    return ""


def unpaceable_times(answers: Predictions, dialogue: str) -> str:
    """Why one dialogue's times are none that pace it, or ``""``."""
    times = answers.times(dialogue)
    missing = next((what for name, what in NEEDED.items() if name not in times), None)
    if missing is not None:
        return f"timing/{dialogue}.npz does not hold {missing}"
    if int(times["workers"]) != 1:
        return f"{int(times['workers'])} dialogues were played side by side (--workers); {_AGAIN}"
    if int(times["machine"]) != machine_number(answers.ran.hardware.document()):
        return f"the times of {dialogue} are of another machine than the one that run.json names; {_AGAIN}"
    return ""


def listened_back(answers: Predictions, dialogue: Dialogue) -> str:
    """Why other times would have given other answers, as where the speaker waits for the listener; or ``""``."""
    if dialogue.insertion is not None:
        return f"the speaker of {dialogue.id} goes by when the listener is heard, and it would have been heard later"
    condition = CONDITIONS.get(answers.ran.condition)
    if condition is not None and isinstance(condition.recipe, Echo):
        return f"under {condition} the model hears itself, and it would have heard itself later"
    return ""


@dataclass(frozen=True, slots=True)
class Charges:
    """What a model is charged with, seconds: each of its steps and what it did before each, ``(T,)``, and opening."""

    steps: NDArray[np.float64]
    between: NDArray[np.float64]
    opening: float


def charges(times: Mapping[str, NDArray[Any]], elsewhere: bool) -> Charges:
    """What a model is charged with.

    Args:
        times: of a dialogue, with all of `NEEDED`.
        elsewhere: whether it computes where no processor time is counted (`computes_elsewhere`): then all time that
            passed is its own, between the steps, too.
    """
    if elsewhere:
        return Charges(times["step_seconds"], times["gap_seconds"], float(times["open_seconds"]))
    return Charges(
        steps=charged(times["step_seconds"], times["processor_seconds"], times["waited_seconds"]),
        between=np.minimum(times["gap_seconds"], times["between_seconds"]),
        opening=float(charged(times["open_seconds"], times["open_processor"], times["open_waited"])),
    )


def charged(wall: NDArray[Any], processor: NDArray[Any], waited: NDArray[Any]) -> NDArray[np.float64]:
    """Wall time, less what the first thread was ready to run and others had the processor (`Spent.since`: the model's
    own threads and children are no others), but no less than what the model itself worked.

    Example:
        >>> charged(np.array([0.5, 0.5]), np.array([0.02, 0.3]), np.array([0.4, 0.4])).round(3).tolist()
        [0.1, 0.3]
    """
    return np.asarray(np.clip(wall - waited, np.minimum(wall, processor), wall), np.float64)


def computes_elsewhere(answers: Predictions) -> bool:
    """Whether a model computes on an accelerator or a server."""
    run = answers.ran
    asks = "base_url" in run.settings or (
        run.model.name in MODELS.names() and MODELS.get(run.model.name).takes_base_url
    )
    return asks or run.identity.device not in ("", "cpu")
