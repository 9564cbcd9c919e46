"""What the flags on sound, words and lips find: six attacks on people's recordings, and honest answers let alone.

    python tests/benchmarks/bench_belonging.py [--data mini] [--split val] [--limit N] [--runs FOLDER] [--only none]

A row each for the people (``none``), the six attacks of ``tests/support/forged_answers.py``, and every folder of
answers below ``--runs`` (as ``omnibench run --no-score --out FOLDER/MODEL`` makes them): the figures that are held to
thresholds, the seconds of processor time, and the flags raised. Thresholds were fixed on the val splits of mini and
studio; reported, never asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from forged_answers import ATTACKS, write_answers

from leaderboard.judging.answers import Answers
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions

HEAD = "unheard  alone  lag (r)       WER  nearer   lips  voice  one   closest recording"


def row(title: str, folder: Path, found: Answers, names: list[str]) -> None:
    """Looks at a folder's answers and prints what is found."""
    start, predictions = time.process_time(), Predictions(folder)
    for name in names:
        if predictions.status(name)[0] == "ok":
            found.add(predictions.sample(name), found.dataset.dialogue(found.split, name))
    flags, taken = [flag["kind"] for flag in found.flags()], time.process_time() - start
    parts, voices = found.belonging, found.voices
    lost, said = (sum(column) for column in zip(*parts.said.values(), strict=True)) if parts.said else (0, 0)
    lag, there, _ = parts.delay.found()
    margins = list(voices.margins().values())
    closest = min((played.differ for played in found.recordings.closest.values()), default=float("nan"))
    figures = (
        f"{lost / said if said else 0:.3f}    {np.mean([*parts.alone.values()]) if parts.alone else float('nan'):.3f}  "
        f"{lag:+.2f} s ({there:.2f})  {parts.texts.error_rate() if parts.texts.claimed else float('nan'):.3f} "
        f"{parts.texts.nearer_than_others():.3f}  {parts.lips_follow() if parts.lips else float('nan'):.3f}  "
        f"{np.mean(margins) if margins else float('nan'):+.3f} {voices.one_voice():.3f}  {closest:.3f}"
    )
    print(f"{title:24} {figures}  {taken:5.1f} s  {', '.join(flags) or 'none'}", flush=True)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mini")
    parser.add_argument("--split", default="val")
    parser.add_argument("--limit", type=int, help="the first so many dialogues")
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--only", default=",".join(ATTACKS), help="attacks, comma-separated")
    options = parser.parse_args()
    dataset, start = open_dataset(options.data), time.process_time()
    names = list(dataset.ids(options.split))[: options.limit]
    found = Answers(dataset, options.split)
    print(f"{options.data} {options.split}, {len(names)} dialogues; read in {time.process_time() - start:.1f} s")
    print(f"{'':24} {HEAD}")
    for name in filter(None, options.only.split(",")):
        with tempfile.TemporaryDirectory() as work:
            folder = write_answers(Path(work) / name, dataset, options.split, names, ATTACKS[name])
            row(name, folder, found.afresh(), names)
    if options.runs:
        for folder in sorted(path.parent for path in options.runs.glob("*/run.json")):
            row(folder.name, folder, found.afresh(), names)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
