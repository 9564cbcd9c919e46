"""Source and filter: pitch, voicing and envelope of each 10 ms frame to a waveform, strictly left to right.

A band-limited pulse train and white noise each pass through minimum-phase filters (so that nothing sounds before its
cause) that are interpolated between one frame instant and the next. The noise is a fixed table read by sample
number, so the same frames always give the same samples however they are cut into pushes. Several utterances pass
through side by side, a row each. How much of a voiced frame is
noise is one curve over frequency: on clean speech it sounded better than shares measured frame by frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.envelope import BINS, FFT, band_to_bin_matrix
from baselines.shared.codec.pitch import HOP, SAMPLE_RATE

_LOG_10: Final = 2.302585
_NOISE_HZ: Final = (500.0, 1500.0, 2750.0, 4500.0, 6750.0)
_NOISE_SHARE: Final = (0.003, 0.02, 0.08, 0.2, 0.4)
_LEAST_SHARE: Final = 1e-6
_HIGHEST_HARMONIC_HZ: Final = 7800.0
_NOISE_PERIOD: Final = 1 << 16
_NOISE_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Frames:
    """What the vocoder needs to know of ``J`` successive 10 ms frames of ``R`` utterances.

    Attributes:
        f0: (R, J) Hz.
        voicing: (R, J) 0 to 1; the part of the power that is not noise in a voiced frame is scaled by it.
        envelope: (R, J, BANDS) log10 power density.
        gain: (R, J) factor on everything; 0 is silence.
    """

    f0: Tensor
    voicing: Tensor
    envelope: Tensor
    gain: Tensor


@dataclass(slots=True)
class _State:
    """Where each row is: pitch and filters of its newest frame, the phase of its pulses, the sound still fading."""

    f0: Tensor
    filters: Tensor
    phase: Tensor
    tail: Tensor


class Vocoder:
    """The vocoder's state between frames; ``push`` is O(1) in what came before.

    Args:
        rows: utterances.
    """

    def __init__(self, rows: int = 1) -> None:
        self._to_bins = torch.from_numpy(band_to_bin_matrix()).T.contiguous()
        bins = np.linspace(0.0, SAMPLE_RATE / 2, BINS)
        self._harmonic_share = torch.from_numpy(1 - np.interp(bins, _NOISE_HZ, _NOISE_SHARE)).float()
        generator = torch.Generator().manual_seed(_NOISE_SEED)
        self._noise = torch.randn(_NOISE_PERIOD, generator=generator)
        self._rise = torch.arange(1, HOP + 1) / HOP
        self._fall = 1 - self._rise
        self._fold = torch.ones(FFT)
        self._fold[1 : FFT // 2] = 2.0
        self._fold[FFT // 2 + 1 :] = 0.0
        self._samples = np.zeros(rows, dtype=np.int64)
        self._begun = np.zeros(rows, dtype=bool)
        self._state = _State(
            f0=torch.zeros(rows, 1),
            filters=torch.zeros(rows, 1, 2, BINS, dtype=torch.complex64),
            phase=torch.zeros(rows, 1, dtype=torch.float64),
            tail=torch.zeros(rows, FFT - HOP),
        )

    def push(self, frames: Frames, active: NDArray[np.bool_] | None = None) -> Tensor:
        """The next ``(R, J * HOP)`` samples, float32. Rows that are not ``active`` ``(R,)`` stay where they are."""
        state, (_, count) = self._state, frames.f0.shape
        filters = torch.cat([state.filters, self._filters(frames)], dim=1)
        before = state.f0
        if not self._begun.all():
            before = torch.where(torch.from_numpy(self._begun)[:, None], before, frames.f0[:, :1])
        start = torch.cat([before, frames.f0[:, :-1]], dim=1)
        pitch = start[..., None] + (frames.f0 - start)[..., None] * self._rise
        pulses, phase = self._pulses(pitch)
        source = torch.stack([pulses, self._next_noise(count)], dim=2)
        spectrum = torch.fft.rfft(source * self._fall, FFT) * filters[:, :-1]
        spectrum = spectrum + torch.fft.rfft(source * self._rise, FFT) * filters[:, 1:]
        pieces = torch.fft.irfft(spectrum.sum(dim=2), FFT)
        sound, tail = self._overlap(pieces)
        self._move(_State(frames.f0[:, -1:], filters[:, -1:], phase, tail), count, active)
        return sound

    def _move(self, new: _State, count: int, active: NDArray[np.bool_] | None) -> None:
        moved = np.ones(len(self._samples), dtype=bool) if active is None else active
        self._samples = (self._samples + moved * count * HOP) % _NOISE_PERIOD
        self._begun = self._begun | moved
        if not moved.all():
            old, chosen = self._state, torch.from_numpy(moved)[:, None]
            new = _State(
                f0=torch.where(chosen, new.f0, old.f0),
                filters=torch.where(chosen[..., None, None], new.filters, old.filters),
                phase=torch.where(chosen, new.phase, old.phase),
                tail=torch.where(chosen, new.tail, old.tail),
            )
        self._state = new

    def _filters(self, frames: Frames) -> Tensor:
        """Minimum-phase spectra (R, J, 2, BINS) of the harmonic and the noise branch."""
        harmonic = self._harmonic_share * frames.voicing[..., None]
        shares = torch.stack([harmonic, 1 - harmonic], dim=2).clamp_min(_LEAST_SHARE)
        density = (frames.envelope @ self._to_bins) * _LOG_10
        log_amplitude = 0.5 * (density[:, :, None] + torch.log(shares))
        cepstrum = torch.fft.irfft(log_amplitude, FFT) * self._fold
        return torch.exp(torch.fft.rfft(cepstrum, FFT)) * frames.gain[..., None, None]

    def _pulses(self, pitch: Tensor) -> tuple[Tensor, Tensor]:
        """A band-limited pulse train of density 1 for the instantaneous pitch (R, J, HOP) in Hz, and the phase (R, 1)
        at its end.
        """
        exact = pitch.double()
        turns = (torch.cumsum(exact.flatten(1) / SAMPLE_RATE, 1) + self._state.phase) % 1.0
        angle = (2 * torch.pi * turns).view_as(pitch)
        harmonics = torch.floor(_HIGHEST_HARMONIC_HZ / exact)
        half = torch.sin(angle / 2)
        at_pulse = half.abs() < 1e-6
        closed = torch.sin((harmonics + 0.5) * angle) / torch.where(at_pulse, 1.0, 2 * half) - 0.5
        train = torch.where(at_pulse, harmonics, closed)
        return (2 * torch.sqrt(pitch / SAMPLE_RATE) * train).float(), turns[:, -1:]

    def _next_noise(self, count: int) -> Tensor:
        """The next (R, count, HOP) samples of the noise table."""
        at = (self._samples[:, None] + np.arange(count * HOP)) % _NOISE_PERIOD
        return self._noise[torch.from_numpy(at)].view(len(at), count, HOP)

    def _overlap(self, pieces: Tensor) -> tuple[Tensor, Tensor]:
        """Add pieces (R, J, FFT) HOP apart to the tail; what is finished, and the rest."""
        rows, count, _ = pieces.shape
        total = torch.zeros(rows, count * HOP + FFT - HOP)
        total[:, : FFT - HOP] += self._state.tail
        for j in range(count):
            total[:, j * HOP : j * HOP + FFT] += pieces[:, j]
        return total[:, : count * HOP], total[:, count * HOP :]
