"""From a recording of a voice to the spectrum that its global tokens are read from."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from baselines.shared.codec.bicodec.sizes import REFERENCE_SECONDS, SAMPLE_RATE, TOKEN_SAMPLES

Samples = NDArray[np.float32]

_FFT: Final = 1024
_WINDOW: Final = 640
_LOWEST_HZ: Final = 10.0
_LOUD: Final = 0.2  # what the loud samples are brought to
_QUIET: Final = 0.01  # samples below it do not count as loud ones
_AUDIBLE_DBFS: Final = -50.0
_MARGIN_FRAMES: Final = 5  # of 20 ms, kept around what is audible: words begin and end softly


def spoken(audio: Samples) -> Samples:
    """``(n,)`` samples less what is silent for longer than 0.2 s; all of them where nothing is audible.

    Spark-TTS takes the first seconds as they are; a listener's track begins with a long silence.
    """
    frames = np.pad(audio, (0, -len(audio) % TOKEN_SAMPLES)).reshape(-1, TOKEN_SAMPLES)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    audible = power > 10 ** (_AUDIBLE_DBFS / 10)
    near = np.convolve(audible, np.ones(2 * _MARGIN_FRAMES + 1), mode="same") > 0.5 if len(audible) else audible
    return frames[near].reshape(-1)[: len(audio)] if near.any() else audio


def levelled(audio: Samples) -> Samples:
    """Samples at the loudness that Spark-TTS wants (``audio_volume_normalize`` of its ``sparktts/utils/audio.py``).

    The mean of what lies between the loudest hundredth and the loudest tenth becomes 0.2. Which samples count is
    decided before a very quiet recording is raised, as it is there.
    """
    sizes = np.sort(np.abs(audio).astype(np.float64))
    scaled = audio.astype(np.float64)
    if sizes[-1] < 0.1:
        scaled = scaled / max(sizes[-1], 1e-3) * 0.1
    loud = sizes[sizes > _QUIET]
    if len(loud) > 10:
        volume = loud[int(0.9 * len(loud)) : int(0.99 * len(loud))].mean()
        scaled = scaled * np.clip(_LOUD / volume, 0.1, 10.0)
        scaled = scaled / max(float(np.abs(scaled).max()), 1.0)
    return scaled.astype(np.float32)


def reference_clip(audio: Samples) -> Samples:
    """Six seconds: the first ones, repeated where there are fewer."""
    length = REFERENCE_SECONDS * SAMPLE_RATE
    return np.tile(audio, length // len(audio) + 1)[:length]


def mel_spectrum(audio: Tensor, bands: int) -> Tensor:
    """``(B, bands, 1 + n // 320)`` amplitudes of ``(B, n)`` samples, in Slaney's mel bands of equal area.

    The numbers are those of torchaudio's ``MelSpectrogram`` with power 1 and Slaney's scale and norm.
    """
    window = torch.hann_window(_WINDOW, device=audio.device)
    spectrum = torch.stft(audio, _FFT, TOKEN_SAMPLES, _WINDOW, window, return_complex=True).abs()
    return _filters(bands).to(audio.device).T @ spectrum


@cache
def _filters(bands: int) -> Tensor:
    found = mel_filter_bank(
        _FFT // 2 + 1, bands, _LOWEST_HZ, SAMPLE_RATE / 2, SAMPLE_RATE, norm="slaney", mel_scale="slaney"
    )
    return torch.from_numpy(found).float()
