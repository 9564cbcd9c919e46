"""Who is speaking: unit vectors that lie near one another for utterances of one person, whatever is said.

The network is Resemblyzer's voice encoder (Wan et al. 2018, "Generalized end-to-end loss for speaker verification",
ICASSP; Apache-2.0), read as plain tensors from a file of its package, whose code and requirements are not needed:

    pip install --no-deps resemblyzer==0.1.4

The spectrogram is the one that it was trained on (40 mel bands of power, windows of 25 ms every 10 ms), pieces are of
1.6 s. Unlike the package, nothing is cut out here: give it speech whose pauses are left out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.finding import find
from omnibench.features.mel import mel_power
from omnibench.features.sound import RATE, at_16_khz, whole

if TYPE_CHECKING:
    import torch

ASSET: Final = "voice-encoder"
PIECE: Final = 160
"""Frames of a piece: 1.6 s."""

_STEP: Final = 77
_COVERED: Final = 0.75
_WINDOW, _HOP, _BANDS = 400, 160, 40
_LEVEL: Final = 10 ** (-30 / 20)


def voice_vector(speech: NDArray[Any], rate: int) -> NDArray[np.float32]:
    """The unit vector ``(256,)``, no value negative, of one person's speech.

    Args:
        speech: ``(n,)`` in [-1, 1], best more than 1.6 s without pauses.
        rate: samples per second.

    Raises:
        MissingError: the network is not installed.
        InputError: it is another file than the pinned one.

    Source: ``VoiceEncoder.embed_utterance`` of resemblyzer 0.1.4, at its own rate of 1.3 pieces a second.
    """
    import torch

    samples = _at_least_as_loud(at_16_khz(whole(speech, rate))(0, None)[0])
    frames = -(-(len(samples) + 1) // _HOP)
    starts = list(range(0, max(1, frames - PIECE + _STEP + 1), _STEP))
    if len(starts) > 1 and (len(samples) - starts[-1] * _HOP) / (PIECE * _HOP) < _COVERED:
        starts.pop()
    padded = np.pad(samples, (0, max(0, (starts[-1] + PIECE) * _HOP - len(samples))))
    bands = mel_power(padded, RATE, n_fft=_WINDOW, hop=_HOP, window=_WINDOW, mels=_BANDS).T
    pieces = np.stack([bands[start : start + PIECE] for start in starts])
    lstm, linear = _network()
    with torch.inference_mode():
        _, (hidden, _) = lstm(torch.from_numpy(pieces))
        raw = torch.relu(linear(hidden[-1]))
        vectors: NDArray[np.float32] = (raw / raw.norm(dim=1, keepdim=True)).numpy()
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _at_least_as_loud(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raised to -30 dBFS, as in training; what is louder stays. Silence stays silence."""
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    return samples if not 0 < level < _LEVEL else np.asarray(samples * (_LEVEL / level), np.float32)


@cache
def _network() -> tuple[torch.nn.LSTM, torch.nn.Linear]:
    import torch

    from omnibench.features.torch_files import load_weights

    state = load_weights(find(ASSET))["model_state"]
    lstm, linear = torch.nn.LSTM(_BANDS, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    for name, module in (("lstm.", lstm), ("linear.", linear)):
        module.load_state_dict({key.removeprefix(name): value for key, value in state.items() if key.startswith(name)})
        module.eval()
    return lstm, linear
