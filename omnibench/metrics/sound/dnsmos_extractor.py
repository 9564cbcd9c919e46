"""DNSMOS P.835 (Reddy, Gopal & Cutler, ICASSP 2022): how people would rate a recording's speech, its background, and
the whole, from 1 to 5. Run by onnxruntime from the model file of the PyPI package speechmos, whose code is never
imported.

Licence of the model: MIT (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.finding import ASSETS, find
from omnibench.features.sound import Samples

ASSET: Final = "dnsmos"
RATE: Final = 16_000
WINDOW: Final = 144_160
"""Samples that the network takes: 9.01 s."""

_SIGNAL: Final = (0.0052439, 1.22083953, -0.08397278)
_BACKGROUND: Final = (-0.39604546, 1.60915514, -0.13166888)
_OVERALL: Final = (0.04602535, 1.11546468, -0.06766283)


class SpeechQuality(NamedTuple):
    """Mean opinion scores, about 1 (bad) to 5 (excellent)."""

    overall: float
    signal: float
    background: float


def speech_quality(samples: Samples, hop_seconds: float = 1.0) -> SpeechQuality:
    """DNSMOS P.835 of a recording: windows of 9.01 s, a shorter recording repeated until it fills one; each score goes
    through the published polynomial, then the mean over windows.

    Args:
        samples: in [-1, 1] at 16 kHz, at least one; read window by window.
        hop_seconds: between the starts of two windows, > 0.

    Returns:
        With the default hop the scores that ``speechmos.dnsmos.run`` of speechmos 0.0.1.1 gives, but for recordings
        above 17 s: there it loses the windows from 7 to 23 s (and others later) to rounding.

    Raises:
        MissingError: the model file is not installed.
        InputError: it is another one than the pinned.
    """
    session = _session()
    raw = np.concatenate(
        [session.run(None, {"input_1": window[None]})[0] for window in windows(samples, hop_seconds)]
    ).astype(np.float64)
    signal, background, overall = (
        float(np.polynomial.polynomial.polyval(raw[:, column], polynomial).mean())
        for column, polynomial in enumerate((_SIGNAL, _BACKGROUND, _OVERALL))
    )
    return SpeechQuality(overall, signal, background)


def windows(samples: Samples, hop_seconds: float = 1.0) -> Iterator[NDArray[np.float32]]:
    """The recording doubled until it fills a window of 144160 samples, then one window every ``hop_seconds``.

    Source: ``DNSMOS.__call__`` of speechmos 0.0.1.1.

    Example:
        >>> [window.shape for window in windows(np.zeros(160_000, np.float32))]
        [(144160,)]
    """
    doublings = 0 if len(samples) >= WINDOW else int(np.ceil(np.log2(WINDOW / len(samples))))
    filled = np.tile(samples[:], 2**doublings) if doublings else samples
    whole_seconds = len(filled) // RATE * RATE
    for start in range(0, max(whole_seconds - WINDOW, 0) + 1, round(hop_seconds * RATE)):
        yield np.asarray(filled[start : start + WINDOW], dtype=np.float32)


def network_name() -> str:
    """``dnsmos-p835@`` and the start of the pinned sha256."""
    return f"dnsmos-p835@{ASSETS[ASSET].sha256[:8]}"


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(find(ASSET)), options, providers=["CPUExecutionProvider"])
