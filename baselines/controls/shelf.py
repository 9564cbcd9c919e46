"""What ``jukebox`` chooses from: the answered turns of a train split, by what was said before each answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from baselines.controls.recordings import Reply, cut
from omnibench.datasets.base import DataSet
from omnibench.errors import InputError
from omnibench.features.turns import floor_of, units_of
from omnibench.files.atomic import write_bytes, write_text
from omnibench.types import Dialogue, Word

ENCODER: Final = "minilm-l6-v2"
LAYERS: Final = 6
PAUSE_SECONDS: Final = 0.6
BACKCHANNEL_SECONDS, BACKCHANNEL_WORDS = 1.0, 3
_BATCH: Final = 64

Keys = NDArray[np.float32]


@dataclass(frozen=True)
class Shelf:
    """Answers by what they answer.

    ``heard`` are the speaker's turns, ``keys`` their directions ``(n, width)`` as `encode` gives them, and ``reply``
    gets answer ``n``.
    """

    heard: tuple[str, ...]
    keys: Keys
    reply: Callable[[int], Reply]

    def nearest(self, key: Keys) -> int:
        """The turn whose direction is closest to ``key`` (width,); the first of equals."""
        return int(np.argmax(self.keys @ key))


def encode(texts: Sequence[str], device: str = "cpu") -> Keys:
    """Directions ``(n, width)`` of texts: of each the mean of its word pieces' directions in MiniLM's last layer.

    Raises:
        MissingError: the network is not on this machine.
    """
    from omnibench.assets.finding import group_folder
    from omnibench.metrics.text.embeddings import load_encoder

    encoder = load_encoder(group_folder(ENCODER), LAYERS, device)
    found = []
    for first in range(0, len(texts), _BATCH):
        found += [text.pieces.mean(dim=0).numpy() for text in encoder.embed(texts[first : first + _BATCH])]
    keys: Keys = np.stack(found)
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    return keys


def answered(dialogue: Dialogue) -> Iterator[tuple[str, tuple[Word, ...]]]:
    """The speaker's turns, each with the words of the listener's answer: stretches without a pause of `PAUSE_SECONDS`,
    between which the floor changes hands (`omnibench.features.turns.floor_of`); backchannels answer nothing.
    """
    said, answers = dialogue.speaker.words, dialogue.listener.words
    floor = floor_of(
        units_of(said, PAUSE_SECONDS), units_of(answers, PAUSE_SECONDS),
        PAUSE_SECONDS, BACKCHANNEL_SECONDS, BACKCHANNEL_WORDS,
    )  # fmt: skip
    for before, after in floor.transfers:
        heard = " ".join(word.text for word in said if before.start <= word.start < before.end)
        yield heard, tuple(word for word in answers if after.start <= word.start < after.end)


def shelf_of(dataset: DataSet, split: str, device: str = "cpu") -> Shelf:
    """The answered turns of a split; voices and faces are read when they are played.

    Raises:
        UsageError: the data set has no such split.
        InputError: nobody answers anything in it.
        MissingError: the encoder is not on this machine.
    """
    pairs = [(name, *pair) for name in dataset.ids(split) for pair in answered(dataset.dialogue(split, name))]
    if not pairs:
        raise InputError(f"{dataset.name}, {split}: no listener answers a turn there; expected one answer at least.")

    def reply(number: int) -> Reply:
        name, _, words = pairs[number]
        return cut(dataset.dialogue(split, name), words)

    heard = tuple(text for _, text, _ in pairs)
    return Shelf(heard, encode(heard, device), reply)


def store_shelf(shelf: Shelf, target: Path, **more: object) -> None:
    """Write a shelf whose answers have one sample rate to ``target``, a JSON file with ``more``; all voices in one OGG
    and all faces in one archive lie beside it.
    """
    import soundfile

    replies = [shelf.reply(number) for number in range(len(shelf.heard))]
    turns = [
        {
            "heard": heard,
            "words": [[word.text, word.start, word.end] for word in reply.words],
            "samples": len(reply.audio),
            "frames": len(reply.face),
            "fps": str(reply.fps),
        }
        for heard, reply in zip(shelf.heard, replies, strict=True)
    ]
    voices, arrays = io.BytesIO(), io.BytesIO()
    rate = replies[0].sample_rate
    with soundfile.SoundFile(voices, "w", rate, 1, "VORBIS", format="OGG") as file:
        for reply in replies:  # libsndfile's encoder does not live through a minute in one piece
            file.write(reply.audio)
    np.savez_compressed(arrays, keys=shelf.keys, face=np.concatenate([reply.face for reply in replies]))
    write_bytes(target.with_suffix(".ogg"), voices.getvalue())
    write_bytes(target.with_suffix(".npz"), arrays.getvalue())
    lines = ",\n  ".join(json.dumps(turn, ensure_ascii=False) for turn in turns)
    head = json.dumps(more, indent=1, ensure_ascii=False).removesuffix("\n}")
    write_text(target, f'{head},\n "turns": [\n  {lines}\n ]\n}}\n')


@cache
def stored_shelf(stored: Path) -> Shelf:
    """What `store_shelf` left."""
    from omnibench.media.audio import audio_info, read_audio

    turns: list[dict[str, Any]] = json.loads(stored.read_text(encoding="utf-8"))["turns"]
    voices = stored.with_suffix(".ogg")
    with np.load(stored.with_suffix(".npz"), allow_pickle=False) as arrays:
        keys, faces = arrays["keys"], arrays["face"]
    samples, frames = (np.cumsum([0, *(turn[part] for turn in turns)]) for part in ("samples", "frames"))
    audio, rate = read_audio(voices), audio_info(voices).sample_rate

    def reply(number: int) -> Reply:
        turn, after = turns[number], number + 1
        return Reply(
            tuple(Word(*word) for word in turn["words"]),
            audio[samples[number] : samples[after]],
            rate,
            faces[frames[number] : frames[after]],
            Fraction(turn["fps"]),
        )

    return Shelf(tuple(turn["heard"] for turn in turns), keys, reply)
