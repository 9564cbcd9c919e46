"""Chooses the recordings that controls play on a train split and stores them beside the control.

python -m baselines.controls.choose_reply --data mini --split train               the reply of ``constant_reply``
python -m baselines.controls.choose_reply --data mini --split train --text Yeah.  what ``metronome`` says
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from baselines.controls import constant_reply, metronome
from baselines.controls.recordings import cut, store
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.system.command_line import run_command
from omnibench.types import Dialogue, Word

LONGEST_GAP = 0.7


@dataclass(frozen=True, slots=True)
class Turn:
    """What a listener said without a longer pause."""

    dialogue: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(word.text for word in self.words)


def turns(dialogue: Dialogue) -> Iterator[Turn]:
    """The listener's turns: words with less than ``LONGEST_GAP`` seconds between them."""
    current: list[Word] = []
    for word in dialogue.listener.words:
        if current and word.start - current[-1].end > LONGEST_GAP:
            yield Turn(dialogue.id, tuple(current))
            current = []
        current.append(word)
    if current:
        yield Turn(dialogue.id, tuple(current))


def best_turn(candidates: Sequence[Turn], references: dict[str, str]) -> tuple[Turn, float]:
    """The turn with the highest mean ROUGE-L (strict) against the listeners of all dialogues but its own; the first
    of equals.
    """
    from omnibench.metrics.text.rouge import rouge_l_package

    first_of_text = {turn.text: turn for turn in reversed(candidates)}
    best, best_score = candidates[0], -1.0
    for turn in candidates:
        if first_of_text[turn.text] is not turn:
            continue
        others = [text for name, text in references.items() if name != turn.dialogue]
        score = float(np.mean([rouge_l_package(text, turn.text) for text in others]))
        if score > best_score:
            best, best_score = turn, score
    return best, best_score


def shortest(candidates: Sequence[Turn], text: str) -> Turn:
    """The shortest turn of just these words, the first of equals. Raises InputError where none has them."""
    fitting = [turn for turn in candidates if turn.text == text]
    if not fitting:
        raise InputError(f'None of the {len(candidates)} listener turns is "{text}"; expected one at least.')
    return min(fitting, key=lambda turn: round(turn.words[-1].end - turn.words[0].start, 4))


@click.command()
@click.option("--data", default="mini", show_default=True)
@click.option("--split", default="train", show_default=True)
@click.option("--text", help="For metronome: what it says.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; the controls' own by default.")
def choose(data: str, split: str, text: str | None, out: Path | None) -> None:
    """Choose the best constant reply on a train split, or the shortest turn of --text, and store it."""
    target = (constant_reply if text is None else metronome).STORED
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        target = out / target.name
    dataset = open_dataset(data)
    dialogues = [dataset.dialogue(split, name) for name in dataset.ids(split)]
    references = {d.id: d.listener.text for d in dialogues if d.listener.text.strip()}
    candidates = [turn for dialogue in dialogues for turn in turns(dialogue)]
    command = f"python -m baselines.controls.choose_reply --data {dataset.name} --split {split}"
    if text is not None:
        turn = shortest(candidates, text)
        _store(dataset, split, turn, target, command=f"{command} --text {text}")
        click.echo(f'"{turn.text}" of {turn.dialogue}.')
        return
    if len(references) < 2:
        raise InputError(
            f"{data}, {split}: the listeners of {len(references)} dialogues say something; expected two or more."
        )
    turn, score = best_turn(candidates, references)
    _store(dataset, split, turn, target, command=command, mean_rouge_l=round(score, 4))
    click.echo(f'"{turn.text}" of {turn.dialogue}: mean ROUGE-L {score:.4f} over {len(references)} dialogues.')


def _store(dataset: DataSet, split: str, turn: Turn, target: Path, **more: object) -> None:
    source = f"{dataset.name} {dataset.version} {split}/{turn.dialogue}"
    store(cut(dataset.dialogue(split, turn.dialogue), turn.words), target, source=source, **more)


if __name__ == "__main__":
    sys.exit(run_command(choose, "python -m baselines.controls.choose_reply"))
