"""Dialogues of a data set as the model is trained on them: both roles, in memory; audio tokens cached on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.segment import Track
from baselines.omniresponse.text.chrono import SpeakerMarkup, chrono_tokens, read_words
from baselines.omniresponse.text.layout import HeardWord
from baselines.omniresponse.text.pacing import Pacing, recorded_pacing, symbol_seconds
from baselines.omniresponse.text.timestamps import without_ends
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.text.wordform import WordFormReader, WordForms
from baselines.shared.audio_tokens import ROLES, Role, Sound, cached_sound
from baselines.shared.conversations import without_gaps
from baselines.shared.schedule import TokenSchedule
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.transcript import Transcript
from omnibench.media.face import FACE_DIM
from omnibench.types import Dialogue, Word

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec
    from omnibench.datasets.base import DataSet


@dataclass(frozen=True, slots=True)
class Side:
    """A dialogue as one of its people lives it. ``left_out`` counts words that the markup has no room for."""

    dialogue: str
    role: Role
    fps: Fraction
    track: Track
    words: tuple[HeardWord, ...]
    voiceprint: Tensor
    left_out: int

    @property
    def steps(self) -> int:
        """Frames with a frame after them to answer for."""
        return len(self.track.own) - 1


def transcripts(dataset: DataSet, split: str) -> list[str]:
    """The texts of both people, dialogue by dialogue, for the tokenizer."""
    dialogues = (dataset.dialogue(split, name) for name in dataset.ids(split))
    return [" ".join(w.text for w in track.words) for d in dialogues for track in (d.speaker, d.listener)]


def speech_clips(dataset: DataSet, split: str) -> list[NDArray[np.float32]]:
    """All speech of both people at the data set's rate, for the codec."""
    dialogues = (dataset.dialogue(split, name) for name in dataset.ids(split))
    return [track.audio() for d in dialogues for track in (d.speaker, d.listener) if track.has_audio]


def speech_seconds(dataset: DataSet, split: str, tokenizer: ChronoTokenizer) -> NDArray[np.float32]:
    """``(SYMBOLS,)`` average lengths of the tokenizer's symbols in the words of both people."""
    dialogues = (dataset.dialogue(split, name) for name in dataset.ids(split))
    return symbol_seconds((w for d in dialogues for t in (d.speaker, d.listener) for w in t.words), tokenizer)


def load_sides(
    dataset: DataSet,
    split: str,
    tokenizer: ChronoTokenizer,
    codec: Codec,
    settings: Settings,
    cache: Path,
    seconds: NDArray[np.float32],
    on_dialogue: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Side]:
    """Every dialogue of a split in both roles, the listener's first.

    Args:
        dataset: read once.
        split: which part of it.
        tokenizer: gives the text tokens.
        codec: gives audio tokens and voiceprints.
        settings: of the markup.
        cache: folder of this codec's audio tokens, by the sound they stand for; what is there is not computed again.
        seconds: average length of each symbol (`speech_seconds`).
        on_dialogue: called with (dialogues done, dialogues in all).
    """
    names = dataset.ids(split)
    sides = []
    for done, name in enumerate(names):
        dialogue = dataset.dialogue(split, name)
        for role in ROLES:
            sound = cached_sound(dataset, split, dialogue, role, codec, cache)
            sides.append(_make_side(dialogue, role, sound, tokenizer, codec, settings, seconds))
        on_dialogue(done + 1, len(names))
    return sides


def _make_side(
    dialogue: Dialogue,
    role: Role,
    sound: Sound,
    tokenizer: ChronoTokenizer,
    codec: Codec,
    settings: Settings,
    seconds: NDArray[np.float32],
) -> Side:
    view = dialogue if role == "listener" else swapped(dialogue)
    frames, fps = view.frames, view.fps
    said = say(view.listener.words, frames, fps, sound.codes, tokenizer, codec, settings, seconds)
    online = SpeakerMarkup(tokenizer, settings.text.activity_dbfs)
    heard = np.zeros(frames, dtype=np.int64)
    faces = np.zeros((frames, FACE_DIM), dtype=np.float32)
    words = []
    for frame in speaker_frames(view, Transcript(), images=False):
        faces[frame.index] = frame.face
        heard[frame.index], text = online.push(frame.words, frame.audio)
        if text:
            words.append(HeardWord(frame.index, frame.index, "speaker", text))
    for word in read_words(said.tokens, fps, tokenizer):
        words.append(HeardWord(round(word.start * fps), round(word.end * fps), "listener", word.text))
    own_faces = without_gaps(view.listener.face(0, view.frames))
    track = Track(
        first=0,
        listener=own_faces,
        speaker=faces,
        own=said.tokens,
        heard=heard,
        forms=said.forms,
        pacing=said.pacing,
        codes=said.codes,
        rest=own_faces[0],
    )
    return Side(dialogue.id, role, fps, track, tuple(words), torch.from_numpy(sound.voiceprint), said.left_out)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: frame tokens ``(n,)``, their word forms and pacing, audio tokens, and the number of words
    that the markup has no room for."""

    tokens: NDArray[np.int64]
    forms: WordForms
    pacing: Pacing
    codes: NDArray[np.int64]
    left_out: int


def say(
    words: Sequence[Word],
    frames: int,
    fps: Fraction,
    codes: NDArray[np.int64],
    tokenizer: ChronoTokenizer,
    codec: Codec,
    settings: Settings,
    seconds: NDArray[np.float32],
) -> Said:
    """Words with their times and their sound on ``frames`` frames; ``seconds`` as in `load_sides`."""
    spoken = sorted(words, key=lambda w: w.start)
    marked = tuple(spoken) if settings.text.chrono else without_ends(spoken, seconds, tokenizer)
    markup = chrono_tokens(marked, frames, fps, tokenizer, settings.text.max_shift)
    forms = WordFormReader(tokenizer).read(markup.tokens)
    placed = [word for word, mark in zip(spoken, marked, strict=True) if mark not in markup.left_out]
    needed = TokenSchedule(fps, codec.token_rate).tokens_before(frames)
    filled = np.zeros(max(needed, len(codes)), dtype=np.int64)
    filled[: len(codes)] = codes
    return Said(
        tokens=markup.tokens,
        forms=forms,
        pacing=recorded_pacing(placed, forms.ages, forms.heads == tokenizer.pause, fps, seconds, tokenizer),
        codes=filled,
        left_out=len(markup.left_out),
    )


def swapped(dialogue: Dialogue) -> Dialogue:
    """The dialogue with the roles changed."""
    return Dialogue(dialogue.id, dialogue.fps, dialogue.sample_rate, dialogue.listener, dialogue.speaker)


def all_faces(sides: Sequence[Side]) -> NDArray[np.float32]:
    """Every face of every person once, ``(n, 64)``."""
    return np.concatenate([side.track.listener for side in sides])
