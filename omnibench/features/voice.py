"""Where a voice is heard in a track: Silero VAD, run by onnxruntime from a file of its PyPI package.

The network gives a probability of speech every 32 ms; the package's own code is never imported. Unlike level alone
(`omnibench.features.activity`), it takes tones, noise, music and breathing for none. Its stretches begin and end a
little late of the words, by the same on every data set, which `HEARING` takes back; no padding is added.

Licence of the network: MIT (Silero Team, "Silero VAD", https://github.com/snakers4/silero-vad).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.finding import find
from omnibench.features.activity import Span
from omnibench.features.sound import RATE, Sound, at_16_khz

if TYPE_CHECKING:
    from omnibench.features.media import Media
    from omnibench.features.store import FeatureStore

ASSET: Final = "silero-vad"
FRAME: Final = 512
"""Samples that a probability is for: 32 ms."""

HEARING: Final[Mapping[str, Any]] = {
    "detector": "silero-vad-6.2.3@9ccdacc4",
    "threshold": 0.5,
    "onset": -0.015,
    "end": -0.04,
}
"""What defines the stretches. ``onset`` and ``end``, seconds added to their edges, are the medians of said less heard
over the 239 units of speech of mini's val split and 24 dialogues of studio's (onsets 5 and 24 ms late, ends 44 and 35
ms); the threshold is the network's own, and .3 to .7 find the same units there. Floor-transfer offsets of the people
are then those of their words to 19 ms (median of the absolute difference; nine in ten to 51 and 85 ms)."""

_CONTEXT: Final = 64
_AT_ONCE: Final = 512 * FRAME
_HYSTERESIS: Final = 0.15
_CLOSE: Final = 0.1
_SHORTEST: Final = 0.1


def speech_probabilities(sound: Sound) -> NDArray[np.float32]:
    """The probability of speech in each frame of 32 ms, the last one filled with silence: ``(ceil(seconds / .032),)``.

    Source: ``SileroVADSequence.audio_forward`` of silero-vad 6.2.3, whose values these are.

    Raises:
        MissingError: the network is not installed.
        InputError: it is another file than the pinned one.
    """
    session, sound = _session(), at_16_khz(sound)
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    before = np.zeros((1, _CONTEXT), np.float32)
    found = [np.zeros(0, np.float32)]
    start = 0
    while len(samples := sound(start, start + _AT_ONCE)[0]):
        frames = np.zeros((-(-len(samples) // FRAME), FRAME), np.float32)
        frames.reshape(-1)[: len(samples)] = samples
        context = np.concatenate([before, frames[:-1, -_CONTEXT:]])
        feeds = {"input": np.concatenate([context, frames], axis=1), "h": hidden, "c": cell}
        values, hidden, cell = session.run(["speech_probs", "hn", "cn"], feeds)
        found.append(values.reshape(-1))
        before = frames[-1:, -_CONTEXT:]
        start += _AT_ONCE
    return np.concatenate(found)


def voiced_spans(probabilities: NDArray[np.float32], hearing: Mapping[str, Any] = HEARING) -> tuple[Span, ...]:
    """Stretches of speech from a first frame at the threshold to the first of at least 0.1 s below it (by 0.15: the
    network's own hysteresis); those below 0.1 s are dropped, the others' edges moved by ``onset`` and ``end``.

    Source: ``get_speech_timestamps`` of silero-vad 6.2.3, with its padding 0.

    Example:
        >>> voiced_spans(np.repeat([0.0, 0.9, 0.0], [10, 20, 10]).astype(np.float32))
        (Span(start=0.305, end=0.92),)
    """
    frame, threshold = FRAME / RATE, hearing["threshold"]
    found: list[Span] = []
    start: int | None = None
    quiet: int | None = None
    for place, value in enumerate([*probabilities.tolist(), *[0.0] * (round(_CLOSE / frame) + 1)]):
        if start is None:
            start = place if value >= threshold else None
        elif value >= threshold:
            quiet = None
        elif value < threshold - _HYSTERESIS:
            quiet = place if quiet is None else quiet
            if (place - quiet + 1) * frame >= _CLOSE:
                found.append(Span(start * frame, quiet * frame))
                start = quiet = None
    kept = (span for span in found if span.end - span.start >= _SHORTEST)
    return tuple(
        Span(round(max(0.0, span.start + hearing["onset"]), 6), round(span.end + hearing["end"], 6)) for span in kept
    )


def media_voice(media: Media, features: FeatureStore, hearing: Mapping[str, Any] = HEARING) -> tuple[Span, ...]:
    """The stretches of a clip's sound, the network's part kept. Raises MetricError where there is no sound, and as
    `speech_probabilities`.
    """
    key = f"{HEARING['detector']}|speech"
    made = features.computed(media, key, lambda: {"speech": speech_probabilities(media.sound)})
    return voiced_spans(np.asarray(made["speech"], np.float32), hearing)


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(find(ASSET)), options, providers=["CPUExecutionProvider"])
