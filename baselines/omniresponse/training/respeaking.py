"""More speech to read aloud from the same recordings: each said again faster and higher, and slower and lower.

Changing the speed of recordings is the plainest augmentation of speech there is (Ko et al. 2015). Both the tokens and
the voiceprint of such a voice are new; its words and their order are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.segment import Track
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.training.corpus import Side, say, swapped
from baselines.shared.audio_tokens import REFERENCE_SECONDS, loudest_stretch, tokens_of
from omnibench.media.face import FACE_DIM
from omnibench.types import Dialogue, Word

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec
    from omnibench.datasets.base import DataSet


def respoken_sides(
    sides: Sequence[Side],
    dataset: DataSet,
    split: str,
    tokenizer: ChronoTokenizer,
    codec: Codec,
    settings: Settings,
    cache: Path,
    seconds: NDArray[np.float32],
    on_side: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Side]:
    """Every side at every ratio of ``training.respoken``.

    Args:
        sides: of ``dataset``'s ``split``.
        dataset: holds the recordings.
        split: which part of it.
        tokenizer: gives the text tokens.
        codec: gives audio tokens and voiceprints.
        settings: of the markup and the ratios.
        cache: as in `load_sides`.
        seconds: as in `load_sides`.
        on_side: called with (sides done, sides in all).
    """
    ratios = [Fraction(ratio) for ratio in settings.training.respoken]
    found: list[Side] = []
    for side in sides:
        dialogue = dataset.dialogue(split, side.dialogue)
        for ratio in ratios:
            found.append(respoken(side, dialogue, ratio, tokenizer, codec, settings, cache, seconds))
            on_side(len(found), len(sides) * len(ratios))
    return found


def respoken(
    side: Side,
    dialogue: Dialogue,
    ratio: Fraction,
    tokenizer: ChronoTokenizer,
    codec: Codec,
    settings: Settings,
    cache: Path,
    seconds: NDArray[np.float32],
) -> Side:
    """A side as somebody would have said it who takes ``ratio`` times as long and has a voice as much lower.

    For reading aloud alone: its faces are zero, and nobody is heard.
    """
    person = (dialogue if side.role == "listener" else swapped(dialogue)).listener
    audio = person.audio() if person.has_audio else np.zeros(1, dtype=np.float32)
    stretched = resample_poly(audio, ratio.numerator, ratio.denominator).astype(np.float32)
    words = [Word(w.text, w.start * float(ratio), w.end * float(ratio)) for w in person.words]
    frames = int(len(stretched) * side.fps / codec.sample_rate)
    reference = loudest_stretch(stretched, REFERENCE_SECONDS * codec.sample_rate)
    sound = tokens_of(stretched, reference, codec, cache)
    said = say(words, frames, side.fps, sound.codes, tokenizer, codec, settings, seconds)
    faces = np.zeros((frames, FACE_DIM), dtype=np.float32)
    track = Track(
        first=0,
        listener=faces,
        speaker=faces,
        own=said.tokens,
        heard=np.full(frames, tokenizer.pause, dtype=np.int64),
        forms=said.forms,
        pacing=said.pacing,
        codes=said.codes,
        rest=faces[0] if frames else np.zeros(FACE_DIM, dtype=np.float32),
    )
    return Side(side.dialogue, side.role, side.fps, track, (), torch.from_numpy(sound.voiceprint), said.left_out)
