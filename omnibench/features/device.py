"""Where the metrics' networks run: ``$OMNIBENCH_DEVICE`` (``cpu``, ``cuda``, ``cuda:1``), the CPU unless it is set."""

from __future__ import annotations

import os
from typing import Final

DEVICE_VARIABLE: Final = "OMNIBENCH_DEVICE"


def metric_device() -> str:
    """The device for metrics' networks."""
    return os.environ.get(DEVICE_VARIABLE) or "cpu"
