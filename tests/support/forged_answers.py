"""People's recordings as answers, and what a cheat could make of them: one part taken away, exchanged or moved."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from omnibench.datasets.base import DataSet
from omnibench.media.audio import write_wav
from omnibench.media.face import BLENDSHAPES
from omnibench.types import Dialogue

LIPS = [place for place, name in enumerate(BLENDSHAPES) if name.startswith(("mouth", "jaw"))]
Parts = dict[str, Any]


def people(dialogue: Dialogue) -> Parts:
    """The human listener's words, sound ``(n,)`` and face ``(T, 64)``."""
    listener = dialogue.listener
    return {"words": listener.words, "audio": np.array(listener.audio()), "face": np.array(listener.face())}


def none(mine: Parts, other: Parts, rate: int) -> Parts:
    """The people themselves."""
    return mine


def silent(mine: Parts, other: Parts, rate: int) -> Parts:
    """Words without sound."""
    return {**mine, "audio": np.zeros_like(mine["audio"])}


def noise(mine: Parts, other: Parts, rate: int) -> Parts:
    """White noise in the place of a voice."""
    hiss = np.random.default_rng(0).normal(0, 0.1, len(mine["audio"]))
    return {**mine, "audio": np.clip(hiss, -1, 1).astype(np.float32)}


def other_voice(mine: Parts, other: Parts, rate: int) -> Parts:
    """The sound of another dialogue's listener, another person."""
    sound = np.zeros_like(mine["audio"])
    taken = other["audio"][: len(sound)]
    sound[: len(taken)] = taken
    return {**mine, "audio": sound}


def delayed(mine: Parts, other: Parts, rate: int) -> Parts:
    """The sound half a second later than words and face."""
    late = np.concatenate([np.zeros(rate // 2, np.float32), mine["audio"]])
    return {**mine, "audio": late[: len(mine["audio"])]}


def swapped(mine: Parts, other: Parts, rate: int) -> Parts:
    """The words of another dialogue's listener."""
    return {**mine, "words": other["words"]}


def frozen_lips(mine: Parts, other: Parts, rate: int) -> Parts:
    """Mouth and jaw as in the first frame; the rest moves."""
    face = mine["face"].copy()
    face[:, LIPS] = face[:1, LIPS]
    return {**mine, "face": face}


Attack = Callable[[Parts, Parts, int], Parts]
ATTACKS: dict[str, Attack] = {
    attack.__name__: attack for attack in (none, silent, noise, other_voice, delayed, swapped, frozen_lips)
}


def write_answers(folder: Path, dataset: DataSet, split: str, names: Sequence[str], attack: Attack) -> Path:
    """Predictions to ``names``; the other dialogue is the next one whose listener is another person and speaks."""
    dialogues = {name: dataset.dialogue(split, name) for name in names}
    for part in ("text", "audio", "vector"):
        (folder / part).mkdir(parents=True)
    for place, (name, dialogue) in enumerate(dialogues.items()):
        following = [dialogues[names[(place + step) % len(names)]] for step in range(1, len(names))]
        other = next(
            each
            for each in following
            if each.listener.words and each.identities["listener"] != dialogue.identities["listener"]
        )
        made = attack(people(dialogue), people(other), dialogue.sample_rate)
        words = [{"text": word.text, "start": word.start, "end": word.end} for word in made["words"]]
        text = {"text": " ".join(word.text for word in made["words"]), "words": words}
        (folder / "text" / f"{name}.json").write_text(json.dumps(text))
        write_wav(folder / "audio" / f"{name}.wav", made["audio"], dialogue.sample_rate)
        np.save(folder / "vector" / f"{name}.npy", made["face"])
    return folder
