"""What a submission to a split must hold: its ids, and how long each dialogue is. From the data set alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from omnibench.datasets.base import DataSet
from omnibench.errors import AbsentError
from omnibench.predictions.soundness import UNKNOWN, Length


@dataclass(frozen=True, slots=True)
class Expectation:
    """A split: name, hash and dialogues in the manifest's order. ``accepted`` are the hashes under which answers to it
    may come: that of the split, and where its listeners are withheld from teams, that of what these got.
    """

    data: str
    version: str
    split: str
    manifest: str
    dialogues: Mapping[str, Length]
    accepted: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of all dialogues together, as far as it is known."""
        return sum(length.seconds or 0.0 for length in self.dialogues.values())

    def to_json(self) -> dict[str, Any]:
        """For the process that inspects the files."""
        return {name: [d.frames, None if d.fps is None else str(d.fps)] for name, d in self.dialogues.items()}


def lengths_from_json(content: Mapping[str, Any]) -> dict[str, Length]:
    """The dialogues of what `Expectation.to_json` made."""
    return {name: Length(frames, None if fps is None else Fraction(fps)) for name, (frames, fps) in content.items()}


def expect(dataset: DataSet, split: str) -> Expectation:
    """Read the lengths of a split. Raises UsageError for a split that is not there, InputError for recordings whose
    length cannot be told though they are.
    """
    dialogues = {}
    for name in dataset.ids(split):
        dialogue = dataset.dialogue(split, name)
        try:
            dialogues[name] = Length(dialogue.frames, dialogue.fps)
        except AbsentError:
            dialogues[name] = UNKNOWN
    known = dataset.known_hashes(split)
    return Expectation(dataset.name, dataset.version, split, known[0], dialogues, known)
