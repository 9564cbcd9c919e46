"""Source and filter: pitch, voicing and envelope of each 10 ms frame to a waveform, strictly left to right.

A band-limited pulse train and white noise each pass through minimum-phase filters (so that nothing sounds before its
cause) that are interpolated between one frame instant and the next. The noise is a fixed table read by sample
number, so the same frames always give the same samples however they are cut into pushes. How much of a voiced frame is
noise is one curve over frequency: on clean speech it sounded better than shares measured frame by frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from baselines.omniresponse.codec.envelope import BINS, FFT, band_to_bin_matrix
from baselines.omniresponse.codec.pitch import HOP, SAMPLE_RATE

_LOG_10: Final = 2.302585
_NOISE_HZ: Final = (500.0, 1500.0, 2750.0, 4500.0, 6750.0)
_NOISE_SHARE: Final = (0.003, 0.02, 0.08, 0.2, 0.4)
_LEAST_SHARE: Final = 1e-6
_HIGHEST_HARMONIC_HZ: Final = 7800.0
_NOISE_PERIOD: Final = 1 << 16
_NOISE_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Frames:
    """What the vocoder needs to know of ``J`` successive 10 ms frames.

    Attributes:
        f0: (J,) Hz.
        voicing: (J,) 0 to 1; the part of the power that is not noise in a voiced frame is scaled by it.
        envelope: (J, BANDS) log10 power density.
        gain: (J,) factor on everything; 0 is silence.
    """

    f0: Tensor
    voicing: Tensor
    envelope: Tensor
    gain: Tensor


class Vocoder:
    """The vocoder's state between frames; ``push`` is O(1) in what came before."""

    def __init__(self) -> None:
        self._to_bins = torch.from_numpy(band_to_bin_matrix()).T.contiguous()
        bins = np.linspace(0.0, SAMPLE_RATE / 2, BINS)
        self._harmonic_share = torch.from_numpy(1 - np.interp(bins, _NOISE_HZ, _NOISE_SHARE)).float()
        generator = torch.Generator().manual_seed(_NOISE_SEED)
        self._noise = torch.randn(_NOISE_PERIOD, generator=generator)
        self._ramp = torch.arange(1, HOP + 1) / HOP
        self._fold = torch.ones(FFT)
        self._fold[1 : FFT // 2] = 2.0
        self._fold[FFT // 2 + 1 :] = 0.0
        self._samples = 0
        self._phase = 0.0
        self._last_f0: Tensor | None = None
        self._last_filters = torch.zeros(1, 2, BINS, dtype=torch.complex64)
        self._tail = torch.zeros(FFT - HOP)

    def push(self, frames: Frames) -> Tensor:
        """The next ``J * HOP`` samples, float32."""
        count = len(frames.f0)
        filters = torch.cat([self._last_filters, self._filters(frames)])
        previous = frames.f0[:1] if self._last_f0 is None else self._last_f0
        start = torch.cat([previous, frames.f0[:-1]])
        pitch = start[:, None] + (frames.f0 - start)[:, None] * self._ramp
        source = torch.stack([self._pulses(pitch), self._next_noise(count)], dim=1)
        spectrum = torch.fft.rfft(source * (1 - self._ramp), FFT) * filters[:-1]
        spectrum = spectrum + torch.fft.rfft(source * self._ramp, FFT) * filters[1:]
        pieces = torch.fft.irfft(spectrum.sum(dim=1), FFT)
        self._last_f0, self._last_filters = frames.f0[-1:], filters[-1:]
        return self._overlap(pieces)

    def _filters(self, frames: Frames) -> Tensor:
        """Minimum-phase spectra (J, 2, BINS) of the harmonic and the noise branch."""
        harmonic = self._harmonic_share * frames.voicing[:, None]
        shares = torch.stack([harmonic, 1 - harmonic], dim=1).clamp_min(_LEAST_SHARE)
        density = (frames.envelope @ self._to_bins) * _LOG_10
        log_amplitude = 0.5 * (density[:, None] + torch.log(shares))
        cepstrum = torch.fft.irfft(log_amplitude, FFT) * self._fold
        return torch.exp(torch.fft.rfft(cepstrum, FFT)) * frames.gain[:, None, None]

    def _pulses(self, pitch: Tensor) -> Tensor:
        """A band-limited pulse train of density 1 for the instantaneous pitch (J, HOP) in Hz."""
        turns = torch.cumsum(pitch.double().flatten() / SAMPLE_RATE, 0) + self._phase
        self._phase = float(turns[-1] % 1.0)
        angle = (2 * torch.pi * (turns % 1.0)).view_as(pitch)
        harmonics = torch.floor(_HIGHEST_HARMONIC_HZ / pitch.double())
        half = torch.sin(angle / 2)
        at_pulse = half.abs() < 1e-6
        closed = torch.sin((harmonics + 0.5) * angle) / torch.where(at_pulse, 1.0, 2 * half) - 0.5
        train = torch.where(at_pulse, harmonics, closed)
        return (2 * torch.sqrt(pitch / SAMPLE_RATE) * train).float()

    def _next_noise(self, count: int) -> Tensor:
        """The next (count, HOP) samples of the noise table."""
        at = (self._samples + torch.arange(count * HOP)) % _NOISE_PERIOD
        self._samples = (self._samples + count * HOP) % _NOISE_PERIOD
        return self._noise[at].view(count, HOP)

    def _overlap(self, pieces: Tensor) -> Tensor:
        """Add pieces (J, FFT) HOP apart to the tail; give what is finished and keep the rest."""
        count = len(pieces)
        total = torch.zeros(count * HOP + FFT - HOP)
        total[: FFT - HOP] += self._tail
        for j in range(count):
            total[j * HOP : j * HOP + FFT] += pieces[j]
        self._tail = total[count * HOP :]
        return total[: count * HOP]
