"""The speaker's side of a dialogue as a listener gets it, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from omnibench.datasets.tracks import FileTrack
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError
from omnibench.media.face import held, neutral_face
from omnibench.types import Audio, Dialogue, SpeakerFrame, Track, Word, samples_before


def speaker_frames(
    dialogue: Dialogue, transcript: Transcript, images: bool, inserted: int | None = None
) -> Iterator[SpeakerFrame]:
    """The speaker's side of a dialogue, frame by frame, read in pieces of a second; with ``inserted``, from that frame
    on, what the dialogue's insertion has the speaker do instead, from its beginning.

    Every array is a copy with no memory behind it but its own frame's. A face that the tracker lost is the last one it
    found, or a neutral one before the first (`omnibench.media.face.held`), whoever made the track. Audio past the end
    of the file is silence and a picture past the end of the video is the last one, since files of one recording differ
    by a frame or two; where an insertion ends before the dialogue, its last face and picture stay.

    Raises:
        InputError: ``images`` and there is no video, nor anybody known who could be drawn; or a file cannot be read.
    """
    speaker, fps, rate, begin = dialogue.speaker, dialogue.fps, dialogue.sample_rate, inserted or 0
    if inserted is not None and dialogue.insertion is not None:
        speaker = dialogue.insertion.speaker
    shift = samples_before(begin, fps, rate)
    if images and not (speaker.has_video or (isinstance(speaker, FileTrack) and speaker.identity)):
        raise InputError(f"Dialogue {dialogue.id}: no speaker video, and the model's card asks for images.")
    pictures = speaker.images() if images else iter(())
    words = _known(dialogue, speaker, transcript, begin)
    found, image = neutral_face(), None
    block = max(1, round(fps))
    for first in range(begin, dialogue.frames, block):
        last = min(first + block, dialogue.frames)
        offset = samples_before(first, fps, rate)
        face = held(speaker.face(first - begin, last - begin), found)
        audio = _padded(speaker, offset - shift, samples_before(last, fps, rate) - shift)
        for index in range(first, last):
            start, end = (samples_before(i, fps, rate) - offset for i in (index, index + 1))
            image = next(pictures, image)
            found = np.array(face[index - first], np.float32) if index - first < len(face) else found
            yield SpeakerFrame(
                index=index,
                face=found.copy(),
                audio=audio[start:end].copy(),
                words=words.get(index, ()),
                image=None if image is None else image.copy(),
            )


def _known(dialogue: Dialogue, speaker: Track, transcript: Transcript, begin: int) -> dict[int, tuple[Word, ...]]:
    """The words of a recording that begins at frame ``begin``, by the frame in which they become known, in seconds of
    the dialogue; and those that the speaker had said by then, which a transcript with a delay tells later.
    """
    fps, late = dialogue.fps, float(begin / dialogue.fps)
    known = {
        begin + frame: tuple(Word(word.text, word.start + late, word.end + late) for word in words)
        for frame, words in transcript.schedule(speaker.words, fps).items()
    }
    said = [word for word in dialogue.speaker.words if begin and Transcript().frame_of(word, fps) < begin]
    for frame, words in transcript.schedule(said, fps).items():
        known[frame] = (*words, *known.get(frame, ()))
    return known


def _padded(speaker: Track, start: int, stop: int) -> Audio:
    audio = np.zeros(stop - start, np.float32)
    if speaker.has_audio:
        found = speaker.audio(start, stop)
        audio[: len(found)] = found
    return audio
