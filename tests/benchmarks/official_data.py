"""140 synthetic dialogues as long as ResponseNet's: answers and human listeners, text and face coefficients.

The paper gives the clips' lengths: 27.13 to 863.13 s, 73.39 s in the mean; a log-normal law between those has that mean
here. The listener says 1.5 words a second (110 in the mean, up to 1,300), in sentences of the embedded data set, of
which the answer shares one in three with the human. Faces move smoothly at 30 frames a second.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from omnibench.datasets.opening import open_dataset

DIALOGUES = 140
SHORTEST, LONGEST, MEAN = 27.13, 863.13, 73.39
SPREAD = 1.05
FPS = 30
WORDS_A_SECOND = 1.5
SHARED = 1 / 3


@dataclass(frozen=True)
class Folders:
    """``data`` is in ResponseNet layout, ``predictions`` in omnibench's; the official scripts take a part of each."""

    data: Path
    predictions: Path

    def human(self, part: str) -> Path:
        """The human listeners' files of a part."""
        return self.data / "test" / part / "listener"

    def answers(self, part: str) -> Path:
        """The answers' files of a part."""
        return self.predictions / part


def seconds(dialogues: int = DIALOGUES) -> np.ndarray:
    """Lengths of the clips, ``(dialogues,)``, evenly spaced quantiles of the law, shuffled."""
    normal = NormalDist()
    quantiles = np.array([normal.inv_cdf((i + 0.5) / dialogues) for i in range(dialogues)])
    beyond = np.exp(SPREAD * quantiles)
    beyond *= (MEAN - SHORTEST) / beyond.mean()
    beyond[-1] = LONGEST - SHORTEST
    beyond[:-1] *= ((MEAN - SHORTEST) * dialogues - beyond[-1]) / beyond[:-1].sum()
    return np.random.default_rng(0).permutation(SHORTEST + beyond)


def write_texts(root: Path) -> Folders:
    """Text files alone, of everybody."""
    folders = Folders(root / "data", root / "predictions")
    for number, length in enumerate(seconds()):
        rng = np.random.default_rng([1, number])
        words = round(length * WORDS_A_SECOND)
        human = _speech(rng, words, [])
        answer = _speech(rng, words, [s for s in human if rng.random() < SHARED])
        for folder, spoken in (
            (folders.human("text"), human),
            (folders.data / "test" / "text" / "speaker", human),
            (folders.answers("text"), answer),
        ):
            _write_text(folder / f"{number:03d}.json", spoken, length)
    return folders


def write_vectors(root: Path) -> Folders:
    """Face coefficients alone, and the frame rate that no video tells."""
    folders = Folders(root / "data", root / "predictions")
    for number, length in enumerate(seconds()):
        for side, folder in enumerate((folders.human("vector"), folders.answers("vector"))):
            folder.mkdir(parents=True, exist_ok=True)
            np.save(folder / f"{number:03d}.npy", _face(np.random.default_rng([2, number, side]), length, side))
    entries = [{"id": f"{number:03d}", "fps": str(FPS)} for number in range(DIALOGUES)]
    (folders.data / "manifest.json").write_text(json.dumps({"name": "long", "splits": {"test": entries}}))
    return folders


@cache
def _sentences() -> list[str]:
    data = open_dataset("mini")
    dialogues = [data.dialogue("train", name) for name in data.ids("train")]
    texts = [track.text for dialogue in dialogues for track in (dialogue.listener, dialogue.speaker)]
    return [text for text in texts if text.strip()]


def _speech(rng: np.random.Generator, words: int, begin: list[str]) -> list[str]:
    """Sentences of ``words`` words or a few more, in random order."""
    spoken, sentences = list(begin), _sentences()
    while sum(len(sentence.split()) for sentence in spoken) < words:
        spoken.insert(int(rng.integers(len(spoken) + 1)), sentences[int(rng.integers(len(sentences)))])
    return spoken


def _write_text(path: Path, spoken: list[str], length: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    words = " ".join(spoken).split()
    step = length / len(words)
    timed = [
        {"text": word, "start": round(i * step, 3), "end": round((i + 0.8) * step, 3)} for i, word in enumerate(words)
    ]
    path.write_text(json.dumps({"text": " ".join(words), "words": timed}))


def _face(rng: np.random.Generator, length: float, side: int) -> np.ndarray:
    """``(T, 64)`` float32: sums of slow sines of every coefficient's own size, mixed so that they correlate."""
    time = np.arange(round(length * FPS), dtype=np.float32)[:, None] / FPS
    curves = sum(
        np.sin(rng.uniform(0.2, 6.0, 64).astype(np.float32) * time + rng.uniform(0, 6.28, 64).astype(np.float32))
        for _ in range(3)
    )
    mixing = np.random.default_rng(3 + side).normal(0, 0.05, (64, 64)).astype(np.float32)
    return np.asarray(curves @ mixing + 0.01 * rng.standard_normal(curves.shape), dtype=np.float32)
