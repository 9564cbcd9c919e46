"""What every training command takes and leaves behind: options, losses, weights and a card."""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import torch
from torch import nn

from omnibench.files.atomic import write_text
from omnibench.system.provenance import git_state

_LINE_EVERY: Final = 50


@dataclass(frozen=True, slots=True)
class Options:
    """``out`` gets weights, losses and the card; ``cache`` keeps drawn faces."""

    command: str
    out: Path
    cache: Path
    steps: int
    seed: int
    dialogues: int
    val_dialogues: int


def options(module: str, arguments: Sequence[str] | None, *, steps: int, dialogues: int, val_dialogues: int) -> Options:
    """Read the command line and make the network repeatable: one thread, `--seed` for all that is drawn at random."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights, the losses and the card")
    parser.add_argument("--cache", type=Path, help="folder for drawn faces [OUT/faces]")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialogues", type=int, default=dialogues, help="of mini's train split, from its first")
    parser.add_argument("--val-dialogues", type=int, default=val_dialogues, help="of mini's val split")
    given = sys.argv[1:] if arguments is None else list(arguments)
    asked = parser.parse_args(given)
    torch.set_num_threads(1)
    asked.out.mkdir(parents=True, exist_ok=True)
    own = {name: value for name, value in vars(asked).items() if name != "cache"}
    command = (
        f"python -m {module} --out DIR --steps {asked.steps} --seed {asked.seed} --dialogues {asked.dialogues} "
        f"--val-dialogues {asked.val_dialogues}"
    )
    return Options(command=command, cache=asked.cache or asked.out / "faces", **own)


class Losses:
    """A CSV file with a row an update, and a line on stderr now and then.

    Args:
        path: the file.
        columns: its head; the first is the step.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path, self._columns = path, tuple(columns)

    def __enter__(self) -> Losses:
        self._file = self._path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(self._columns)
        return self

    def add(self, step: int, *values: float) -> None:
        """One row; columns at the end may stay empty."""
        cells = [f"{value:.6g}" for value in values]
        self._writer.writerow([step, *cells, *[""] * (len(self._columns) - 1 - len(cells))])
        if step % _LINE_EVERY == 0:
            print(f"{step}: {' '.join(cells)}", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def save_network(network: nn.Module, path: Path) -> Path:
    """Write the weights as float16 safetensors, and put them back as they were rounded, so that what is judged next is
    what is published.
    """
    from safetensors.torch import save_file

    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    save_file(state, path)
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return path


def write_card(
    asked: Options, path: Path, purpose: str, figures: Mapping[str, tuple[float, float]], notes: str = ""
) -> None:
    """``<network>.md`` beside the weights: what it is for, how to make it again, and what it can do.

    Args:
        figures: by what was measured on val: the trained network and its twin with random weights.
    """
    content = path.read_bytes()
    rows = "\n".join(f"| {name} | {trained:.3f} | {twin:.3f} |" for name, (trained, twin) in figures.items())
    write_text(
        path.with_suffix(".md"),
        f"## {path.name}\n\n{purpose[0].upper()}{purpose[1:]}.\n\n"
        f"* command: `{asked.command}`\n"
        f"* commit: `{git_state().get('commit', 'not in a repository')}`\n"
        f"* data: the first {asked.dialogues} dialogues of mini's train split, both people, drawn by mesh-1\n"
        f"* size {len(content):,} bytes, float16; sha256 `{hashlib.sha256(content).hexdigest()}`\n"
        f"* torch {torch.__version__}, one CPU thread, seed {asked.seed}\n\n"
        f"| on the first {asked.val_dialogues} dialogues of val (other people) | trained | random weights |\n"
        f"|---|---|---|\n{rows}\n{notes}",
    )
