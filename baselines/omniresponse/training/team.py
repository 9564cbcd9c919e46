"""The processes that train one network together, each on its share of every update.

`accelerate launch` starts them. All draw the same windows; each takes every n-th, gradients are summed, and so every
process makes the same update, which is, but for the order of the sum, the one that a single process would have made.
What is written is written by the first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import torch
from torch import Tensor, nn

from omnibench.errors import MissingError, UsageError

if TYPE_CHECKING:
    from accelerate import Accelerator

Value = TypeVar("Value")
PATIENCE: Final = timedelta(hours=6)  # the others wait while the first trains the codec or validates


class Team:
    """This process's place among ``size``; without an accelerator it is alone, and every method does nothing."""

    def __init__(self, accelerator: Accelerator | None = None) -> None:
        self._accelerator = accelerator
        self.rank = 0 if accelerator is None else accelerator.process_index
        self.size = 1 if accelerator is None else accelerator.num_processes

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def device(self, wanted: str) -> torch.device:
        """``wanted``, or among several processes on accelerators this one's own."""
        if self._accelerator is None or wanted == "cpu":
            return torch.device(wanted)
        return self._accelerator.device

    def share(self, count: int) -> range:
        """Which of ``count`` parts of an update are this process's.

        Raises:
            UsageError: fewer parts than processes.
        """
        if count < self.size:
            raise UsageError(
                f"{self.size} processes for updates of {count} windows: raise training.accumulate and "
                f"training.reading_batch to {self.size} or more, or start fewer processes."
            )
        return range(self.rank, count, self.size)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace each gradient by its sum over the processes; one that no process has stays away."""
        if self._accelerator is None or self.size == 1:
            return
        free = [p for p in parameters if p.requires_grad]
        have = torch.tensor([float(p.grad is not None) for p in free], device=free[0].device)
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten().float() for p in free] + [have])
        total = self._accelerator.reduce(flat, reduction="sum")
        for parameter, part, holders in zip(
            free, total[: -len(free)].split([p.numel() for p in free]), total[-len(free) :], strict=True
        ):
            parameter.grad = part.view_as(parameter).to(parameter.dtype) if holders > 0 else None

    def sum_numbers(self, numbers: dict[str, float]) -> dict[str, float]:
        """Sums over the processes, by name."""
        if self._accelerator is None or self.size == 1:
            return numbers
        values = torch.tensor(list(numbers.values()), dtype=torch.float32, device=self._accelerator.device)
        total: Tensor = self._accelerator.reduce(values, reduction="sum")
        return dict(zip(numbers, total.tolist(), strict=True))

    def of_first(self, value: Value) -> Value:
        """What the first process has; the others' value is not looked at."""
        if self._accelerator is None or self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        found = [value]
        broadcast_object_list(found, from_process=0)
        return found[0]

    @contextmanager
    def first_goes_first(self) -> Iterator[None]:
        """The block is run by the first process, then by the others, who find its files."""
        if self._accelerator is None:
            yield
        else:
            with self._accelerator.main_process_first():
                yield


def assemble(device: str) -> Team:
    """The team that `accelerate launch` started this process in, or this process alone.

    Raises:
        MissingError: several processes without the package accelerate.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Team()
    try:
        from accelerate import Accelerator
        from accelerate.utils import InitProcessGroupKwargs
    except ImportError:
        raise MissingError(
            "Training in several processes needs the package accelerate: `pip install 'omnibench[multi-gpu]'`."
        ) from None
    return Team(Accelerator(cpu=device == "cpu", kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)]))
