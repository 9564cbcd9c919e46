"""How long the official evaluation scripts take and how long omnibench takes, on the same files, one after the other on
one core, with the difference of the results, in seconds of processor time. A report; it asserts nothing.

    git clone https://github.com/awakening-ai/OmniResponse      # @2ba1c7c
    OMP_NUM_THREADS=1 python tests/benchmarks/bench_official.py --official OmniResponse/evaluation \\
        --nltk-data ~/nltk_data [--syncnet syncnet_python] [--only text,vectors,lips,video] [--json FILE]

The scripts need nltk with its WordNet and Punkt data, opencv-python-headless, scenedetect and python_speech_features,
the lips' part a checkout of joonson/syncnet_python and ffmpeg. Their functions are called in this process: the seconds
that their interpreters and imports take on top are left out. omnibench's seconds are those of its score stage, files to
signed number with interval, except where a row says "alone".
"""

from __future__ import annotations

import os

os.environ.setdefault("TQDM_DISABLE", "1")

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from official_rows import Row, table

PARTS = ("text", "vectors", "lips", "video")


def rows_of(part: str, arguments: argparse.Namespace, scratch: Path) -> list[Row]:
    """Run one part."""
    if part == "text":
        from official_text import text_rows

        return text_rows(arguments.official, arguments.nltk_data, scratch)
    if part == "vectors":
        from official_vectors import vector_rows

        return vector_rows(arguments.official, scratch)
    if part == "lips":
        from official_lips import lip_rows

        return lip_rows(arguments.official, arguments.syncnet, scratch, arguments.clips)
    from official_video import video_rows

    return video_rows(arguments.official, scratch, arguments.clips)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--official", type=Path, required=True, help="the official repository's folder evaluation/")
    parser.add_argument("--nltk-data", type=Path, help="a folder with WordNet and Punkt")
    parser.add_argument("--syncnet", type=Path, help="a checkout of joonson/syncnet_python")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--clips", type=int, default=3, help="video clips of 30 s, 3 unless given, 24 at most")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OMNIBENCH_CACHE"] = f"{scratch}/cache"
        for part in arguments.only.split(","):
            rows += rows_of(part, arguments, Path(scratch) / part)
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
