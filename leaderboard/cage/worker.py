"""The confined process: ``python -I -m leaderboard.cage.worker``, started by `leaderboard.cage.child` alone.

It confines itself before it looks at any file of the submission.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from leaderboard.cage.confinement import confine, end_with
from omnibench.errors import OmnibenchError

JOBS: Final = {
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
    end_with(request["parent"])
    cage = request["cage"]
    enforced = confine(
        Path(cage["writable"]),
        [Path(path) for path in cage["readable"]],
        cage["memory"],
        cage["seconds"],
        cage["file_bytes"],
    )
    report(enforced=enforced)
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
