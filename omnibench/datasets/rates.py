"""The frame rate and sample rate of one dialogue, from the files that know them, and whether its files agree."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from omnibench.datasets.manifest import ManifestEntry
from omnibench.datasets.tracks import FileTrack, Role
from omnibench.errors import AbsentError, InputError

# What a session runs at where the data has no audio to ask: the rate of the suite's own data.
RATE_WITHOUT_AUDIO: Final = 16_000
MAY_DIFFER_BY: Final = 2
"""Frames by which the files of one recording may differ."""
_SAY_IT: Final = 'Say it in manifest.json beside the splits: {"splits": {SPLIT: [{"id": ID, "fps": 30}, …]}}.'
_INFERENCE_TOLERANCE: Final = Fraction(1, 50)  # 24 and 25 lie 4 % apart
_SOUND_TOLERANCE: Final = Fraction(1, 5)


def frame_rate(tracks: Mapping[Role, FileTrack], entry: ManifestEntry) -> Fraction:
    """Frames per second: the videos', else the manifest's, else the usual rate nearest to vectors / audio seconds.

    Raises:
        AbsentError: nothing tells.
        InputError: the two videos differ, or a person's files last differently (`disagreement`).
    """
    fps = _frame_rate(tracks, entry)
    for track in tracks.values():
        _require_one_length(track, fps)
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

    return nearest_usual_rate(Fraction(frames * sample_rate, samples), _INFERENCE_TOLERANCE) if samples else None


def disagreement(
    fps: Fraction, vectors: int | None, pictures: int | None, sound: Fraction | None
) -> tuple[str, str] | None:
    """Which file of one person does not belong to the others (``vector`` or ``audio``), and why; None where all do.

    There is one vector for each picture, to within two frames. Without pictures the vectors may differ from the sound
    by two frames or 2 %. Sound may begin to be missing, or go on, up to a fifth of the pictures before or after their
    end: silence fills it and nothing more is played; beyond, one of the two runs at another speed.

    Args:
        fps: the dialogue's.
        vectors: how many; None for no such file, here and below.
        pictures: how many frames they fill.
        sound: its seconds.
    """
    heard = None if sound is None else sound * fps
    lasting = {"the vectors": vectors, "the pictures": pictures, "the sound": heard}
    told = ", ".join(f"{name} {float(frames / fps):.2f} s" for name, frames in lasting.items() if frames is not None)
    clock, frames = ("sound", heard) if pictures is None else ("pictures", Fraction(pictures))
    if vectors is not None and frames is not None:
        allowed = _allowed(frames, Fraction(0) if pictures is not None else _INFERENCE_TOLERANCE)
        if abs(vectors - frames) > allowed:
            pace = f"; over the {clock} they come at {float(vectors * fps / frames):.4g} a second" if frames else ""
            return "vector", (
                f"more than {MAY_DIFFER_BY} frames apart at {float(fps):.4g} a second: {told}{pace}. Expected a vector "
                f"for every frame, NaN where there is no face: track it again."
            )
    if pictures is None or heard is None:
        return None
    if abs(heard - pictures) > _allowed(Fraction(pictures), _SOUND_TOLERANCE):
        return "audio", (
            f"more than a fifth shorter or longer than the pictures: {told}. Expected one recording: one of the two "
            f"runs at another speed, or is of another clip."
        )
    return None


def _allowed(frames: Fraction, share: Fraction) -> Fraction:
    return max(Fraction(MAY_DIFFER_BY), frames * share)


def _require_one_length(track: FileTrack, fps: Fraction) -> None:
    from omnibench.media.video import video_info

    video, audio, vector = (track.present(part) for part in ("video", "audio", "vector"))
    found = disagreement(
        fps,
        None if vector is None else track.frames,
        None if video is None else video_info(video).frames,
        None if audio is None else Fraction(track.audio_samples, track.audio_rate),
    )
    if found is not None:
        part, reason = found
        raise InputError(f"{vector if part == 'vector' else audio}: {reason}")


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
