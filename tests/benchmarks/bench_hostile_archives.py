"""Prints the hostile-input table: every attack of ``hostile_archives.py``, through the confined processes.

    python tests/benchmarks/bench_hostile_archives.py > hostile.md

Exits 1 where one is accepted, or refused for another reason than its own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from data_factory import write_dataset
from hostile_archives import ATTACKS
from submission_factory import members_of, pack_run, write_run

from leaderboard.archive.validation import validate_archive
from leaderboard.entry.problems import SubmissionError


def main() -> int:
    """Print the table; 0 where every archive is refused for its own reason."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = write_dataset(root / "data", ids=("a", "b", "c"))
        good = members_of(pack_run(write_run(root / "run", data), data, root / "good.zip", root / "packing"))
        print("| # | archive | bytes | verdict | said of it | seconds |\n|---|---|---|---|---|---|")
        for number, attack in enumerate(ATTACKS, 1):
            archive, work = root / f"{number}.zip", root / f"work-{number}"
            work.mkdir()
            attack.write(good, archive)
            begun = time.perf_counter()
            try:
                validate_archive(archive, work, str(data), "test")
                verdict, said = "ACCEPTED", ""
            except SubmissionError as error:
                verdict = "refused" if attack.reason in str(error) else "refused for another reason"
                said = next((str(p) for p in error.problems if attack.reason in str(p)), str(error.problems[0]))
            wrong += verdict != "refused"
            row = (number, attack.name, archive.stat().st_size, verdict, said.replace("|", "\\|"))
            print("| " + " | ".join(map(str, row)) + f" | {time.perf_counter() - begun:.1f} |", flush=True)
            archive.unlink()
    print(f"\n{len(ATTACKS) - wrong} of {len(ATTACKS)} refused for their own reason.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
