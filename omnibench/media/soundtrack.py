"""The sound that a video file carries itself, as one voice on the clock of its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from omnibench.errors import InputError
from omnibench.media.container import FAILURES, open_container, told
from omnibench.media.video import video_info
from omnibench.types import Audio

_ALIKE: Final = 0.01
_ENCODERS_END: Final = 0.25
"""Seconds: an encoder pads its last block. What runs on for longer is left for the checks of length to name."""


def soundtrack(path: Path) -> tuple[Audio, int] | None:
    """Samples in [-1, 1] from the file's first moment to the end of its pictures, and their rate; None where it has no
    sound.

    Raises:
        InputError: the file cannot be read, has several sound tracks, or several channels that differ: a track holds
            one person's voice and is never mixed down silently.
    """
    with open_container(path) as container:
        streams = list(container.streams.audio)
        if not streams:
            return None
        if len(streams) > 1 or streams[0].codec_context is None:
            raise InputError(f"{path}: {len(streams)} sound tracks, or of no known codec; expected one. {_other(path)}")
        rate = int(streams[0].codec_context.sample_rate)
        channels = _decoded(path, container, streams[0], rate)
    spread = np.abs(channels - channels[:1]).max(initial=0.0)
    if spread > _ALIKE * np.abs(channels).max(initial=0.0):
        raise InputError(f"{path}: {len(channels)} channels of sound that differ; expected one voice. {_other(path)}")
    samples: Audio = channels.mean(axis=0, dtype=np.float32)
    info = video_info(path)
    end = round(info.frames / info.fps * rate)
    short = end - len(samples)
    if abs(short) <= _ENCODERS_END * rate:
        samples = np.pad(samples[:end], (0, max(0, short)))
    return np.clip(samples, -1.0, 1.0), rate


def _decoded(path: Path, container: Any, stream: Any, rate: int) -> Audio:
    """``(channels, n)``, each piece where its time says, silence in holes and nothing before time 0."""
    resampler = av.AudioResampler(format="fltp", rate=rate)
    found: list[Audio] = []
    done = 0
    try:
        for frame in container.decode(stream):
            at = done if frame.time is None else round(float(frame.time) * rate)
            for piece in resampler.resample(frame):
                samples: Audio = piece.to_ndarray().astype(np.float32)
                # Times are rounded to the file's clock: a sample or two is no hole.
                if at - done > rate // 100:
                    found.append(np.zeros((len(samples), at - done), np.float32))
                    done = at
                samples = samples[:, max(0, -at) :] if at < 0 else samples
                found.append(samples)
                done += samples.shape[1]
    except FAILURES as error:
        raise InputError(f"{path}: damaged sound track after {done / rate:.2f} s ({told(error)}).") from error
    if not found or len({len(piece) for piece in found}) != 1:
        raise InputError(f"{path}: a sound track without any sound, or with channels that come and go. {_other(path)}")
    whole: Audio = np.concatenate(found, axis=1)
    if not np.isfinite(whole).all():
        raise InputError(f"{path}: NaN or infinity in its sound track; every sample has to be finite.")
    return whole


def _other(path: Path) -> str:
    return f"Put the voice beside it: `ffmpeg -i {path.name} -vn -af pan=mono|c0=c0 {path.stem}.wav`, in audio/."
