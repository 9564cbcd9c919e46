"""The confined process, started by `leaderboard.cage.started` alone.

It confines itself before it looks at any file of the submission.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any, Final

from leaderboard.cage.confinement import confine, end_with
from omnibench.errors import OmnibenchError

JOBS: Final = {
    "attempt": ("leaderboard.cage.attempts", "attempt_job"),
    "look": ("leaderboard.cage.attempts", "look_job"),
    "list": ("leaderboard.archive.listing", "list_job"),
    "inspect": ("leaderboard.archive.inspection", "inspect_job"),
    "score": ("leaderboard.judging.scoring_job", "score_job"),
}


def report(**content: Any) -> None:
    """One JSON line to the process that started this one."""
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Read the request, tie this process to its parent, confine this process, do the job, print its result."""
    request = json.load(sys.stdin)
    if request["parent"] is not None:
        end_with(request["parent"])
    report(enforced=confine(request["cage"]))
    module, name = JOBS[request["job"]]
    try:
        job = getattr(importlib.import_module(module), name)
        result = job(request["arguments"], report)
    except MemoryError:
        report(failure="out of memory")
        return 1
    except OmnibenchError as error:
        report(failure=str(error))
        return error.exit_code
    report(result=result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
