"""Dialogues of a data set as the model is trained on them: both roles, in memory; audio tokens cached on disk."""

from __future__ import annotations

from collections.abc import Sequence
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
from omnibench.system.progress import Ticker
from omnibench.types import Dialogue, Face, Word

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


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: frame tokens ``(n,)``, their word forms and pacing, audio tokens, and the number of words
    that the markup has no room for."""

    tokens: NDArray[np.int64]
    forms: WordForms
    pacing: Pacing
    codes: NDArray[np.int64]
    left_out: int


@dataclass(frozen=True, slots=True)
class Notation:
    """How people become tokens.

    Attributes:
        tokenizer: gives the text tokens.
        codec: gives audio tokens and voiceprints.
        settings: of the markup.
        seconds: average length of each symbol (`speech_seconds`).
        cache: folder of this codec's audio tokens, by the sound they stand for; what is there is not computed again.
    """

    tokenizer: ChronoTokenizer
    codec: Codec
    settings: Settings
    seconds: NDArray[np.float32]
    cache: Path

    def say(self, words: Sequence[Word], frames: int, fps: Fraction, codes: NDArray[np.int64]) -> Said:
        """Words with their times and their sound on ``frames`` frames."""
        tokenizer, settings, seconds = self.tokenizer, self.settings.text, self.seconds
        spoken = sorted(words, key=lambda w: w.start)
        marked = tuple(spoken) if settings.chrono else without_ends(spoken, seconds, tokenizer)
        markup = chrono_tokens(marked, frames, fps, tokenizer, settings.max_shift)
        forms = WordFormReader(tokenizer).read(markup.tokens)
        placed = [word for word, mark in zip(spoken, marked, strict=True) if mark not in markup.left_out]
        needed = TokenSchedule(fps, self.codec.token_rate).tokens_before(frames)
        filled = np.zeros(max(needed, len(codes)), dtype=np.int64)
        filled[: len(codes)] = codes
        return Said(
            tokens=markup.tokens,
            forms=forms,
            pacing=recorded_pacing(placed, forms.ages, forms.heads == tokenizer.pause, fps, seconds, tokenizer),
            codes=filled,
            left_out=len(markup.left_out),
        )

    def side(self, dialogue: Dialogue, role: Role, sound: Sound) -> Side:
        """A dialogue as one of its people lives it, whose own sound is ``sound``."""
        view = dialogue if role == "listener" else swapped(dialogue)
        frames, fps, tokenizer = view.frames, view.fps, self.tokenizer
        said = self.say(view.listener.words, frames, fps, sound.codes)
        online = SpeakerMarkup(tokenizer, self.settings.text.activity_dbfs)
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
        track = _track(said, without_gaps(view.listener.face(0, frames)), faces, heard)
        return Side(dialogue.id, role, fps, track, tuple(words), torch.from_numpy(sound.voiceprint), said.left_out)

    def read_aloud(self, side: Side, words: Sequence[Word], frames: int, sound: Sound) -> Side:
        """A side that says ``words`` with another sound; its faces are zero, and nobody is heard."""
        said = self.say(words, frames, side.fps, sound.codes)
        faces = np.zeros((frames, FACE_DIM), dtype=np.float32)
        track = _track(said, faces, faces, np.full(frames, self.tokenizer.pause, dtype=np.int64))
        return Side(side.dialogue, side.role, side.fps, track, (), torch.from_numpy(sound.voiceprint), said.left_out)


def _track(said: Said, own: Face, other: Face, heard: NDArray[np.int64]) -> Track:
    return Track(
        first=0,
        listener=own,
        speaker=other,
        own=said.tokens,
        heard=heard,
        forms=said.forms,
        pacing=said.pacing,
        codes=said.codes,
        rest=own[0] if len(own) else np.zeros(FACE_DIM, dtype=np.float32),
    )


def load_sides(dataset: DataSet, split: str, notation: Notation) -> list[Side]:
    """Every dialogue of a split in both roles, the listener's first."""
    sides = []
    with Ticker(f"audio tokens of {split}", len(dataset.ids(split)), "dialogue", leave=True) as progress:
        for name in dataset.ids(split):
            dialogue = dataset.dialogue(split, name)
            for role in ROLES:
                sound = cached_sound(dataset, split, dialogue, role, notation.codec, notation.cache)
                sides.append(notation.side(dialogue, role, sound))
            progress.advance()
    return sides


def swapped(dialogue: Dialogue) -> Dialogue:
    """The dialogue with the roles changed."""
    return Dialogue(dialogue.id, dialogue.fps, dialogue.sample_rate, dialogue.listener, dialogue.speaker)


def all_faces(sides: Sequence[Side]) -> NDArray[np.float32]:
    """Every face of every person once, ``(n, 64)``."""
    return np.concatenate([side.track.listener for side in sides])
