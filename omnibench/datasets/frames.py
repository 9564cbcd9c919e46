"""The speaker's side of a dialogue as a listener gets it, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError
from omnibench.media.face import held, neutral_face
from omnibench.types import Audio, Dialogue, SpeakerFrame, Track, samples_before


def speaker_frames(dialogue: Dialogue, transcript: Transcript, images: bool) -> Iterator[SpeakerFrame]:
    """The speaker's side of a dialogue, frame by frame, read in pieces of a second.

    Every array is a copy with no memory behind it but its own frame's. A face that the tracker lost is the last one it
    found, or a neutral one before the first (`omnibench.media.face.held`), whoever made the track. Audio past the end
    of the file is silence and a picture past the end of the video is the last one, since files of one recording differ
    by a frame or two.

    Raises:
        InputError: ``images`` and there is no video, or a file cannot be read.
    """
    speaker, fps, rate = dialogue.speaker, dialogue.fps, dialogue.sample_rate
    if images and not speaker.has_video:
        raise InputError(f"Dialogue {dialogue.id}: no speaker video, and the model's card asks for images.")
    pictures = speaker.images() if images else iter(())
    words = transcript.schedule(speaker.words, fps)
    found, image = neutral_face(), None
    block = max(1, round(fps))
    for first in range(0, dialogue.frames, block):
        last = min(first + block, dialogue.frames)
        offset = samples_before(first, fps, rate)
        face = held(speaker.face(first, last), found)
        audio = _padded(speaker, offset, samples_before(last, fps, rate))
        for index in range(first, last):
            begin, end = (samples_before(i, fps, rate) - offset for i in (index, index + 1))
            image = next(pictures, image)
            found = np.array(face[index - first], np.float32)
            yield SpeakerFrame(
                index=index,
                face=found.copy(),
                audio=audio[begin:end].copy(),
                words=words.get(index, ()),
                image=None if image is None else image.copy(),
            )


def _padded(speaker: Track, start: int, stop: int) -> Audio:
    audio = np.zeros(stop - start, np.float32)
    if speaker.has_audio:
        found = speaker.audio(start, stop)
        audio[: len(found)] = found
    return audio
