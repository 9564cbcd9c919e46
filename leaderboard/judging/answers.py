"""Three looks at the answers to a split that need no human listener's reply to compare with: whether their parts belong
together, whose voice they have, and whether they were recorded from somebody else.
"""

from __future__ import annotations

from typing import Any

from leaderboard.judging.belonging import Belonging
from leaderboard.judging.recordings import Recordings
from leaderboard.judging.voices import Voices
from omnibench.datasets.base import DataSet
from omnibench.features.voice import media_voice
from omnibench.predictions.folder import PredictedDialogue
from omnibench.types import Dialogue


class Answers:
    """Takes the dialogues of a split one after the other.

    Args:
        dataset: with the recordings and the references of voices.
        split: of it.
    """

    def __init__(self, dataset: DataSet, split: str) -> None:
        self.dataset, self.split = dataset, split
        self.belonging = Belonging()
        self.recordings = Recordings.of(dataset, split)
        self.voices = Voices.of(dataset, split)

    def afresh(self) -> Answers:
        """One that has seen no answer, without reading the split again."""
        other = Answers.__new__(Answers)
        other.dataset, other.split, other.belonging = self.dataset, self.split, Belonging()
        other.recordings = Recordings(self.recordings.sounds)
        other.voices = Voices(references=self.voices.references, missing=self.voices.missing)
        return other

    def add(self, answer: PredictedDialogue, reference: Dialogue) -> None:
        """Look at one dialogue's answer."""
        self.belonging.add(answer, reference)
        if answer.audio is not None:
            samples, rate = answer.audio
            self.recordings.look(samples, rate, reference.id)
            self.voices.add(reference, samples, rate, media_voice(answer.media, self.belonging.features))

    def flags(self) -> list[dict[str, Any]]:
        """Those that are raised (fields of `leaderboard.entry.schema.Flag`)."""
        others = (self.recordings.flag(), self.voices.flag())
        return [*self.belonging.flags(), *(flag for flag in others if flag is not None)]

    def checks(self) -> dict[str, str]:
        """What was looked for, by kind of flag."""
        return {
            **self.belonging.checks(),
            "plays_a_recording": self.recordings.check(),
            "another_voice": self.voices.check(),
        }
