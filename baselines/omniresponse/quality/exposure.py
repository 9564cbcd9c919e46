"""What the noise on fed-back answers is worth: how far the face of a model strays that hears and sees itself.

A model trained on recordings alone has only ever seen right answers behind it; running, it sees its own (Ranzato et al.
2016, exposure bias). Drift is the distance of the face from that of the dialogue's first frame, root mean square over
the 64 coefficients, each in standard deviations of the human listeners' frames. It is shown by time since the start,
beside the drift of the human listeners, which is what a listener should have. Two trainings that differ in the noise
alone, and their runs, show its effect:

    omnibench train omniresponse --out noisy
    omnibench train omniresponse --out clean --codec-from noisy --set training.face_noise=0 \\
        --set training.face_drift=0 --set training.text_noise=0 --set training.code_noise=0
    for n in noisy clean; do
        omnibench run --model omniresponse --checkpoint $n/model.safetensors --split val --out runs/$n --no-video
    done
    python -m baselines.omniresponse.quality.exposure runs/noisy runs/clean
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.predictions.folder import Predictions
from omnibench.system.command_line import run_command
from omnibench.types import Face

BIN_SECONDS: Final = 5.0
SMALLEST_DEVIATION: Final = 5e-3  # a coefficient that people hardly move must not rule the mean


def drift(faces: Face, deviation: NDArray[np.float64], fps: float, bins: int) -> NDArray[np.float64]:
    """``(bins,)`` mean distance of ``(n, 64)`` faces from the first, by time since the start; NaN past the end.

    Frames without a tracked face are left out.
    """
    first = faces[np.isfinite(faces).all(axis=1).argmax()]
    away = np.sqrt(np.mean(np.square((faces - first) / deviation), axis=1))
    places = np.minimum((np.arange(len(faces)) / fps / BIN_SECONDS).astype(int), bins)
    found = np.isfinite(away)
    return np.array(
        [away[found & (places == b)].mean() if (found & (places == b)).any() else np.nan for b in range(bins)]
    )


def drifts(runs: Sequence[Path], dataset: DataSet, split: str) -> dict[str, NDArray[np.float64]]:
    """Mean drift by time over the dialogues that all runs answered: of the human listeners, then of each run.

    Raises:
        InputError: no dialogue has a face in every run.
    """
    answers = {str(run): Predictions(run) for run in runs}
    human: list[Face] = []
    own: dict[str, list[Face]] = {name: [] for name in answers}
    rates, lengths = [], []
    for name in dataset.ids(split):
        faces = {run: given.sample(name).face for run, given in answers.items() if given.status(name)[0] == "ok"}
        if len(faces) < len(answers) or any(face is None or not len(face) for face in faces.values()):
            continue
        dialogue = dataset.dialogue(split, name)
        human.append(np.asarray(dialogue.listener.face(0, dialogue.frames), dtype=np.float32))
        rates.append(float(dialogue.fps))
        lengths.append(dialogue.duration)
        for run, face in faces.items():
            own[run].append(np.asarray(face, dtype=np.float32))
    if not human:
        raise InputError(f"No dialogue of {dataset.name}-{split} has a face in all of: {', '.join(map(str, runs))}.")
    deviation = np.maximum(np.nanstd(np.concatenate(human), axis=0), SMALLEST_DEVIATION)
    bins = int(np.ceil(max(lengths) / BIN_SECONDS))
    everyone = {"human listeners": human, **own}
    return {
        name: np.nanmean([drift(f, deviation, fps, bins) for f, fps in zip(faces, rates, strict=True)], axis=0)
        for name, faces in everyone.items()
    }


def to_markdown(found: dict[str, NDArray[np.float64]]) -> str:
    """A row each, a column for every five seconds."""
    bins = len(next(iter(found.values())))
    heads = [f"{BIN_SECONDS * b:.0f}-{BIN_SECONDS * (b + 1):.0f} s" for b in range(bins)]
    lines = [f"| drift | {' | '.join(heads)} |", "|---" * (bins + 1) + "|"]
    lines += [f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |" for name, values in found.items()]
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--data", default="mini", show_default=True)
@click.option("--split", default="val", show_default=True)
def exposure(runs: tuple[Path, ...], data: str, split: str) -> None:
    """Show how far the faces of RUNS stray from where they began, in standard deviations of human listeners."""
    from omnibench.datasets.opening import open_dataset

    dataset = open_dataset(data)
    try:
        click.echo(to_markdown(drifts(runs, dataset, split)), nl=False)
    finally:
        dataset.close()


if __name__ == "__main__":
    sys.exit(run_command(exposure, "python -m baselines.omniresponse.quality.exposure"))
