"""Whether answers speak in the voice that the model was given as a reference, or in that of another person.

A model with one voice of its own for everybody claims no other, and is left alone; so is one whose answers sound more
like their references than like the other people's. What is left are answers in changing voices that are not the
references': recordings of others, say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.base import DataSet
from omnibench.errors import MissingError
from omnibench.features.speaker import voice_vector
from omnibench.types import Audio, Dialogue

Vector = NDArray[np.float32]

LEAST: Final = 6
"""Dialogues."""
LEAST_PEOPLE: Final = 3
MOST: Final = 40
"""Dialogues that are listened to, evenly over the split."""
LEAST_SECONDS: Final = 1.6
MOST_SECONDS: Final = 6.4
NEARER: Final = 0.03
"""Mean difference of cosines. People: .30 and more; other people's recordings: -.03 and less; omniresponse: .10."""
ONE_VOICE: Final = 0.75
"""Mean cosine of answers to different people. People: .58 and less; omniresponse: .70."""


@dataclass
class Voices:
    """Unit vectors (`omnibench.features.speaker`) of answers and of their references, by dialogue."""

    answers: dict[str, Vector] = field(default_factory=dict)
    references: dict[str, tuple[str, Vector]] = field(default_factory=dict)
    """With the person."""
    missing: str = ""
    """Why no voice is told from another on this machine."""

    @classmethod
    def of(cls, dataset: DataSet, split: str) -> Voices:
        """The references of at most `MOST` dialogues of a split, in which the listener's person is known."""
        names, found = dataset.ids(split), cls()
        places = np.unique(np.linspace(0, len(names) - 1, min(MOST, len(names))).round().astype(int))
        for name in (names[place] for place in places):
            dialogue = dataset.dialogue(split, name)
            person, reference = dialogue.identities.get("listener", ""), dataset.voice_reference(split, name)
            if person and reference is not None:
                vector = found._vector(reference[0], dialogue.sample_rate)
                if vector is not None:
                    found.references[name] = person, vector
        return found

    def add(self, dialogue: Dialogue, samples: Audio, rate: int, voice: Sequence[tuple[float, float]]) -> None:
        """One answer with sound: samples ``(n,)`` at ``rate``, and where a voice is in them, in seconds."""
        if dialogue.id not in self.references:
            return
        parts = [samples[round(start * rate) : round(end * rate)] for start, end in voice]
        vector = self._vector(np.concatenate(parts), rate) if parts else None
        if vector is not None:
            self.answers[dialogue.id] = vector

    def flag(self) -> dict[str, Any] | None:
        """The flag with its evidence (fields of `leaderboard.entry.schema.Flag`), or None."""
        margins = self.margins()
        if self.unlooked() is not None or self.one_voice() >= ONE_VOICE:
            return None
        mean = float(np.mean(list(margins.values())))
        if mean >= NEARER:
            return None
        message = (
            f"The answers speak in changing voices, and not in those that were given: over {len(margins)} dialogues "
            f"they are by {mean:+.2f} more like their own reference than like other people's (difference of cosines)."
        )
        names = [name for name, margin in margins.items() if margin < NEARER]
        return {"kind": "another_voice", "message": message, "dialogues": names}

    def unlooked(self) -> str | None:
        """Why voices cannot be judged; None where they can."""
        if self.missing:
            return f"not looked for: {self.missing}"
        found = self.margins()
        people = len({self.references[name][0] for name in found})
        if len(found) < LEAST or people < LEAST_PEOPLE:
            return (
                f"not looked for: {len(found)} dialogues of {people} people have a voice and a reference, and it takes "
                f"{LEAST} of {LEAST_PEOPLE}"
            )
        return None

    def check(self) -> str:
        """What `leaderboard.entry.schema.Verification` says of the check."""
        if (reason := self.unlooked()) is not None:
            return reason
        return "checked" if self.one_voice() < ONE_VOICE else "not looked for: the model has one voice of its own"

    def _vector(self, speech: Audio, rate: int) -> Vector | None:
        if self.missing or len(speech) < LEAST_SECONDS * rate:
            return None
        try:
            return voice_vector(speech[: round(MOST_SECONDS * rate)], rate)
        except MissingError as error:
            self.missing = str(error)
            return None

    def margins(self) -> dict[str, float]:
        """By dialogue how much nearer an answer is to its own reference than to those of other people (the mean of
        each), as a difference of cosines, from -1 to 1; left out where nobody else is.
        """
        found = {}
        for name, mine in self.answers.items():
            person, own = self.references[name]
            others: dict[str, list[float]] = {}
            for theirs, vector in self.references.values():
                if theirs != person:
                    others.setdefault(theirs, []).append(float(mine @ vector))
            if others:
                found[name] = float(mine @ own) - float(np.mean([np.mean(each) for each in others.values()]))
        return found

    def one_voice(self) -> float:
        """How alike answers to different people are, the mean of all pairs' cosines, 0 to 1; 0 without a pair."""
        names = list(self.answers)
        pairs = [
            float(self.answers[a] @ self.answers[b])
            for i, a in enumerate(names)
            for b in names[:i]
            if self.references[a][0] != self.references[b][0]
        ]
        return float(np.mean(pairs)) if pairs else 0.0
