"""The speaker as the clock hands them out: as recorded and, once the listener has been heard, as the insertion has it.

What is inserted when depends on the listener's sound alone, as it was played: on the 16-bit samples that the answer's
file keeps, summed in integers, so that the same answers give the same insertion on every machine, and the file tells
when it was.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.transcript import Transcript
from omnibench.media.audio import to_pcm16
from omnibench.types import Audio, Dialogue, Insertion, SpeakerFrame

BLOCKS: Final = 100
"""A second: sound counts in blocks of 10 ms."""
_FULL_SCALE: Final = 32768


class Hearing:
    """Counts for how long a listener has been heard.

    Args:
        insertion: which sound counts.
        rate: samples per second.
    """

    def __init__(self, insertion: Insertion, rate: int) -> None:
        self._block, self._rest = rate // BLOCKS, np.zeros(0, np.int64)
        self._least = _FULL_SCALE**2 * self._block * 10 ** (insertion.level / 10)
        self._first = -(-insertion.since * rate // self._block)
        self._wanted = round(insertion.heard * BLOCKS)
        self._blocks = self.heard = 0

    def play(self, audio: Audio) -> bool:
        """Take the next samples ``(n,)``; whether the listener has been heard for long enough by their end."""
        samples = np.concatenate([self._rest, to_pcm16(audio).astype(np.int64)])
        whole = len(samples) // self._block
        power = np.square(samples[: whole * self._block]).reshape(whole, self._block).sum(axis=1)
        loud = power[max(0, int(self._first) - self._blocks) :] >= self._least
        self._rest, self._blocks = samples[whole * self._block :], self._blocks + whole
        self.heard += int(loud.sum())
        return self.heard >= self._wanted


class SpeakerSide:
    """The speaker of a dialogue, frame by frame.

    Args:
        dialogue: the recording, with its insertion where it has one.
        transcript: when the speaker's words become known.
        images: whether the model sees pictures.
    """

    def __init__(self, dialogue: Dialogue, transcript: Transcript, images: bool) -> None:
        self._dialogue, self._transcript, self._images = dialogue, transcript, images
        self._frames, self._next = speaker_frames(dialogue, transcript, images), 0
        self._insertion = dialogue.insertion
        self._hearing = None if self._insertion is None else Hearing(self._insertion, dialogue.sample_rate)
        self.inserted: int | None = None
        """The first frame of the insertion; None as long as there is none."""

    def hear(self, index: int, audio: Audio) -> None:
        """Take the listener's sound of frame ``index``; what it brings about begins with the speaker's frame after."""
        if self._insertion is None or self._hearing is None or not self._hearing.play(audio):
            return
        self._hearing = None
        at = index + 1
        if at < self._dialogue.frames and at <= Fraction(self._insertion.until) * self._dialogue.fps:
            self.inserted = at

    def next(self) -> SpeakerFrame | None:
        """The next frame, None after the last. Raises InputError where the recording cannot be read."""
        if self._next == self.inserted:
            self._frames = speaker_frames(self._dialogue, self._transcript, self._images, self.inserted)
        self._next += 1
        return next(self._frames, None)
