"""The frame rate and sample rate of one dialogue, from the files that know them, and whether its files agree."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from omnibench.datasets.lengths import SOUND_TOLERANCE
from omnibench.datasets.manifest import ManifestEntry
from omnibench.datasets.tracks import FileTrack, Role
from omnibench.errors import AbsentError, InputError

# What a session runs at where the data has no audio to ask: the rate of the suite's own data.
RATE_WITHOUT_AUDIO: Final = 16_000
_SAY_IT: Final = 'Say it in manifest.json beside the splits: {"splits": {SPLIT: [{"id": ID, "fps": 30}, …]}}.'


def frame_rate(tracks: Mapping[Role, FileTrack], entry: ManifestEntry) -> Fraction:
    """Frames per second: the videos', else the manifest's, else the usual rate nearest to vectors / audio seconds.

    Raises:
        AbsentError: nothing tells.
        InputError: the two videos differ, or a person's files do not last alike (`omnibench.datasets.lengths`).
    """
    fps = _frame_rate(tracks, entry)
    for track in tracks.values():
        track.require_one_length(fps)
    return fps


def _frame_rate(tracks: Mapping[Role, FileTrack], entry: ManifestEntry) -> Fraction:
    from omnibench.media.video import video_info

    found = {role: video_info(track.path("video")).fps for role, track in tracks.items() if track.has("video")}
    if len(set(found.values())) > 1:
        raise InputError(
            f"{tracks['listener'].path('video')}: {found['listener']} frames per second, but the speaker's video has "
            f"{found['speaker']}; expected the two people of a clip at one rate. Convert one of them."
        )
    if found:
        return next(iter(found.values()))
    if entry.fps is not None:
        return entry.fps
    for track in tracks.values():
        if track.has("vector") and track.has("audio"):
            inferred = infer_rate(track.frames, track.audio_samples, track.audio_rate)
            if inferred is not None:
                return inferred
            raise InputError(
                f"{track.path('vector')}: {track.frames} vectors over {track.audio_samples / track.audio_rate:.2f} s "
                f"of audio come near no usual frame rate (24, 25, 30, 48, 50, 60). {_SAY_IT}"
            )
    raise AbsentError(
        f"Dialogue {entry.id}: no video, and not both vectors and audio, to take the frame rate from. {_SAY_IT}"
    )


def infer_rate(frames: int, samples: int, sample_rate: int) -> Fraction | None:
    """The usual frame rate nearest to ``frames`` over the seconds of ``samples``; None when none is within 2 %."""
    from omnibench.media.rates import nearest_usual_rate

    return nearest_usual_rate(Fraction(frames * sample_rate, samples), SOUND_TOLERANCE) if samples else None


def shared_sample_rate(tracks: Mapping[Role, FileTrack], entry: ManifestEntry) -> int:
    """Samples per second of both people's audio; the manifest's, or 16000, where the data has no audio.

    Raises:
        InputError: the two files differ.
    """
    found = {role: track.audio_rate for role, track in tracks.items() if track.has("audio")}
    if len(set(found.values())) > 1:
        raise InputError(
            f"{tracks['listener'].path('audio')}: {found['listener']} Hz, but the speaker's audio has "
            f"{found['speaker']} Hz; expected one rate for both. Resample one of them."
        )
    return next(iter(found.values()), entry.sample_rate or RATE_WITHOUT_AUDIO)
