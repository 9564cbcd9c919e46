"""``omnibench train NAME``: train a model of the suite on a data set, resumable at any moment.

A model can be trained when its entry has a method ``train(TrainJob) -> Path`` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from omnibench.errors import InputError, UsageError
from omnibench.responder import MODELS, ModelEntry


@dataclass(frozen=True, slots=True)
class TrainJob:
    """What the command line asks of a trainer.

    ``settings`` holds those of ``--set`` on top of ``config`` (a configuration's name or file, None for the model's
    own); ``max_steps`` ends this call early, with everything kept for going on. ``codec_from`` is a training folder or
    a checkpoint whose audio codec is used instead of one of its own, for entries with a true ``shares_codec``.
    """

    data: str
    out: Path
    command: str
    config: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    fresh: bool = False
    device: str = "cpu"
    max_steps: int | None = None
    codec_from: Path | None = None


@click.command()
@click.argument("name")
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; checkpoints/NAME-DATA by default.")
@click.option("--config", help="A configuration of the model, by name or as a TOML file.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One setting; may be repeated.")
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the configuration's own.")
@click.option("--resume/--fresh", default=True, show_default=True, help="Go on where this folder's training stopped.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--max-steps", type=click.IntRange(min=1), help="Stop after this many updates; the same command goes on.")
@click.option(
    "--codec-from",
    type=click.Path(path_type=Path),
    help="Speak through the codec of this training folder or checkpoint (OmniResponse only).",
)
def train(name: str, data: str, out: Path | None, config: str | None, assignments: tuple[str, ...], seed: int | None,
          resume: bool, device: str, max_steps: int | None, codec_from: Path | None) -> None:  # fmt: skip
    """Train the model NAME and leave its checkpoint in a folder.

    Can be stopped at any moment: the same command goes on from the last saved step, with the same result.
    """
    from omnibench.files.settings import resolve_settings
    from omnibench.system.environment import check_device

    entry = MODELS.get(name)
    if not _trainable(entry):
        can = ", ".join(known for known in MODELS.names() if _trainable(MODELS.get(known)))
        raise UsageError(f'The model "{name}" cannot be trained. Those that can: {can}.')
    if codec_from is not None and not entry.shares_codec:
        raise UsageError(f'The model "{name}" takes no --codec-from. OmniResponse and its ablations do.')
    if codec_from is not None and not codec_from.exists():
        raise InputError(f"{codec_from}: not there; --codec-from expects a training folder or a checkpoint.")
    check_device(device)
    words = ["omnibench", "train", name, "--data", data]
    words += [
        word for pair in (("--config", config), ("--seed", seed)) if pair[1] is not None for word in map(str, pair)
    ]
    words += [word for assignment in assignments for word in ("--set", assignment)]
    if codec_from is not None:
        words += ["--codec-from", codec_from.name if codec_from.is_absolute() else str(codec_from)]
    job = TrainJob(
        data=data,
        out=out or Path("checkpoints") / f"{name}-{Path(data).name}",
        command=" ".join(words),
        config=config,
        settings=resolve_settings(None, assignments),
        seed=seed,
        fresh=not resume,
        device=device,
        max_steps=max_steps,
        codec_from=codec_from,
    )
    click.echo(f"{entry.train(job)}")


def _trainable(entry: ModelEntry) -> bool:
    return type(entry).train is not ModelEntry.train
