"""What a voice can be taught from without hearing it: the synthesiser's plans, line by line.

One file a dialogue, ``targets/both/<id>.npz``, of arrays that lie one after the other:

* ``about``: UTF-8 of a JSON list, an object a line, the speaker's and then the listener's: ``role``, ``person``,
  ``voice``, ``mood``, ``kind``, ``text``, ``phonemes``, and ``start``: where in the dialogue, in seconds, the line is
  heard from, 30 ms before its first word.
* ``frames``: int16, how many frames of 25 ms each symbol takes, with the silence of both ends: ``len(phonemes) + 2``.
* ``pitch`` (Hz, about 0 where nothing is voiced) and ``energy`` (log of the spectrum's norm): float16, two a frame.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from omnibench.files.atomic import atomic_path
from omnibench.studio.chat.order import Dialogue
from omnibench.studio.people import Person
from omnibench.studio.performance import Performance
from omnibench.studio.script import ROLES
from omnibench.studio.speech.planned import PlannedLine, plan_lines, said
from omnibench.studio.timeline import perform
from omnibench.studio.voice import Utterance
from omnibench.studio.writing import write_words


def write_targets(root: Path, dialogue: Dialogue) -> tuple[Performance, list[Path]]:
    """Plan a dialogue without sounding it; write both people's words and the targets below ``root``."""
    plans: dict[tuple[str, str, str], tuple[PlannedLine, ...]] = {}

    def planned(text: str, person: Person, mood: str) -> Utterance:
        plans[person.id, mood, text] = lines = plan_lines(text, person, mood)
        return said(lines, sound=False)

    performance = perform(dialogue.script, dialogue.casting, planned)
    path = root / "targets" / "both" / f"{dialogue.id}.npz"
    about: list[dict[str, Any]] = []
    chosen: list[PlannedLine] = []
    for role in ROLES:
        person = dialogue.casting.of(role)
        for turn in performance.part(role).spoken:
            for line in plans[person.id, turn.mood, turn.text]:
                chosen.append(line)
                about.append({
                    "role": role, "person": person.id, "voice": person.voice, "mood": turn.mood, "kind": turn.kind,
                    "text": " ".join(word.text for word in line.spoken), "start": turn.start, "phonemes": line.phonemes,
                })  # fmt: skip
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(
            handle,
            about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8),
            frames=np.concatenate([line.prosody.frames for line in chosen]).astype(np.int16),
            pitch=np.concatenate([line.prosody.pitch for line in chosen]).astype(np.float16),
            energy=np.concatenate([line.prosody.energy for line in chosen]).astype(np.float16),
        )
    words = [write_words(root / "text" / role / f"{dialogue.id}.json", performance.part(role)) for role in ROLES]
    return performance, [*words, path]


def read_targets(path: Path) -> list[dict[str, Any]]:
    """The lines of a targets file: what ``about`` says of each, with its own ``frames``, ``pitch`` and ``energy``."""
    with np.load(path, allow_pickle=False) as arrays:
        frames, pitch, energy = (arrays[name] for name in ("frames", "pitch", "energy"))
        lines: list[dict[str, Any]] = json.loads(arrays["about"].tobytes())
    symbol = value = 0
    for line in lines:
        line["frames"] = frames[symbol : symbol + len(line["phonemes"]) + 2]
        symbol += len(line["frames"])
        values = 2 * int(line["frames"].sum())
        line["pitch"], line["energy"] = pitch[value : value + values], energy[value : value + values]
        value += values
    return lines
