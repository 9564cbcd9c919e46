"""What the codec keeps of speech: envelope, pitch and voicing every 10 ms, and who speaks as a handful of averages.

Everything is normalised by the voiceprint (envelope less the mean envelope of voiced speech, log pitch in the speaker's
own standard deviations), so that tokens need not say who speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from baselines.shared.codec.envelope import BANDS, band_to_bin_matrix, spectral_envelope
from baselines.shared.codec.pitch import HOP, track_pitch

FRAMES_PER_TOKEN: Final = 2
TOKEN_SAMPLES: Final = HOP * FRAMES_PER_TOKEN
FRAME_WIDTH: Final = BANDS + 2
VOICEPRINT_WIDTH: Final = BANDS + 2
SILENT_POWER: Final = 1e-6
LOWEST: Final = -3.5
HIGHEST: Final = 2.5
_DEFAULT_LOG_F0: Final = 5.0
_DEFAULT_SPREAD: Final = 0.2


@dataclass(frozen=True, slots=True)
class Analysis:
    """One clip at the instants ``(j + 1) * HOP``; the number of frames T is even.

    Attributes:
        envelope: (T, BANDS) log10 power density.
        log_f0: (T,) natural logarithm of the pitch in Hz, interpolated where unvoiced.
        voiced: (T,).
    """

    envelope: NDArray[np.float32]
    log_f0: NDArray[np.float32]
    voiced: NDArray[np.bool_]


def analyse(audio: NDArray[np.float32]) -> Analysis:
    """Envelope, pitch and voicing of (n,) float32 samples in [-1, 1] at 16 kHz: ``2 * ceil(n / 320)`` frames."""
    count = -(-len(audio) // TOKEN_SAMPLES) * FRAMES_PER_TOKEN
    f0, voiced = track_pitch(audio, count)
    envelope = spectral_envelope(audio, f0, voiced)
    return Analysis(envelope, np.log(f0).astype(np.float32), voiced & active(envelope))


def active(envelope: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(T,) frames louder than -60 dBFS."""
    weights = band_to_bin_matrix().mean(axis=0)
    return (10.0**envelope) @ (weights / weights.sum()) > SILENT_POWER


def silent_tokens(analysis: Analysis) -> NDArray[np.bool_]:
    """(T / 2,) tokens without an active frame."""
    return np.logical_not(np.any(active(analysis.envelope).reshape(-1, FRAMES_PER_TOKEN), axis=1))


def voiceprint_of(analysis: Analysis) -> NDArray[np.float32]:
    """(VOICEPRINT_WIDTH,) mean envelope of voiced frames, mean of log pitch, spread of log pitch in [0.08, 0.4].

    Without voiced frames every active frame counts, with a neutral pitch; without those, the envelope is at the floor.
    """
    at = analysis.voiced if analysis.voiced.any() else active(analysis.envelope)
    if not at.any():
        at = np.ones(len(at), np.bool_)
    mean = analysis.envelope[at].mean(axis=0) if len(at) else np.full(BANDS, LOWEST, np.float32)
    pitch = (_DEFAULT_LOG_F0, _DEFAULT_SPREAD)
    if analysis.voiced.any():
        values = analysis.log_f0[analysis.voiced]
        pitch = (float(values.mean()), float(np.clip(values.std(), 0.08, 0.4)))
    return np.concatenate([mean, np.array(pitch)]).astype(np.float32)


def normalise(analysis: Analysis, voiceprint: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, FRAME_WIDTH): envelope in [LOWEST, HIGHEST], pitch in speaker's deviations in [-4, 4], voicing 0 or 1."""
    envelope = np.clip(analysis.envelope - voiceprint[:BANDS], LOWEST, HIGHEST)
    pitch = np.clip((analysis.log_f0 - voiceprint[BANDS]) / voiceprint[BANDS + 1], -4.0, 4.0)
    return np.concatenate([envelope, pitch[:, None], analysis.voiced[:, None]], axis=1).astype(np.float32)
