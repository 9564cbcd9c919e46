"""Ground truth in disguise: words replaced, sound at another speed, faces under noise. Found by its distribution.

One dialogue proves little, since people say alike things. So each dialogue with an answer gets a likeness to the human
listener's, and the split is judged by how many dialogues reach a level that few of an honest listener's do: a flag is
raised where so many would come up by chance less often than once in 2000 splits. Levels were chosen on the train and
val splits of ``mini`` alone, between what other people's replies and all models and controls reach, and what disguised
recordings do; `tests/benchmarks/bench_disguised_truth.py` prints both. Where the listeners of another data set are more
alike among themselves, its levels are higher.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from leaderboard.judging.alike_faces import face_likeness
from leaderboard.judging.alike_sound import Bands, bands_of, sound_likeness
from leaderboard.judging.shared_words import Rarity, rarity_among, shared_information
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.predictions.folder import PredictedDialogue
from omnibench.types import Dialogue

CHANCE: Final = 5e-4
LEAST_ALIKE: Final = 3
ABOVE_PEERS: Final = 0.02
"""How far a level lies above what the listeners of the data set reach among themselves."""


@dataclass(frozen=True, slots=True)
class Level:
    """A likeness that at most the share ``rate`` of an honest listener's dialogues reaches."""

    value: float
    rate: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A flag: what is alike, as a sentence begins, and its levels, the highest first."""

    flag: str
    title: str
    levels: tuple[Level, ...]


WORDS: Final = Kind(
    "shares_ground_truth_words",
    "The answers share more words with the human listener's than a listener can know",
    (Level(0.5, 0.02), Level(0.4, 0.05)),
)
SOUND: Final = Kind(
    "resembles_ground_truth_audio",
    "The sound is like the human listener's, at some tempo and pitch",
    (Level(0.74, 0.02), Level(0.66, 0.1)),
)
FACES: Final = Kind(
    "resembles_ground_truth_face",
    "The face moves like the human listener's, at some tempo and delay",
    (Level(0.65, 0.02), Level(0.55, 0.1)),
)
KINDS: Final = (WORDS, SOUND, FACES)


@dataclass(frozen=True, slots=True)
class Person:
    """What of one person's side of a dialogue is compared; None for parts that are not there."""

    text: str | None
    sound: Bands | None
    face: NDArray[np.floating] | None


@dataclass
class Alikeness:
    """One kind over a split: how alike each answer is, and how alike the listeners are to one another."""

    kind: Kind
    answers: dict[str, float] = field(default_factory=dict)
    peers: list[float] = field(default_factory=list)

    def flag(self) -> dict[str, Any] | None:
        """The flag with its evidence (fields of `leaderboard.entry.schema.Flag`), or None."""
        for level in self.kind.levels:
            value = self._value(level)
            alike = {name: likeness for name, likeness in self.answers.items() if likeness >= value}
            total = len(self.answers)
            if len(alike) >= LEAST_ALIKE and bdtrc(len(alike) - 1, total, level.rate) < CHANCE:
                likeness = np.array(list(self.answers.values()))
                message = (
                    f"{self.kind.title}: in {len(alike)} of {total} dialogues the likeness is {value:.2f} or more, "
                    f"which an honest listener reaches in at most {level.rate:.0%}; the median is "
                    f"{np.median(likeness):.2f}, the highest {likeness.max():.2f}."
                )
                return {"kind": self.kind.flag, "message": message, "dialogues": list(alike)}
        return None

    def check(self) -> str:
        """What `leaderboard.entry.schema.Verification` says of the check."""
        if len(self.answers) >= LEAST_ALIKE:
            return "checked"
        return f"not looked for: {len(self.answers)} dialogues can be compared, and it takes {LEAST_ALIKE}"

    def _value(self, level: Level) -> float:
        if not self.peers:
            return level.value
        return max(level.value, float(np.quantile(self.peers, 1 - level.rate)) + ABOVE_PEERS)


class Comparison:
    """Takes the dialogues of a split one after the other, and keeps how alike answer and human listener are.

    Args:
        dataset: with the people.
        split: of it.
    """

    def __init__(self, dataset: DataSet, split: str) -> None:
        self.found = {kind.flag: Alikeness(kind) for kind in KINDS}
        self._rarity: Rarity = rarity_among(dialogue.listener.text for dialogue in dataset.dialogues(split))
        self._before: Person | None = None

    def add(self, answer: PredictedDialogue, reference: Dialogue) -> None:
        """Compare one answer with its human listener, and that one with the listener of the dialogue before."""
        human, heard = person_of(reference), reference.speaker.text
        mine = Person(answer.text, None if answer.audio is None else bands_of(*answer.audio), answer.face)
        fps = _rate(reference)
        for flag, likeness in alike(mine, human, heard, fps, self._rarity).items():
            self.found[flag].answers[reference.id] = likeness
        if self._before is not None:
            for flag, likeness in alike(self._before, human, heard, fps, self._rarity).items():
                self.found[flag].peers.append(likeness)
        self._before = human

    def flags(self) -> list[dict[str, Any]]:
        """Those that are raised."""
        return [flag for found in self.found.values() if (flag := found.flag()) is not None]

    def checks(self) -> dict[str, str]:
        """What was looked for, by kind of flag."""
        return {flag: found.check() for flag, found in self.found.items()}


def person_of(reference: Dialogue) -> Person:
    """The human listener of a dialogue."""
    human = reference.listener
    sound = bands_of(human.audio(), reference.sample_rate) if human.has_audio else None
    return Person(human.text, sound, None if human.file("vector") is None else human.face())


def alike(mine: Person, human: Person, heard: str, fps: float | None, rarity: Rarity) -> dict[str, float]:
    """The likeness of each kind that can be compared.

    Args:
        mine: an answer.
        human: the human listener.
        heard: what the speaker says.
        fps: frames per second; None where nothing tells, and then faces are not compared.
        rarity: of the words.
    """
    found: dict[str, float | None] = {}
    if mine.text is not None and human.text is not None:
        found[WORDS.flag] = shared_information(mine.text, human.text, heard, rarity)
    if mine.sound is not None and human.sound is not None:
        found[SOUND.flag] = sound_likeness(mine.sound, human.sound)
    if mine.face is not None and human.face is not None and fps is not None:
        found[FACES.flag] = face_likeness(mine.face, human.face, fps)
    return {flag: likeness for flag, likeness in found.items() if likeness is not None}


def _rate(reference: Dialogue) -> float | None:
    try:
        return float(reference.fps)
    except InputError:
        return None
