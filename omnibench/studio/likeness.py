"""Who sounds like whom in a data set, and how well a few seconds of speech tell who is speaking.

    python -m omnibench.studio.likeness                     the studio's people beside mini's
    python -m omnibench.studio.likeness DIR --known mini    those of a folder in ResponseNet layout

Likeness is the cosine of two people's mean embeddings by Resemblyzer's voice encoder (Wan et al. 2018, generalised
end-to-end loss; Apache-2.0). Its own requirements name one without wheels, so it is installed without them.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.voice import spoken
from omnibench.errors import InputError, MismatchError, MissingError, OmnibenchError
from omnibench.system.progress import Ticker
from omnibench.types import Audio

Floats = NDArray[np.float32]

MODEL_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
INSTALL: Final = "pip install 'omnibench[readback]' && pip install --no-deps resemblyzer==0.1.4"
SECONDS: Final = 4.0
"""Length of an utterance, the pauses of more than 0.3 s left out."""

MOST: Final = 20
"""Utterances of a person that are heard, spread over all of the person's."""

HIGHEST_LIKENESS: Final = 0.80
HIGHEST_ERROR: Final = 0.03


@cache
def _encoder() -> Any:
    """The network on the CPU. Raises MissingError, or InputError for other weights."""
    packages = [find_spec(name) for name in ("resemblyzer", "librosa", "webrtcvad")]
    if any(spec is None for spec in packages) or packages[0] is None or packages[0].origin is None:
        raise MissingError(f"Telling voices apart needs packages that are not installed. Get them with: {INSTALL}")
    weights = Path(packages[0].origin).parent / "pretrained.pt"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != MODEL_SHA256:
        raise InputError(f"{weights}: not the encoder that was validated (sha256 {MODEL_SHA256}). Get it: {INSTALL}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from resemblyzer import VoiceEncoder

    return VoiceEncoder("cpu", verbose=False)


def embedding(speech: Audio, rate: int) -> Floats:
    """What the encoder says of an utterance: a unit vector ``(256,)``. ``speech`` is ``(n,)`` in [-1, 1], > 1 s.

    Raises:
        MissingError: the packages are not installed.
        InputError: the weights are not the pinned ones.
    """
    encoder = _encoder()
    from resemblyzer import preprocess_wav

    vector: Floats = encoder.embed_utterance(preprocess_wav(speech, source_sr=rate))
    return vector


def utterances(datasets: Iterable[DataSet], seconds: float = SECONDS) -> dict[str, list[tuple[Audio, int]]]:
    """Every person's speech in pieces of ``seconds`` with their rates, across splits and data sets."""
    found: dict[str, list[tuple[Audio, int]]] = {}
    for dataset in datasets:
        for split in dataset.splits():
            with Ticker(f"read {dataset.name} {split}", len(dataset.ids(split))) as ticker:
                for dialogue in dataset.dialogues(split):
                    for role, person in dialogue.identities.items():
                        track = dialogue.speaker if role == "speaker" else dialogue.listener
                        if track.has_audio:
                            speech = spoken(track, dialogue.sample_rate, dialogue.duration)
                            pieces = _pieces(speech, round(seconds * dialogue.sample_rate))
                            found.setdefault(person, []).extend((piece, dialogue.sample_rate) for piece in pieces)
                    ticker.advance()
    return found


def _pieces(speech: Audio, length: int) -> Iterator[Audio]:
    """Whole pieces, and the rest where it is three quarters of one."""
    for start in range(0, len(speech), length):
        if len(speech) - start >= 0.75 * length:
            yield speech[start : start + length]


def embeddings(speech: Mapping[str, Sequence[tuple[Audio, int]]], most: int = MOST) -> dict[str, Floats]:
    """Per person ``(utterances, 256)``, at most ``most`` of them, evenly spread over what there is."""
    chosen = {
        person: [
            pieces[i] for i in np.unique(np.linspace(0, len(pieces) - 1, min(most, len(pieces))).round().astype(int))
        ]
        for person, pieces in sorted(speech.items())
        if pieces
    }
    heard: dict[str, Floats] = {}
    with Ticker("hear", sum(map(len, chosen.values())), "utterance") as ticker:
        for person, pieces in chosen.items():
            rows = []
            for piece, rate in pieces:
                rows.append(embedding(piece, rate))
                ticker.advance()
            heard[person] = np.stack(rows)
    return heard


@dataclass(frozen=True, slots=True)
class Nearest:
    """The one who sounds most like a person, and how much."""

    person: str
    other: str
    likeness: float


def nearest(heard: Mapping[str, Floats]) -> list[Nearest]:
    """For everybody the highest likeness to anybody else; two people at least.

    Example:
        >>> [x, y] = np.eye(2, dtype=np.float32)
        >>> nearest({"a": x[None], "b": y[None], "c": (x + y)[None]})[0]
        Nearest(person='a', other='c', likeness=0.7071)
    """
    people = list(heard)
    means = np.stack([heard[person].mean(0) for person in people]).astype(np.float64)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = means @ means.T
    np.fill_diagonal(alike, -np.inf)
    best = alike.argmax(1)
    return [
        Nearest(person, people[j], round(float(alike[i, j]), 4))
        for i, (person, j) in enumerate(zip(people, best, strict=True))
    ]


def trials(heard: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """The cosines of all pairs of utterances: of the same person, and of two people."""
    rows = np.concatenate(list(heard.values()))
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    of = np.repeat(np.arange(len(heard)), [len(own) for own in heard.values()])
    first, second = np.triu_indices(len(rows), 1)
    scores = (rows @ rows.T)[first, second]
    same = of[first] == of[second]
    return scores[same], scores[~same]


def equal_error_rate(same: NDArray[Any], other: NDArray[Any]) -> float:
    """The share of one person's pairs refused where as large a share of two people's is accepted, in 0..1.

    Example:
        >>> equal_error_rate(np.array([0.9, 0.8, 0.7, 0.3]), np.array([0.4, 0.2, 0.1, 0.0]))
        0.25
    """
    thresholds = np.unique(np.concatenate([same, other]))
    refused = np.searchsorted(np.sort(same), thresholds) / len(same)
    accepted = 1 - np.searchsorted(np.sort(other), thresholds) / len(other)
    at = np.argmin(np.abs(refused - accepted))
    return float((refused[at] + accepted[at]) / 2)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit 6 if a person is too like another or the equal error rate is too high."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.studio.likeness", description=main.__doc__)
    parser.add_argument("data", nargs="?", default="studio", help="the data set whose people are held to the limits")
    parser.add_argument("--known", action="append", metavar="DATA", help="people they are compared to as well [mini]")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of an utterance")
    parser.add_argument("--most", type=int, default=MOST, help="utterances of a person")
    options = parser.parse_args(arguments)
    known = ["mini"] if options.known is None else options.known
    try:
        of_data = utterances([open_dataset(options.data)], options.seconds)
        of_known = utterances([open_dataset(name) for name in known], options.seconds)
        heard = embeddings({**of_known, **of_data}, options.most)
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    rows = [row for row in nearest(heard) if row.person in of_data]
    error_rate = equal_error_rate(*trials(heard))
    print("| person | utterances | most like | likeness |\n|---|---:|---|---:|")
    for row in rows:
        print(f"| {row.person} | {len(heard[row.person])} | {row.other} | {row.likeness:.3f} |")
    print(f"\nEqual error rate of {len(heard)} people: {error_rate:.2%}")
    alike = [row.person for row in rows if row.likeness > HIGHEST_LIKENESS]
    if alike:
        print(f"Above {HIGHEST_LIKENESS}: {', '.join(alike)}", file=sys.stderr)
    if error_rate > HIGHEST_ERROR:
        print(f"Above {HIGHEST_ERROR:.0%}: the equal error rate", file=sys.stderr)
    return MismatchError.exit_code if alike or error_rate > HIGHEST_ERROR else 0


if __name__ == "__main__":
    raise SystemExit(main())
