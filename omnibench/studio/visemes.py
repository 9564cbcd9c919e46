"""Timed phones to lip and jaw coefficients: viseme targets blended by dominance functions.

Source: Cohen & Massaro (1993), Modeling coarticulation in synthetic visual speech: every phone pulls each channel
towards its target with a weight that decays away from the phone; the face is the weighted mean. Closures are then
enforced, because a mean never closes the lips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of
from omnibench.studio.curves import Curve, plateau, smoothed
from omnibench.studio.voice import Phone

RATE: Final = 200
"""Samples a second of the inner time grid; frames read it at their centres."""

CHANNELS: Final = (
    "jaw",
    "funnel",
    "pucker",
    "stretch",
    "smile",
    "lower",
    "upper",
    "roll_lower",
    "roll_upper",
    "press",
    "shrug",
)
COEFFICIENTS: Final[dict[str, tuple[str, ...]]] = {
    "jaw": ("jawOpen",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "lower": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "roll_lower": ("mouthRollLower",),
    "roll_upper": ("mouthRollUpper",),
    "press": ("mouthPressLeft", "mouthPressRight"),
    "shrug": ("mouthShrugUpper", "mouthShrugLower"),
}


@dataclass(frozen=True, slots=True)
class Viseme:
    """Targets 0..1 of the channels that the sound shapes (the others have target 0).

    ``jaw_pull`` and ``lip_pull`` are the dominance peaks, how much the sound insists on its jaw and on its lips:
    ``/h/`` takes what stands beside it, ``/u/`` rounds it.
    """

    targets: tuple[tuple[str, float], ...]
    jaw_pull: float
    lip_pull: float


def _viseme(jaw_pull: float, lip_pull: float, **targets: float) -> Viseme:
    return Viseme(tuple(targets.items()), jaw_pull, lip_pull)


VISEMES: Final[dict[str, Viseme]] = {
    "a": _viseme(1.0, 0.7, jaw=0.50, lower=0.26, upper=0.12, stretch=0.06),
    "ɑ": _viseme(1.0, 0.7, jaw=0.50, lower=0.18, upper=0.08),
    "æ": _viseme(1.0, 0.8, jaw=0.46, lower=0.32, upper=0.18, stretch=0.18, smile=0.08),
    "ʌ": _viseme(0.9, 0.5, jaw=0.38, lower=0.18, upper=0.08),
    "ɒ": _viseme(1.0, 0.8, jaw=0.44, funnel=0.22, lower=0.14),
    "ɔ": _viseme(0.9, 1.1, jaw=0.38, funnel=0.42, pucker=0.26),
    "o": _viseme(0.8, 1.3, jaw=0.30, funnel=0.38, pucker=0.58),
    "e": _viseme(0.8, 0.9, jaw=0.27, stretch=0.20, smile=0.14, lower=0.26, upper=0.12),
    "ɛ": _viseme(0.9, 0.8, jaw=0.34, stretch=0.12, smile=0.06, lower=0.26, upper=0.14),
    "ɜ": _viseme(0.8, 0.8, jaw=0.25, funnel=0.18, pucker=0.18, lower=0.12),
    "ə": _viseme(0.5, 0.3, jaw=0.22, lower=0.12, upper=0.05),
    "ɪ": _viseme(0.7, 0.7, jaw=0.22, stretch=0.16, smile=0.08, lower=0.18, upper=0.08),
    "i": _viseme(0.8, 1.0, jaw=0.16, stretch=0.28, smile=0.22, lower=0.20, upper=0.12),
    "ʊ": _viseme(0.7, 1.1, jaw=0.20, pucker=0.58, funnel=0.22),
    "u": _viseme(0.8, 1.5, jaw=0.14, pucker=0.90, funnel=0.24),
    "w": _viseme(0.8, 1.6, jaw=0.08, pucker=0.96, funnel=0.18),
    "ɹ": _viseme(0.5, 0.8, jaw=0.12, pucker=0.34, funnel=0.24),
    "j": _viseme(0.6, 0.7, jaw=0.11, stretch=0.20, smile=0.14, lower=0.12),
    "l": _viseme(0.6, 0.4, jaw=0.18, lower=0.18, upper=0.06),
    "m": _viseme(1.6, 1.6, press=0.34, roll_lower=0.22, roll_upper=0.18),
    "p": _viseme(1.6, 1.6, press=0.42, roll_lower=0.26, roll_upper=0.22),
    "f": _viseme(1.4, 1.5, jaw=0.06, roll_lower=0.46, upper=0.26),
    "θ": _viseme(0.7, 0.6, jaw=0.14, lower=0.22, upper=0.08),
    "t": _viseme(0.7, 0.4, jaw=0.09, lower=0.20, upper=0.06, stretch=0.06),
    "n": _viseme(0.6, 0.3, jaw=0.13, lower=0.16, upper=0.05),
    "s": _viseme(1.0, 0.7, jaw=0.05, lower=0.32, upper=0.12, stretch=0.20),
    "ʃ": _viseme(1.0, 1.3, jaw=0.09, funnel=0.48, pucker=0.38, lower=0.16, upper=0.14),
    "k": _viseme(0.5, 0.2, jaw=0.16, lower=0.12),
    "h": _viseme(0.2, 0.1, jaw=0.22),
}
REST: Final = _viseme(0.9, 0.8)

_SPLIT: Final = 0.55
SYMBOLS: Final[dict[str, tuple[str, ...]]] = {
    **{symbol: (symbol,) for symbol in "aɑæʌɒɔɛɜəɪiʊuwɹjlmpfθtnsʃkhoe"},
    **dict.fromkeys("bʙ", ("p",)),
    **dict.fromkeys("vɱʋ", ("f",)),
    **dict.fromkeys("dTɾʔ", ("t",)),
    **dict.fromkeys("zʦʣ", ("s",)),
    **dict.fromkeys("ʒ", ("ʃ",)),
    **dict.fromkeys("gɡŋxcq", ("k",)),
    **dict.fromkeys("ð", ("θ",)),
    **dict.fromkeys("ɐᵊɚ", ("ə",)),
    **dict.fromkeys("ᵻɨ", ("ɪ",)),
    "ʧ": ("t", "ʃ"),
    "ʤ": ("t", "ʃ"),
    "r": ("ɹ",),
    "y": ("u",),
    "A": ("e", "ɪ"),
    "I": ("a", "ɪ"),
    "O": ("o", "ʊ"),
    "Q": ("ə", "ʊ"),
    "W": ("a", "ʊ"),
    "Y": ("ɔ", "ɪ"),
}
"""Kokoro's symbols (misaki's, American and British) as visemes; diphthongs and affricates are two."""

BILABIAL: Final = frozenset("mpb")
LABIODENTAL: Final = frozenset("fvɱʋ")
_JAW: Final = CHANNELS.index("jaw")
_OPENING: Final = tuple(CHANNELS.index(name) for name in ("lower", "upper", "stretch", "smile"))
_SHUTTING: Final = tuple(CHANNELS.index(name) for name in ("press", "roll_lower", "roll_upper"))
_JAW_REACH: Final = (0.045, 0.050)
_LIP_REACH: Final = (0.075, 0.055)
_REST_LEAD: Final = 0.07
_REST_TAIL: Final = 0.05
_SHORTEST_REST: Final = 0.09
_BLUR: Final = 0.014
_CLOSING: Final = 0.055
_SOFTEST: Final = 0.5
_LONG: Final = 60.0
_PIECE: Final = 10.0
_BESIDE: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Segment:
    viseme: Viseme
    start: float
    end: float


def lip_coefficients(
    phones: Sequence[Phone], loudness: Curve, frames: int, fps: float, size: float = 1.0
) -> NDArray[np.float64]:
    """The lips and jaw of one person over a whole dialogue.

    Args:
        phones: in order; what lies between two phones is rest.
        loudness: 0 (silence) to 1 (the loudest syllables) on the grid of :data:`RATE`; louder vowels open wider.
        frames: number of video frames ``T``.
        fps: frames a second.
        size: how large this person articulates; 1 is average.

    Returns:
        ``(T, 52)``, zero outside the lip coefficients. Frame ``i`` shows the middle of its interval, so that
        neither sound nor lips lead.

    Raises:
        KeyError: a symbol that is not in :data:`SYMBOLS`.
    """
    grid = np.arange(round(frames / fps * RATE) + 1) / RATE
    channels = _blended(_segments(phones, float(grid[-1])), grid)
    gain = _SOFTEST + (1.15 - _SOFTEST) * np.interp(grid, np.arange(len(loudness)) / RATE, loudness)
    channels[:, _JAW] *= gain
    channels *= size
    channels = np.stack([smoothed(channel, _BLUR * RATE) for channel in channels.T], axis=1)
    _shut(channels, phones, grid, fps)
    centres = (np.arange(frames) + 0.5) / fps
    expression = np.zeros((frames, 52))
    for name, channel in zip(CHANNELS, channels.T, strict=True):
        for coefficient in COEFFICIENTS[name]:
            expression[:, index_of(coefficient)] = np.interp(centres, grid, channel)
    return np.clip(expression, 0.0, 1.0)


def _segments(phones: Sequence[Phone], duration: float) -> list[_Segment]:
    """Phones as visemes, with rest before, between and after; the lips leave rest a little before the sound."""
    segments: list[_Segment] = []
    free = -1.0
    for phone in phones:
        if phone.start - free > _SHORTEST_REST:
            segments.append(_rest(free, phone.start))
        names = SYMBOLS[phone.symbol]
        middle = phone.start + _SPLIT * (phone.end - phone.start)
        edges = (phone.start, phone.end) if len(names) == 1 else (phone.start, middle, phone.end)
        segments += [_Segment(VISEMES[n], edges[k], edges[k + 1]) for k, n in enumerate(names)]
        free = phone.end
    segments.append(_rest(free, duration + 1.0))
    return segments


def _rest(start: float, end: float) -> _Segment:
    """Silence from ``start`` to ``end``; a short one is all transition."""
    tail = min(_REST_TAIL, 0.3 * (end - start))
    lead = min(_REST_LEAD, 0.4 * (end - start))
    return _Segment(REST, start + tail, end - lead)


def _blended(segments: Sequence[_Segment], grid: Curve) -> NDArray[np.float64]:
    """:func:`_blend`, of a long dialogue in pieces: what lies seconds away weighs nothing, and takes memory."""
    if len(grid) <= _LONG * RATE:
        return _blend(segments, grid)
    pieces = []
    for times in np.array_split(grid, math.ceil(len(grid) / (_PIECE * RATE))):
        first, last = float(times[0]) - _BESIDE, float(times[-1]) + _BESIDE
        pieces.append(_blend([s for s in segments if s.end > first and s.start < last], times))
    return np.concatenate(pieces)


def _blend(segments: Sequence[_Segment], grid: Curve) -> NDArray[np.float64]:
    """The mean of all targets, weighted by exp(-distance / reach); ``(len(grid), len(CHANNELS))``."""
    start = np.array([s.start for s in segments])
    end = np.array([s.end for s in segments])
    quarter = np.where([s.viseme is REST for s in segments], 0.0, 0.25 * (end - start))
    before = np.maximum(start + quarter - grid[:, None], 0.0)
    after = np.maximum(grid[:, None] - (end - quarter), 0.0)
    targets = np.array([[dict(s.viseme.targets).get(name, 0.0) for name in CHANNELS] for s in segments])
    blended = np.empty((len(grid), len(CHANNELS)))
    for (anticipation, carry), pulls, columns in (
        (_JAW_REACH, [s.viseme.jaw_pull for s in segments], [_JAW]),
        (_LIP_REACH, [s.viseme.lip_pull for s in segments], [i for i in range(len(CHANNELS)) if i != _JAW]),
    ):
        weight = np.array(pulls) * np.exp(-(before / anticipation) - (after / carry)) ** 1.5
        weight /= weight.sum(axis=1, keepdims=True)
        blended[:, columns] = weight @ targets[:, columns]
    return blended


def _shut(channels: NDArray[np.float64], phones: Sequence[Phone], grid: Curve, fps: float) -> None:
    """Close the lips in every bilabial and bring lip to teeth in every labiodental, for at least one frame."""
    shortest = 1.05 / fps
    for phone in phones:
        if phone.symbol not in BILABIAL | LABIODENTAL:
            continue
        length = phone.end - phone.start
        centre = phone.start + (0.5 if phone.symbol in LABIODENTAL | {"m"} else 0.4) * length
        half = 0.5 * max(shortest, 0.6 * length)
        shut = plateau(grid, centre - half, centre + half, _CLOSING, _CLOSING)
        viseme = VISEMES[SYMBOLS[phone.symbol][0]]
        held = dict(viseme.targets)
        channels[:, _JAW] += shut * (np.minimum(channels[:, _JAW], held.get("jaw", 0.0)) - channels[:, _JAW])
        for column in (*_OPENING, *_SHUTTING):
            target = held.get(CHANNELS[column], 0.0)
            channels[:, column] += shut * (target - channels[:, column])
