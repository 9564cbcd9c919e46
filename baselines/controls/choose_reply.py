"""Chooses the reply of ``constant_reply`` on a train split and stores it beside the control.

python -m baselines.controls.choose_reply --data mini --split train
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
import numpy as np

from baselines.controls.constant_reply import STORED
from omnibench.datasets.base import DataSet, open_dataset
from omnibench.errors import InputError
from omnibench.media.atomic import write_bytes, write_text
from omnibench.types import Dialogue, Word

LONGEST_GAP = 0.7
MARGIN_SECONDS = 0.08


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
    from omnibench.metrics.rouge import rouge_l_package

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


def store(dataset: DataSet, split: str, turn: Turn, score: float) -> None:
    """Write the turn's words, voice and face beside the control."""
    import soundfile

    from omnibench.media.audio import to_pcm16

    dialogue = dataset.dialogue(split, turn.dialogue)
    track, rate, fps = dialogue.listener, dialogue.sample_rate, dialogue.fps
    first = max(0, int((turn.words[0].start - MARGIN_SECONDS) * fps))
    last = min(dialogue.frames, int((turn.words[-1].end + MARGIN_SECONDS) * fps) + 1)
    begin = float(first / fps)
    words = [{"text": w.text, "start": round(w.start - begin, 4), "end": round(w.end - begin, 4)} for w in turn.words]
    voice, faces = io.BytesIO(), io.BytesIO()
    audio = track.audio(round(first * rate / fps), round(last * rate / fps))
    soundfile.write(voice, to_pcm16(audio), rate, format="FLAC")
    np.savez_compressed(faces, face=track.face(first, last))
    write_bytes(STORED.with_suffix(".flac"), voice.getvalue())
    write_bytes(STORED.with_suffix(".npz"), faces.getvalue())
    record = {
        "text": turn.text,
        "words": words,
        "fps": str(fps),
        "mean_rouge_l": round(score, 4),
        "source": f"{dataset.name} {dataset.version} {split}/{turn.dialogue}",
        "command": f"python -m baselines.controls.choose_reply --data {dataset.name} --split {split}",
    }
    write_text(STORED, json.dumps(record, indent=1) + "\n")


@click.command()
@click.option("--data", default="mini", show_default=True)
@click.option("--split", default="train", show_default=True)
def choose(data: str, split: str) -> None:
    """Choose the best constant reply on a train split and store it."""
    dataset = open_dataset(data)
    dialogues = [dataset.dialogue(split, name) for name in dataset.ids(split)]
    references = {d.id: d.listener.text for d in dialogues if d.listener.text.strip()}
    candidates = [turn for dialogue in dialogues for turn in turns(dialogue)]
    if len(references) < 2:
        raise InputError(
            f"{data}, {split}: the listeners of {len(references)} dialogues say something; expected two or more."
        )
    turn, score = best_turn(candidates, references)
    store(dataset, split, turn, score)
    click.echo(f'"{turn.text}" of {turn.dialogue}: mean ROUGE-L {score:.4f} over {len(references)} dialogues.')


if __name__ == "__main__":
    choose()
