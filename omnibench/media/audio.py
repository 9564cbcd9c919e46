"""Audio in and out: slices of mono tracks as float32, and 16-bit WAV files.

A track is one person, so it has one channel. Nothing is mixed down or resampled behind the caller's back.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import ArrayLike

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.types import Audio

AUDIO_SUFFIXES: Final = (".wav", ".flac", ".ogg")
_UNKNOWN_RIFF_SIZE: Final = 0xFFFFFFFF
_SKIP_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """``samples`` at ``sample_rate`` Hz; ``container`` and ``encoding`` as libsndfile names them."""

    samples: int
    sample_rate: int
    container: str
    encoding: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / self.sample_rate


def audio_info(path: Path) -> AudioInfo:
    """Length and rate of an audio file, from its header.

    Raises:
        InputError: the file is missing, is not audio, is cut short, is empty of format, or has more than one channel.
    """
    _require_file(path)
    try:
        info = soundfile.info(str(path))
    except soundfile.LibsndfileError as error:
        raise InputError(f"{path}: not readable as audio ({error.error_string}); expected WAV, FLAC or OGG.") from error
    if info.channels != 1:
        raise InputError(
            f"{path}: {info.channels} channels, expected 1: a track holds one person's voice and is never mixed "
            f"down silently. Pick the person's channel first, e.g. `ffmpeg -i {path.name} -af pan=mono|c0=c0 out.wav`."
        )
    _check_riff_size(path)
    return AudioInfo(info.frames, info.samplerate, info.format, info.subtype)


class AudioReader:
    """An open mono file that hands out slices; reading on from the last slice costs no seek.

    Raises InputError when made as `audio_info` does. Close it, or use it as a context manager.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.info = path, audio_info(path)
        self._file = soundfile.SoundFile(str(path))
        self._position = 0

    def read(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples ``start <= n < stop``, float32 in [-1, 1]; past the end the slice is shorter.

        Raises:
            ValueError: ``start`` is negative.
            InputError: the data is damaged, or less than the header promises.
        """
        if start < 0:
            raise ValueError(f"start must not be negative, got {start}")
        end = self.info.samples if stop is None else min(stop, self.info.samples)
        if end <= start:
            return np.zeros(0, np.float32)
        try:
            self._go_to(start)
            samples: Audio = self._file.read(end - start, dtype="float32")
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: damaged audio ({error.error_string}) between samples {start} and {end}."
            ) from error
        self._position = start + len(samples)
        if self._position != end:
            raise InputError(
                f"{self.path}: truncated: the header promises {self.info.samples} samples, the data ends before "
                f"sample {end}. Copy the file again."
            )
        return samples

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def __enter__(self) -> AudioReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _go_to(self, start: int) -> None:
        if start == self._position:
            return
        if self.info.container != "OGG":
            self._file.seek(start)
            return
        # A seek in OGG lands a packet off (Vorbis), or on a decoder without its history (Opus): other samples come out.
        if start < self._position:
            self._file.close()
            self._file = soundfile.SoundFile(str(self.path))
            self._position = 0
        for begin in range(self._position, start, _SKIP_BLOCK):
            self._file.read(min(_SKIP_BLOCK, start - begin), dtype="float32")


def read_audio(path: Path, start: int = 0, stop: int | None = None) -> Audio:
    """One slice of a mono file: `AudioReader.read` on a file opened for it."""
    with AudioReader(path) as reader:
        return reader.read(start, stop)


def to_pcm16(samples: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Float samples in [-1, 1] as 16-bit integers; louder ones are clipped at full scale instead of wrapping round.

    Scale 32768, halves to even, so that 16-bit audio read by `read_audio` comes back bit for bit.
    """
    scaled = np.rint(np.asarray(samples, np.float64) * 32768.0)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def write_wav(path: Path, samples: ArrayLike, rate: int) -> None:
    """Write mono 16-bit PCM WAV, atomically; the same samples give the same bytes.

    Args:
        path: the file; its folder is made if needed.
        samples: ``(n,)`` floats; values beyond [-1, 1] are clipped.
        rate: samples per second.

    Raises:
        ValueError: not one-dimensional, or not finite.
        OSError: the file system refuses.
    """
    data = np.asarray(samples)
    if data.ndim != 1:
        raise ValueError(f"expected one channel of shape (n,), got shape {data.shape}")
    if not np.isfinite(data).all():
        raise ValueError("samples must be finite")
    body = to_pcm16(data).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    header = b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    with atomic_path(path) as temporary:
        temporary.write_bytes(header + b"data" + struct.pack("<I", len(body)) + body)


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected an audio file ({', '.join(AUDIO_SUFFIXES)}).")


def _check_riff_size(path: Path) -> None:
    # libsndfile quietly shortens a WAV whose data chunk is cut off; a lost half of a track must not go unseen.
    with path.open("rb") as handle:
        head = handle.read(8)
    if len(head) < 8 or head[:4] != b"RIFF":
        return
    promised: int = struct.unpack("<I", head[4:])[0]
    actual = path.stat().st_size - 8
    if promised != _UNKNOWN_RIFF_SIZE and promised > actual + 1:
        raise InputError(
            f"{path}: truncated: the RIFF header promises {promised + 8} bytes, the file has {actual + 8}. "
            f"Copy the file again."
        )
