"""Where the metrics' networks run: ``$OMNIBENCH_DEVICE`` (``cpu``, ``cuda``, ``cuda:1``), the CPU unless it is set."""

from __future__ import annotations

import os
import re
from typing import Final

from omnibench.errors import MissingError, UsageError

DEVICE_VARIABLE: Final = "OMNIBENCH_DEVICE"


def metric_device() -> str:
    """The device for metrics' networks.

    Raises:
        UsageError: the variable names no device.
        MissingError: it names a GPU that torch cannot use here.
    """
    name = os.environ.get(DEVICE_VARIABLE) or "cpu"
    if name == "cpu":
        return name
    if not re.fullmatch(r"cuda(:\d+)?", name):
        raise UsageError(f'{DEVICE_VARIABLE} is "{name}"; expected cpu, cuda or cuda:N.')
    import torch

    count = torch.cuda.device_count()
    if int(name.partition(":")[2] or 0) >= count:
        raise MissingError(
            f'{DEVICE_VARIABLE} is "{name}" and torch finds {count} GPUs here. Unset it to run on the CPU, or install '
            f"a torch for this GPU (https://pytorch.org/get-started)."
        )
    return name


def on_device(key: str) -> str:
    """The key of what a network makes: as it is on the CPU, with the kind of device elsewhere, where sums are rounded
    in another order.
    """
    kind = metric_device().partition(":")[0]
    return key if kind == "cpu" else f"{key}|{kind}"
