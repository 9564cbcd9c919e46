"""What recordings alone tell of people: words, lips and faces read back from sound and video, against the truth.

    python tests/benchmarks/bench_read_back.py [--data mini] [--split val] [--limit 6] [--folder DIR]

The human listeners of the first dialogues are recorded as WAV and MP4 (CRF 23, and once more at CRF 32; a third time
with the first picture for all) and read back as ``omnibench score --from media`` does: words wrong of those that were
said; FD of each recording, and its share of the frozen face's; the lag of lips behind the sound, by the people's own
coefficients and as read; seconds of processor time a second of recording. Needs the extra ``readback`` and its model.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import repeat
from pathlib import Path

import numpy as np

import omnibench
from omnibench.media.audio import write_wav
from omnibench.media.video import VideoWriter
from omnibench.metrics.text.word_error import pooled

RECORDINGS = {"own": None, "crf 23": 23, "crf 32": 32, "frozen": 23}


def main() -> None:
    """Print a line a recording."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mini")
    parser.add_argument("--split", default="val")
    parser.add_argument("--limit", type=int, default=6, help="the first so many dialogues")
    parser.add_argument("--folder", type=Path, help="keep the recordings there")
    options = parser.parse_args()
    root = options.folder or Path(tempfile.mkdtemp())
    dataset = omnibench.load_dataset(options.data)
    chosen = list(dataset.dialogues(options.split))[: options.limit]
    seconds = sum(float(dialogue.duration) for dialogue in chosen)
    print(f"{len(chosen)} people's answers, {seconds:.0f} s; below {root}")
    for name, crf in RECORDINGS.items():
        for dialogue in chosen:
            record(root / name, dialogue, crf, name == "frozen")
        (root / name / "run.json").write_text(json.dumps({"ids": [dialogue.id for dialogue in chosen]}))
    said = {dialogue.id: " ".join(word.text for word in dialogue.listener.words) for dialogue in chosen}
    begin, frozen = time.process_time(), numbers(root / "frozen", options.data, options.split)
    cost = time.process_time() - begin
    for name, crf in RECORDINGS.items():
        found = frozen if name == "frozen" else numbers(root / name, options.data, options.split, crf is not None)
        line = f"{name:8} lip lag {found['lip_lag']:+.0f} ms"
        if crf is not None:
            texts = root / name / "read_back" / "text"
            read = {dialogue: json.loads((texts / f"{dialogue}.json").read_text())["text"] for dialogue in said}
            errors = pooled([(truth, read[dialogue]) for dialogue, truth in said.items()])
            line += (
                f", words wrong {errors.errors} of {errors.words} ({errors.errors / errors.words:.1%}), "
                f"FD {found['fd']:.4f} ({found['fd'] / frozen['fd']:.1%} of frozen)"
            )
        print(line, flush=True)
    print(f"{cost / seconds:.2f} CPU seconds a second of recording, both sides read")


def record(folder: Path, dialogue: omnibench.Dialogue, crf: int | None, frozen: bool) -> None:
    """The listener's sound, and their pictures as video or, without a CRF, their own coefficients."""
    listener = dialogue.listener
    for part in ("audio", "vector" if crf is None else "video"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_wav(folder / "audio" / f"{dialogue.id}.wav", listener.audio(), dialogue.sample_rate)
    if crf is None:
        np.save(folder / "vector" / f"{dialogue.id}.npy", listener.face())
        return
    pictures = list(listener.images())
    shown = repeat(pictures[0], len(pictures)) if frozen else pictures
    height, width, _ = pictures[0].shape
    with VideoWriter(folder / "video" / f"{dialogue.id}.mp4", dialogue.fps, (width, height), crf) as writer:
        for picture in shown:
            writer.write(picture)


def numbers(folder: Path, data: str, split: str, read: bool = True) -> omnibench.ScoreResult:
    """FD and lip lag of a recording, or of people's own coefficients."""
    return omnibench.score(
        folder, data, split, "strict", metrics=["fd", "lip_lag"], source="media" if read else "answers"
    )


if __name__ == "__main__":
    main()
