"""The human listener's words, sound and face in disguise: what a team could send as its model's answers.

Every disguise takes a generator, so that the grid can be drawn again. ``GRID`` names one of each kind and strength by
part: words of strings, sound of samples at a rate with the speech's word times, faces of ``(frames, 64)`` at a rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from omnibench.types import Word

Generator = np.random.Generator
Samples = NDArray[np.float64]
Face = NDArray[np.float64]
Words = list[str]
DisguiseWords = Callable[[Words, Generator], Words]
DisguiseSound = Callable[[Samples, int, Sequence[Word], Generator], Samples]
DisguiseFace = Callable[[Face, float, Generator], Face]

FILLERS = ("well", "quite", "house", "morning", "because", "never", "friend", "little", "before", "winter", "question",
           "perhaps", "better", "kitchen", "doctor", "window", "something", "around", "summer", "letter")  # fmt: skip
LIKE = {
    "yes": "yeah", "yeah": "yes", "ok": "okay", "you": "ya", "the": "that", "a": "one", "good": "fine", "it": "this",
    "hm": "hmm", "oh": "ah", "no": "nope", "do": "did", "can": "could", "is": "was", "are": "were", "so": "then",
}  # fmt: skip


def replaced(every: int) -> DisguiseWords:
    """Every so manieth word is another one."""

    def disguise(words: Words, draw: Generator) -> Words:
        return [str(draw.choice(FILLERS)) if i % every == every // 2 else word for i, word in enumerate(words)]

    return disguise


def deleted(share: float) -> DisguiseWords:
    return lambda words, draw: [word for word in words if draw.random() >= share]


def inserted(share: float) -> DisguiseWords:
    def disguise(words: Words, draw: Generator) -> Words:
        return [w for word in words for w in ([word, str(draw.choice(FILLERS))] if draw.random() < share else [word])]

    return disguise


def reordered(words: Words, draw: Generator) -> Words:
    return [words[i] for i in draw.permutation(len(words))]


def synonyms(words: Words, draw: Generator) -> Words:
    return [LIKE.get(word.lower().strip(".,?!"), word) for word in words]


def at_speed(factor: float) -> DisguiseSound:
    """Played faster or slower, as a tape is: tempo and pitch together."""
    return lambda sound, rate, words, draw: _resampled(sound, factor)


def at_tempo(factor: float) -> DisguiseSound:
    """Faster or slower at the same pitch."""
    return lambda sound, rate, words, draw: _overlapped(sound, factor, rate)


def at_pitch(semitones: float) -> DisguiseSound:
    """Higher or lower at the same tempo."""
    ratio = 2 ** (semitones / 12)
    return lambda sound, rate, words, draw: _overlapped(_resampled(sound, ratio), 1 / ratio, rate)


def in_noise(snr: float) -> DisguiseSound:
    """White noise, so many decibels below the speech."""

    def disguise(sound: Samples, rate: int, words: Sequence[Word], draw: Generator) -> Samples:
        loud = np.abs(sound) > 0.02
        power = float(np.mean(sound[loud] ** 2)) if loud.any() else 1e-4
        return sound + draw.normal(size=len(sound)) * np.sqrt(power / 10 ** (snr / 10))

    return disguise


def muffled(hertz: float) -> DisguiseSound:
    def disguise(sound: Samples, rate: int, words: Sequence[Word], draw: Generator) -> Samples:
        return np.asarray(sosfilt(butter(4, hertz, fs=rate, output="sos"), sound))

    return disguise


def with_gaps(most: float) -> DisguiseSound:
    """Every pause between words is longer by up to so many seconds."""

    def disguise(sound: Samples, rate: int, words: Sequence[Word], draw: Generator) -> Samples:
        pieces, last = [], 0
        for word in words:
            start = max(last, int((word.start - 0.03) * rate))
            pieces += [sound[last:start], np.zeros(int(draw.uniform(0, most) * rate))]
            last = start
        return np.concatenate([*pieces, sound[last:]])

    return disguise


def delayed(seconds: float) -> DisguiseSound:
    return lambda sound, rate, words, draw: np.concatenate([np.zeros(round(seconds * rate)), sound])


def shaken(deviations: float, smooth: int = 1) -> DisguiseFace:
    """Noise of so many of each curve's standard deviations, white or as smooth as a mean over some frames."""

    def disguise(face: Face, fps: float, draw: Generator) -> Face:
        noise = _smoothed(draw.normal(size=face.shape), smooth)
        return face + deviations * face.std(axis=0) * noise / noise.std(axis=0)

    return disguise


def smoothed(frames: int) -> DisguiseFace:
    return lambda face, fps, draw: _smoothed(face, frames)


def lagging(seconds: float) -> DisguiseFace:
    def disguise(face: Face, fps: float, draw: Generator) -> Face:
        return np.vstack([np.repeat(face[:1], round(seconds * fps), axis=0), face])[: len(face)]

    return disguise


def scaled(face: Face, fps: float, draw: Generator) -> Face:
    """Every curve by a factor of its own, a third of them upside down."""
    factors = draw.uniform(0.3, 1.7, face.shape[1]) * np.where(draw.random(face.shape[1]) < 1 / 3, -1, 1)
    return face.mean(axis=0) + factors * (face - face.mean(axis=0))


def paced(factor: float) -> DisguiseFace:
    """Faster or slower; it ends early or is cut off."""

    def disguise(face: Face, fps: float, draw: Generator) -> Face:
        place = np.minimum(np.arange(len(face)) * factor, len(face) - 1.001)
        left = place.astype(int)
        share = (place - left)[:, None]
        return face[left] * (1 - share) + face[left + 1] * share

    return disguise


def only(first: int, last: int) -> DisguiseFace:
    """Those curves are the human's; the others tremble."""

    def disguise(face: Face, fps: float, draw: Generator) -> Face:
        other = _smoothed(draw.normal(size=face.shape), 9) * face.std(axis=0)
        other[:, first:last] = face[:, first:last]
        return other

    return disguise


def blended(share: float) -> DisguiseFace:
    """Mixed with as lively other movements."""

    def disguise(face: Face, fps: float, draw: Generator) -> Face:
        other = _smoothed(draw.normal(size=face.shape), 15)
        return share * face + (1 - share) * other * face.std(axis=0) / other.std(axis=0)

    return disguise


def after(first: DisguiseFace, second: DisguiseFace) -> DisguiseFace:
    return lambda face, fps, draw: second(first(face, fps, draw), fps, draw)


def sounds(first: DisguiseSound, second: DisguiseSound) -> DisguiseSound:
    return lambda sound, rate, words, draw: second(first(sound, rate, words, draw), rate, words, draw)


WORDS: dict[str, DisguiseWords] = {
    "as they are": lambda words, draw: words,
    **{f"one in {n} replaced": replaced(n) for n in (2, 3, 4, 5, 6, 7, 10)},
    **{f"{share:.0%} deleted": deleted(share) for share in (0.1, 0.3, 0.5)},
    **{f"{share:.0%} inserted": inserted(share) for share in (0.1, 0.3, 0.6)},
    "reordered": reordered,
    "small words exchanged": synonyms,
    "exchanged, one in 5 replaced, reordered": lambda w, draw: reordered(replaced(5)(synonyms(w, draw), draw), draw),
}
SOUNDS: dict[str, DisguiseSound] = {
    "as it is": lambda sound, rate, words, draw: sound,
    **{f"speed x {f:g}": at_speed(f) for f in (0.87, 0.94, 0.99, 1.01, 1.06, 1.15)},
    **{f"tempo x {f:g}": at_tempo(f) for f in (0.87, 0.94, 1.06, 1.15)},
    **{f"pitch {s:+d} semitones": at_pitch(s) for s in (-3, -1, 1, 3)},
    **{f"noise at {snr} dB": in_noise(snr) for snr in (20, 10, 5, 0)},
    **{f"low-pass at {hz} Hz": muffled(hz) for hz in (3000, 1000)},
    **{f"pauses longer by up to {s:g} s": with_gaps(s) for s in (0.05, 0.1, 0.2)},
    **{f"{s:g} s late": delayed(s) for s in (0.3, 1, 2)},
    "a tenth as loud": lambda sound, rate, words, draw: 0.1 * sound,
    "speed x 1.06, noise at 5 dB, low-pass at 2000 Hz": sounds(sounds(at_speed(1.06), in_noise(5)), muffled(2000)),
    "tempo x 0.9, pitch +2, noise at 10 dB": sounds(sounds(at_tempo(0.9), at_pitch(2)), in_noise(10)),
}
FACES: dict[str, DisguiseFace] = {
    "as it is": lambda face, fps, draw: face,
    **{f"white noise of {a:g} sd": shaken(a) for a in (0.1, 0.25, 0.5, 1.0)},
    **{f"smooth noise of {a:g} sd": shaken(a, 9) for a in (0.1, 0.25, 0.5, 1.0)},
    **{f"mean over {n} frames": smoothed(n) for n in (5, 15)},
    **{f"{s:g} s late": lagging(s) for s in (0.5, 1, 2)},
    "scaled, a third upside down": scaled,
    **{f"pace x {f:g}": paced(f) for f in (0.87, 0.94, 1.06, 1.15)},
    "only the face's first half (brows, eyes)": only(0, 23),
    "only the mouth": only(23, 52),
    "only the head": only(52, 64),
    "half of it, half others": blended(0.5),
    "pace x 1.06, smooth noise of 0.5 sd, 0.5 s late": after(after(paced(1.06), shaken(0.5, 9)), lagging(0.5)),
}


def _resampled(sound: Samples, factor: float) -> Samples:
    return np.interp(np.arange(0, len(sound) - 1, factor), np.arange(len(sound)), sound)


def _overlapped(sound: Samples, factor: float, rate: int) -> Samples:
    """Waveform-similarity overlap-add (Verhelst & Roelands 1993) with windows of 60 ms."""
    size = 2 * round(0.03 * rate)
    half, reach = size // 2, round(0.008 * rate)
    window, out = np.hanning(size), np.zeros(int(len(sound) / factor) + 2 * size)
    target, written = None, 0
    while (place := round(written * factor)) + size + half + reach < len(sound) and written + size <= len(out):
        start = place
        if target is not None:
            first = max(0, place - reach)
            start = first + int(np.argmax(np.correlate(sound[first : place + reach + size], target, "valid")))
        out[written : written + size] += window * sound[start : start + size]
        target = sound[start + half : start + half + size]
        if len(target) < size:
            break
        written += half
    return out


def _smoothed(curves: NDArray[np.floating], frames: int) -> Face:
    mean = np.ones(frames) / frames
    return np.stack([np.convolve(column, mean, "same") for column in curves.T.astype(np.float64)], axis=1)
