"""Turns put together from single words: their sound, and the face of whoever said them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from baselines.controls.recordings import Reply
from omnibench.types import Audio, Face, Word

GAP_SECONDS: Final = 0.08
TAIL_SECONDS: Final = 0.1
FADE_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Piece:
    """One word: samples, and faces ``(k, 64)`` at ``fps``."""

    text: str
    audio: Audio
    face: Face
    fps: Fraction


def word_of(reply: Reply, word: Word, rate: int) -> Piece:
    """One word out of a recorded turn, at ``rate`` samples a second; empty where the recording does not reach it."""
    audio = reply.audio_at(rate)[max(0, round(word.start * rate)) : max(0, round(word.end * rate))].copy()
    face = reply.face[max(0, int(word.start * reply.fps)) : max(0, int(word.end * reply.fps) + 1)]
    fade = min(int(FADE_SECONDS * rate), len(audio) // 2)
    if fade:
        audio[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        audio[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return Piece(word.text, audio, face, reply.fps)


def splice(pieces: Sequence[Piece], rate: int, fps: Fraction) -> Reply:
    """The pieces as one turn from its first sample on, `GAP_SECONDS` of silence between them and `TAIL_SECONDS` behind;
    in a gap the face before it is held.

    Args:
        pieces: at least one, none of them empty; their samples are at ``rate``.
        rate: samples per second.
        fps: of the turn's faces.
    """
    gap, at = round(GAP_SECONDS * rate), 0
    words, starts = [], []
    for piece in pieces:
        starts.append(at)
        words.append(Word(piece.text, at / rate, (at + len(piece.audio)) / rate))
        at += len(piece.audio) + gap
    audio = np.zeros(at - gap + round(TAIL_SECONDS * rate), np.float32)
    for start, piece in zip(starts, pieces, strict=True):
        audio[start : start + len(piece.audio)] = piece.audio
    faces = []
    for index in range(int(len(audio) * fps / rate)):
        number = bisect_right(starts, index * rate / fps) - 1
        piece = pieces[number]
        since = index / fps - Fraction(starts[number], rate)
        faces.append(piece.face[min(int(since * piece.fps), len(piece.face) - 1)])
    return Reply(tuple(words), audio, rate, np.stack(faces), fps)
