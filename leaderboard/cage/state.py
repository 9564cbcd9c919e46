"""What confines strangers' files on this machine, for `omnibench doctor`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from leaderboard.cage.child import Cage, run_job

_MEMORY, _SECONDS, _FILE_BYTES = 1 << 30, 20, 1 << 20
_LACKING: Final = "without "


def state() -> list[str]:
    """Lines: what holds, and for what does not hold why not."""
    try:
        with tempfile.TemporaryDirectory(prefix="omnibench-") as work:
            outcome = run_job("look", {}, Cage(Path(work), [], _MEMORY, _SECONDS, _FILE_BYTES))
    except OSError as error:
        return [f"archives cannot be opened: {error.strerror or error}"]
    if outcome.result is None:
        return [f"archives cannot be opened: the process for them {outcome.failure}"]
    names = [line.partition(":")[0] for line in outcome.enforced if not line.startswith(_LACKING)]
    held = ["no capabilities" if name == "capabilities" else name for name in names]
    lacking = [line for line in outcome.enforced if line.startswith(_LACKING)]
    if sys.platform != "linux":
        lacking.append("without what Linux has: open strangers' archives in a container or a virtual machine")
    return [f"strangers' archives are opened under {', '.join(held)}", *lacking]
