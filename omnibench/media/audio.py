"""Audio in and out: slices of mono tracks as float32, and 16-bit WAV files.

A track is one person, so it has one channel. Nothing is mixed down or resampled behind the caller's back.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import ArrayLike

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.files.disguise import disguise
from omnibench.media.wav import RATES, SoundOnly, wav_header
from omnibench.types import Audio

AUDIO_SUFFIXES: Final = (".wav", ".flac", ".ogg")
_COUNTED_BELOW: Final = 1 << 40
_NO_SOUND_BEYOND: Final = 100.0
_OGG_PAGE, _OGG_BEGINS = 27, 2
_SKIP_BLOCK: Final = 1 << 16
_READ_BLOCK: Final = 1 << 22


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
    """Length and rate of an audio file.

    Raises:
        InputError: the file is missing, is not audio, is cut short, is empty of format, or has more than one channel.
    """
    with _open(path) as file:
        return _info(path, file)


class AudioReader:
    """An open mono file that hands out slices; reading on from the last slice costs no seek.

    Raises InputError when made as `audio_info` does. Close it, or use it as a context manager.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open(path)
        try:
            self.info = _info(path, self._file)
        except InputError:
            self._file.close()
            raise
        # A seek in OGG lands a packet off (Vorbis), or on a decoder without its history (Opus): other samples come out;
        # a FLAC that does not say how long it is knows no places.
        self._seeks = self.info.container != "OGG" and not _endless(self._file)
        self._position = 0

    def read(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples ``start <= n < stop``, float32 in [-1, 1]; past the end the slice is shorter.

        Raises:
            ValueError: ``start`` is negative.
            InputError: the data is damaged, or less than the header promises, or no sound: NaN, infinity, or floats on
                the scale of integers.
        """
        if start < 0:
            raise ValueError(f"start must not be negative, got {start}")
        end = self.info.samples if stop is None else min(stop, self.info.samples)
        if end <= start:
            return np.zeros(0, np.float32)
        try:
            self._go_to(start)
            self._position = start
            samples = self._read_to(end)
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: damaged audio ({error.error_string}) between samples {start} and {end}."
            ) from error
        if self._position != end:
            raise InputError(
                f"{self.path}: truncated: the header promises {self.info.samples} samples, the data ends before "
                f"sample {end}. Copy the file again."
            )
        self._require_sound(samples, start)
        return samples

    def _read_to(self, end: int) -> Audio:
        """What there is before ``end``, piece by piece: a header may promise more than any memory holds."""
        pieces = [np.zeros(0, np.float32)]
        while self._position < end:
            pieces.append(self._file.read(min(_READ_BLOCK, end - self._position), dtype="float32"))
            self._position += len(pieces[-1])
            if not len(pieces[-1]):
                break
        return pieces[-1] if len(pieces) == 2 else np.concatenate(pieces)

    def _require_sound(self, samples: Audio, start: int) -> None:
        peak = np.abs(samples).max(initial=0)
        if not np.isfinite(peak):
            at = start + int(np.flatnonzero(~np.isfinite(samples))[0])
            raise InputError(f"{self.path}: NaN or infinity in sample {at}; every sample has to be finite.")
        if peak > _NO_SOUND_BEYOND:
            raise InputError(
                f"{self.path}: samples up to {peak:g}: floats on the scale of integers; expected -1 to 1. Divide them "
                f"by 32768, or by what is full scale in them."
            )

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
        if self._seeks:
            self._file.seek(start)
            return
        if start < self._position:
            self._file.close()
            self._file = _open(self.path)
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


def _open(path: Path) -> Any:
    """libsndfile's reader of a file, told where the sound is in a WAV whose header was never finished."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected an audio file ({', '.join(AUDIO_SUFFIXES)}).")
    header = wav_header(path)
    try:
        if header is None or header.finished or not header.encoding or header.channels < 1:
            file = soundfile.SoundFile(str(path))
            if not _endless(file):
                return file
            file.close()
            return _Straight(str(path))
        return soundfile.SoundFile(
            SoundOnly(path, header), "r", header.rate, header.channels, header.encoding, header.byte_order, "RAW"
        )
    except (soundfile.LibsndfileError, TypeError, ValueError) as error:
        reason = disguise(path) or str(getattr(error, "error_string", error))
        raise InputError(f"{path}: not readable as audio ({reason}); expected WAV, FLAC or OGG.") from error


def _info(path: Path, file: Any) -> AudioInfo:
    if file.channels != 1:
        raise InputError(
            f"{path}: {file.channels} channels, expected 1: a track holds one person's voice and is never mixed "
            f"down silently. Pick the person's channel first, e.g. `ffmpeg -i {path.name} -af pan=mono|c0=c0 out.wav`."
        )
    if file.format == "WAV" and file.subtype.startswith("MPEG"):
        raise InputError(f"{path}: MP3 inside a WAV, which tells no exact length; expected PCM. Decode it first.")
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise InputError(f"{path}: {file.samplerate} samples per second; expected {RATES[0]} to {RATES[1]}.")
    if file.format == "OGG":
        _require_one_stream(path)
    samples = _counted(path) if _endless(file) else file.frames
    container = "WAV" if file.format == "RAW" else file.format
    return AudioInfo(samples, file.samplerate, container, file.subtype)


class _Straight(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from its first sample to its last."""

    def seekable(self) -> bool:
        """No: after each read, soundfile would look for a place that nobody knows."""
        return False


def _endless(file: Any) -> bool:
    """Whether a FLAC was written to a pipe, so that nobody came back to say how long it is."""
    return bool(file.format == "FLAC" and not 0 < file.frames < _COUNTED_BELOW)


@lru_cache(maxsize=256)
def _decoded_samples(path: Path, _: tuple[int, int, int]) -> int:
    samples = 0
    with _Straight(str(path)) as file:
        while count := len(file.read(_SKIP_BLOCK, dtype="float32")):
            samples += count
    return samples


def _counted(path: Path) -> int:
    stat = path.stat()
    try:
        return _decoded_samples(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))
    except soundfile.LibsndfileError as error:
        raise InputError(f"{path}: damaged audio ({error.error_string}). Copy the file again.") from error


def _require_one_stream(path: Path) -> None:
    """An OGG may hold several streams, of which libsndfile reads one and says nothing of the others (RFC 3533)."""
    beginnings, position, end = 0, 0, path.stat().st_size
    with path.open("rb") as handle:
        while position + _OGG_PAGE <= end:
            handle.seek(position)
            head = handle.read(_OGG_PAGE)
            if head[:4] != b"OggS":
                return
            beginnings += bool(head[5] & _OGG_BEGINS)
            position += _OGG_PAGE + head[26] + sum(handle.read(head[26]))
    if beginnings > 1:
        raise InputError(
            f"{path}: {beginnings} recordings in one OGG; expected one. Join them: `ffmpeg -i {path.name} out.wav`."
        )
