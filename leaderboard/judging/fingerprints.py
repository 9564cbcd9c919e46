"""What an answer is recognised by after it was re-encoded, made louder or shifted.

The sound's fingerprint is that of Haitsma and Kalker ("A highly robust audio fingerprinting system", ISMIR 2002): one
bit for each pair of neighbouring bands, the sign of how their difference in energy changes over time. Two recordings of
the same sound differ in few bits; of different sounds, in about half.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BANDS: Final = 17
HOP_SECONDS: Final = 0.1
WINDOW_SECONDS: Final = 0.4
LOWEST_HZ, HIGHEST_HZ = 300.0, 2000.0
# Haitsma and Kalker call recordings the same below a bit error rate of 0.35, over 8192 bits; here as few as 320 are
# compared, so the bar is lower.
SAME_SOUND: Final = 0.25
LEAST_FRAMES: Final = 20
_FINE: Final = 4
_QUIET_DB: Final = -45.0
_KEPT_SECONDS: Final = 60.0
_WORD: Final = re.compile(r"[\w']+")

Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sound:
    """``bits`` is ``(frames, BANDS - 1)``; ``voiced`` ``(frames,)`` says where there is anything to compare."""

    bits: Bits
    voiced: Bits


def sound_of(samples: NDArray[np.floating], rate: int, hop: float = HOP_SECONDS) -> Sound:
    """The fingerprint of mono samples ``(n,)`` at ``rate`` Hz, a frame every ``hop`` seconds."""
    size, step = round(WINDOW_SECONDS * rate), hop * rate
    count = max(0, int((len(samples) - size) / step) + 1)
    if count < 2:
        return Sound(np.zeros((0, BANDS - 1), np.bool_), np.zeros(0, np.bool_))
    window = np.hanning(size)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    limits = np.searchsorted(np.fft.rfftfreq(size, 1 / rate), edges)
    energy = np.empty((count, BANDS))
    for frame in range(count):
        start = round(frame * step)
        power = np.abs(np.fft.rfft(window * samples[start : start + size])) ** 2
        energy[frame] = np.add.reduceat(power[: limits[-1]], limits[:-1])
    loudness = energy.sum(axis=1)
    back = max(1, round(HOP_SECONDS / hop))
    slope = energy[:, :-1] - energy[:, 1:]
    change = slope[back:] - slope[:-back]
    loud = loudness > max(loudness.max() * 10 ** (_QUIET_DB / 10), 1e-9)
    return Sound(change > 0, loud[back:] & loud[:-back])


def bit_error(first: Sound, second: Sound) -> float | None:
    """The share of bits that differ where both have sound, frame by frame; None where that is less than 2 s."""
    length = min(len(first.bits), len(second.bits))
    both = first.voiced[:length] & second.voiced[:length]
    if both.sum() < LEAST_FRAMES:
        return None
    return float((first.bits[:length][both] != second.bits[:length][both]).mean())


def nearest_copy(
    answer: NDArray[np.floating], rate: int, other: NDArray[np.floating], other_rate: int, lags: tuple[float, float]
) -> tuple[float, float] | None:
    """``(bit error, lag)`` where an answer is most like another sound; ``lag`` in seconds, positive where it is later.

    Args:
        answer: samples ``(n,)``.
        rate: of the answer.
        other: samples that it may be a copy of.
        other_rate: of those.
        lags: the earliest and the latest that is tried, in steps of a quarter of a frame.
    """
    mine = sound_of(answer, rate)
    theirs = sound_of(other, other_rate, HOP_SECONDS / _FINE)
    best: tuple[float, float] | None = None
    for lag in range(round(lags[0] / HOP_SECONDS * _FINE), round(lags[1] / HOP_SECONDS * _FINE) + 1):
        index = np.arange(len(mine.bits)) * _FINE - lag
        inside = (index >= 0) & (index < len(theirs.bits))
        shifted = Sound(theirs.bits[index[inside]], theirs.voiced[index[inside]])
        error = bit_error(Sound(mine.bits[inside], mine.voiced[inside]), shifted)
        if error is not None and (best is None or error < best[0]):
            best = (error, lag * HOP_SECONDS / _FINE)
    return best


def plain_words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return [word.lower() for word in _WORD.findall(text)]


def fingerprint(
    text: str | None, sound: tuple[NDArray[np.floating], int] | None, face: NDArray[np.floating] | None
) -> dict[str, Any]:
    """What ``fingerprints.json`` keeps of one dialogue; parts that are not there are null."""
    kept: dict[str, Any] = {"words": 0, "text": None, "sound": None, "voiced": None, "face": None}
    if text is not None:
        words = plain_words(text)
        kept |= {"words": len(words), "text": _short_hash(" ".join(words).encode())}
    if sound is not None:
        samples, rate = sound
        found = sound_of(samples[: round(_KEPT_SECONDS * rate)], rate)
        kept |= {"sound": _packed(found.bits), "voiced": _packed(found.voiced)}
    if face is not None:
        kept["face"] = _short_hash(np.round(face.astype(np.float64), 2).astype("<f4").tobytes())
    return kept


def same_answer(first: dict[str, Any], second: dict[str, Any], least_words: int) -> list[str]:
    """In which parts two kept fingerprints are the same: of ``text``, ``sound``, ``face``."""
    same = []
    if first["text"] is not None and first["text"] == second["text"] and first["words"] >= least_words:
        same.append("text")
    sounds = [_unpacked(item) for item in (first, second) if item["sound"] is not None]
    if len(sounds) == 2:
        error = bit_error(*sounds)
        if error is not None and error < SAME_SOUND:
            same.append("sound")
    if first["face"] is not None and first["face"] == second["face"]:
        same.append("face")
    return same


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _packed(bits: Bits) -> str:
    return base64.b64encode(np.packbits(bits).tobytes()).decode()


def _unpacked(kept: dict[str, Any]) -> Sound:
    voiced = np.unpackbits(np.frombuffer(base64.b64decode(kept["voiced"]), np.uint8)).astype(np.bool_)
    bits = np.unpackbits(np.frombuffer(base64.b64decode(kept["sound"]), np.uint8)).astype(np.bool_)
    # Packing pads to whole bytes: the bits' length, a multiple of two bytes, says how many frames there are.
    frames = len(bits) // (BANDS - 1)
    return Sound(bits[: frames * (BANDS - 1)].reshape(frames, BANDS - 1), voiced[:frames])
