"""Peak memory of scoring one dialogue of 15 s and one of 863 s, the longest of ResponseNet, metric by metric.

    python tests/benchmarks/bench_memory.py [--protocol offline] [--metrics fd,dnsmos] [--seconds 15,863] [--keep DIR]

Each metric runs alone in a process of its own with an empty feature cache. Reported, never asserted: what a metric's
network needs is its own, what must not grow with the clip is the rest. Dialogues are synthetic, with small pictures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from data_factory import write_dataset

from omnibench.metrics.protocol import PROTOCOLS, load_protocol

# VmHWM is this program's own peak; ru_maxrss starts at what the parent held when it forked.
CHILD = """
import pathlib, sys, time
from omnibench.datasets.opening import open_dataset
from omnibench.scoring.measuring import score_predictions
answers, data, protocol, metric = sys.argv[1:]
begin = time.perf_counter()
names = [metric] if metric else []
entries = score_predictions(answers, open_dataset(data), "test", protocol, names, write=False).metrics
entry = entries.get(metric, {"value": 0.0})
status = pathlib.Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
state = "scored" if "value" in entry else entry["status"]
print(f"{peak:.0f} {time.perf_counter() - begin:.1f} {state}")
"""


def build(folder: Path, seconds: float) -> tuple[Path, Path]:
    """A data set of one dialogue, and another person's answers to it."""
    data = write_dataset(folder / "data", ids=("a",), seconds=seconds)
    other = write_dataset(folder / "other", ids=("a",), seconds=seconds, seed=3)
    answers = folder / "answers"
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(other / "test" / part / "listener", answers / part)
    return data, answers


def measure(data: Path, answers: Path, protocol: str, metric: str) -> tuple[float, float, str]:
    """Peak resident MB, seconds and state of one metric in a process of its own; no metric: what loading costs."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(answers), str(data), protocol, metric],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMNIBENCH_CACHE": cache},
        )
    if done.returncode != 0:
        return 0.0, 0.0, (done.stderr.strip().splitlines() or ["failed"])[-1][:80]
    peak, seconds, state = done.stdout.split()[-3:]
    return float(peak), float(seconds), state


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--protocol", choices=PROTOCOLS, default="offline")
    parser.add_argument("--metrics", default="", help="only these, comma-separated")
    parser.add_argument("--seconds", default="15,863", help="lengths of the dialogues")
    parser.add_argument("--keep", type=Path, help="build the dialogues there, and use what is there")
    options = parser.parse_args()
    lengths = [float(length) for length in options.seconds.split(",")]
    names = [name for name in options.metrics.split(",") if name] or list(load_protocol(options.protocol).metrics)
    with tempfile.TemporaryDirectory() as scratch:
        root = options.keep or Path(scratch)
        folders = {}
        for length in lengths:
            folder = root / f"{length:g}"
            made = (folder / "data", folder / "answers")
            folders[length] = made if made[1].is_dir() else build(folder, length)
        print(
            f"{'peak MB (seconds), ' + options.protocol:<28}" + "".join(f"{length:>8g} s{'':<14}" for length in lengths)
        )
        for metric in ["", *names]:
            cells = [measure(*folders[length], options.protocol, metric) for length in lengths]
            shown = "".join(f"{peak:>8.0f} ({took:.1f}) {state:<12}"[:24].ljust(24) for peak, took, state in cells)
            print(f"{metric or '(no metric)':<28}{shown}", flush=True)


if __name__ == "__main__":
    main()
