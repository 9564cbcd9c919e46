"""Chooses what ``echo`` asks with on mini's train split, and counts the words there.

python -m baselines.controls.choose_echo
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace

import click

from baselines.controls.echo import STORED, plain
from baselines.controls.recordings import cut, store
from baselines.controls.splicing import splice, word_of
from omnibench.datasets.opening import open_dataset
from omnibench.system.command_line import run_command


@click.command()
def choose() -> None:
    """Count the words of mini's train split, and cut "Really?" and "and" from the first listener who says both."""
    dataset = open_dataset("mini")
    dialogues = list(dataset.dialogues("train"))
    counts = Counter(plain(word.text) for d in dialogues for side in (d.speaker, d.listener) for word in side.words)
    said = [(d, {word.text.lower(): word for word in d.listener.words}) for d in dialogues]
    dialogue, words = next((d, words) for d, words in said if {"really?", "and"} <= set(words))
    turns = [cut(dialogue, [replace(words[text.lower()], text=text)]) for text in ("Really?", "and")]
    rate = dialogue.sample_rate
    reply = splice([word_of(turn, turn.words[0], rate) for turn in turns], rate, dialogue.fps)
    store(
        reply,
        STORED,
        source=f"{dataset.name} {dataset.version} train/{dialogue.id}",
        command="python -m baselines.controls.choose_echo",
        counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )
    click.echo(f"{len(counts)} words; the listener of {dialogue.id} says the two.")


if __name__ == "__main__":
    sys.exit(run_command(choose, "python -m baselines.controls.choose_echo"))
