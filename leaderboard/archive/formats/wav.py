"""Sound: mono PCM, float or law-coded WAV with nothing hidden beside it, as long as the dialogue to within a frame.

Source: Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0"; WAVE_FORMAT_EXTENSIBLE.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from leaderboard.entry.limits import Limits
from omnibench.errors import InputError
from omnibench.media.wav import ENCODINGS, WavHeader, wav_header
from omnibench.predictions.soundness import Length, duration_fault, sample_rate_fault

_NOTES: Final = (b"LIST", b"fact", b"PEAK", b"ds64", b"JUNK")
_NOTE_BYTES: Final = 4096
_BLOCK: Final = 1 << 18


class Fault(ValueError):
    """What is wrong with a file, in words."""


def wav_faults(path: Path, frames: int | None, fps: Fraction | None, limits: Limits) -> list[str]:
    """Faults of a sound file that should last ``frames`` at ``fps`` (None: the data tells no length)."""
    try:
        header = wav_header(path)
        if header is None:
            raise Fault("no WAV file (no RIFF/WAVE header with a format and sound)")
        _check_header(header, limits)
        if fault := duration_fault(Fraction(header.samples, header.rate), Length(frames, fps)):
            raise Fault(fault)
        _decode(path, header.samples)
    except Fault as fault:
        return [str(fault)]
    except InputError as error:
        return [str(error).removeprefix(f"{path}: ")]
    return []


def _check_header(header: WavHeader, limits: Limits) -> None:
    if header.channels != 1:
        raise Fault(f"{header.channels} channels, expected 1: the listener's voice")
    if not header.encoding:
        raise Fault(f"an encoding that is none of {', '.join(ENCODINGS.values())}")
    if fault := sample_rate_fault(header.rate, limits.sample_rates):
        raise Fault(fault)
    if header.loose:
        raise Fault(f"its header promises {header.loose} bytes fewer than the file has")
    for name, size in header.chunks:
        if name not in _NOTES or size > _NOTE_BYTES:
            raise Fault(f"holds a chunk {name!r} of {size} bytes; expected fmt and data alone")


def _decode(path: Path, samples: int) -> None:
    from omnibench.media.audio import AudioReader

    with AudioReader(path) as reader:
        if reader.info.samples != samples:
            raise Fault(f"decodes to {reader.info.samples} samples, its header promises {samples}")
        for start in range(0, samples, _BLOCK):
            reader.read(start, start + _BLOCK)
