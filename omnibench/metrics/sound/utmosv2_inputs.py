"""What UTMOSv2 hears of a recording: a random 3 s excerpt as it is, and two random 1.4 s excerpts as four mel spectra
each, every one mixed with that of another random excerpt.

Source: sarulab-speech/UTMOSv2 @cc2700d, configuration ``fusion_stage3``; the same seed gives the same excerpts as its
``predict`` after ``np.random.seed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import SkippedError
from omnibench.features.mel import TOP_DB, mel_decibels
from omnibench.features.sound import Samples

RATE: Final = 16_000
WAVE: Final = 3 * RATE
EXCERPT: Final = 22_400
QUIET: Final = 0.1
LONGEST_QUIET: Final = 4800
_FFT: Final = 4096
_HOP: Final = 32
_MELS: Final = 512
_MIX: Final = 0.4


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of the inputs; the defaults are ``fusion_stage3``."""

    windows: tuple[int, ...] = (4096, 2048, 1024, 512)
    frames: int = 2
    size: int = 512


def drop_quiet(samples: NDArray[Any]) -> NDArray[Any]:
    """The package's removal of silence, on by default since its version 1.2.0: runs of more than 4800 samples below
    +0.1 go. The comparison is signed, so quiet speech goes with the silence.

    Example:
        >>> drop_quiet(np.concatenate([np.ones(3), np.zeros(4801), np.ones(2)])).size
        5
    """
    quiet = np.concatenate([[False], np.asarray(samples) < QUIET, [False]])
    edges = np.flatnonzero(quiet[1:] != quiet[:-1])
    kept = np.ones(len(samples), dtype=bool)
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - start > LONGEST_QUIET:
            kept[start:stop] = False
    return np.asarray(samples)[kept]


def draw(
    samples: Samples, generator: np.random.RandomState, settings: Settings | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One random look at a recording.

    Args:
        samples: float32 at 16 kHz.
        generator: where excerpts and mixing weights come from, in the package's order.
        settings: sizes.

    Returns:
        The wave ``(48000,)`` and the spectra ``(frames * windows, size, size)``, 1 at the loudest and 0 at 80 dB below.

    Raises:
        SkippedError: ``samples`` is empty; the package divides by zero then.
    """
    if len(samples) == 0:
        raise SkippedError("no audio is left: ZeroDivisionError in the official script, which drops the file")
    chosen = settings or Settings()
    wave = _excerpt(_extended(samples, WAVE), WAVE, generator)
    source = _extended(samples, EXCERPT)
    spectra = []
    for _ in range(chosen.frames):
        first = _excerpt(source, EXCERPT, generator)
        for window in chosen.windows:
            second = _excerpt(source, EXCERPT, generator)
            # A number of 64 bits, so that one less it is rounded once.
            share = float(generator.beta(_MIX, _MIX))
            spectra.append(share * _spectrum(first, window) + (1 - share) * _spectrum(second, window))
    return wave, _resized(np.stack(spectra), chosen.size)


def standardised(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """A wave of mean 0 and variance 1, as wav2vec 2.0 hears it.

    Source: ``Wav2Vec2FeatureExtractor`` of transformers with ``do_normalize``.
    """
    return (wave - np.mean(wave)) / np.sqrt(np.var(wave) + np.float32(1e-7))


def _extended(samples: Samples, length: int) -> Samples:
    return samples if len(samples) > length else np.tile(samples[:], length // len(samples) + 1)


def _excerpt(samples: Samples, length: int, generator: np.random.RandomState) -> NDArray[np.float32]:
    start = int(generator.randint(0, len(samples) - length))
    return samples[start : start + length]


def _spectrum(samples: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    decibels = mel_decibels(samples, RATE, _FFT, _HOP, window, _MELS)
    return (decibels + np.float32(TOP_DB)) / np.float32(TOP_DB)


def _resized(spectra: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """``(k, h, w)`` to ``(k, size, size)``: bilinear, smoothed where it shrinks."""
    import torch
    from torch.nn.functional import interpolate

    pictures = torch.from_numpy(spectra)[:, None]
    return interpolate(pictures, size=(size, size), mode="bilinear", antialias=True)[:, 0].numpy()
