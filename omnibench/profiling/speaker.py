"""A speaker who never tires: made-up frames for measuring speed, not quality. The same index gives the same frame.

Talks for 4 s, listens for 2 s, and so on: words at 2.5 a second, a buzz for a voice, lips that open with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np

from omnibench.media.face import index_of, neutral_face
from omnibench.types import Audio, DialogueContext, Image, SpeakerFrame, Word, samples_before

PERIOD: Final = 6.0
TALKING: Final = 4.0
WORD: Final = 0.4
WORDS: Final = ("well", "I", "think", "the", "market", "is", "good", "for", "old", "friends", "right")
SAMPLE_RATE: Final = 16_000
IMAGE_SIZE: Final = 256


def voice(first: int, last: int, rate: int) -> Audio:
    """Samples ``first <= n < last`` of the buzz, silent while the speaker listens."""
    seconds = np.arange(first, last) / rate
    buzz = sum(np.sin(2 * np.pi * 120 * k * seconds) / k for k in range(1, 5))
    return (0.15 * buzz * (seconds % PERIOD < TALKING)).astype(np.float32)


def words_ending_in(begin: float, end: float) -> tuple[Word, ...]:
    """The words whose end lies in ``begin < t <= end`` seconds."""
    found = []
    for number in range(round(begin // WORD), round(end // WORD) + 2):
        start, stop = number * WORD, (number + 1) * WORD
        if begin < stop <= end and start % PERIOD < TALKING - WORD / 2:
            found.append(Word(WORDS[number % len(WORDS)], start, stop))
    return tuple(found)


def picture(index: int) -> Image:
    """A gradient that moves one pixel a frame."""
    ramp = np.roll(np.linspace(40, 215, IMAGE_SIZE).astype(np.uint8), index)
    return np.broadcast_to(ramp[None, :, None], (IMAGE_SIZE, IMAGE_SIZE, 3)).copy()


def speaker_frames(context: DialogueContext, images: bool) -> Iterator[SpeakerFrame]:
    """Frames without end."""
    fps, rate, index = context.fps, context.sample_rate, 0
    while True:
        begin, end = float(index / fps), float((index + 1) / fps)
        face = neutral_face()
        face[index_of("jawOpen")] = 0.3 * abs(np.sin(12 * begin)) * (begin % PERIOD < TALKING)
        yield SpeakerFrame(
            index=index,
            face=face,
            audio=voice(samples_before(index, fps, rate), samples_before(index + 1, fps, rate), rate),
            words=words_ending_in(begin, end),
            image=picture(index) if images else None,
        )
        index += 1


def bench_context(fps: Fraction, seed: int, number: int = 0) -> DialogueContext:
    """What a model is opened with: a neutral face, a grey portrait, three seconds of a made-up voice.

    Another ``number`` is another dialogue.
    """
    return DialogueContext(
        dialogue=f"bench{number or ''}",
        fps=fps,
        sample_rate=SAMPLE_RATE,
        seed=seed,
        portrait=np.full((IMAGE_SIZE, IMAGE_SIZE, 3), 128, np.uint8),
        voice_reference=voice(0, 3 * SAMPLE_RATE, SAMPLE_RATE),
        initial_face=neutral_face(),
    )
