"""Known damage, graded: pure functions from arrays to arrays.

Grade 0 (no delay, no share, infinite signal-to-noise ratio) gives the input back. A damage that draws at random takes a
generator; with the same generator state, what a weaker grade damages a stronger one damages too, so that grades differ
in how much is broken and not in what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import speech_spans
from omnibench.types import Audio, Face, Image, Word

DROPOUT: Final = 0.1
"""Seconds of one hole in the sound: long enough to swallow a syllable."""

_PICTURES_HELD: Final = 256


def delayed(samples: Audio, rate: int, seconds: float) -> Audio:
    """Sound that starts ``seconds`` late behind silence; what runs over the end is lost, so the length is kept.

    Args:
        samples: ``(n,)`` in [-1, 1].
        rate: samples per second.
        seconds: >= 0.
    """
    late = min(round(seconds * rate), samples.size)
    return np.concatenate([np.zeros(late, samples.dtype), samples[: samples.size - late]])


def noisy(samples: Audio, rate: int, decibels: float, rng: np.random.Generator) -> Audio:
    """White noise over the whole track, ``decibels`` below the power of its speech; length kept, clipped to [-1, 1].

    A track without speech has no level to measure noise against and stays as it is.

    Args:
        samples: ``(n,)`` in [-1, 1].
        rate: samples per second.
        decibels: signal-to-noise ratio; infinity is no noise.
        rng: draws the same noise, scaled, for every ratio.
    """
    noise = rng.standard_normal(samples.size)
    spoken = [samples[int(span.start * rate) : int(span.end * rate)] for span in speech_spans(samples, rate)]
    if not spoken or np.isposinf(decibels):
        return samples.copy()
    level = float(np.sqrt(np.mean(np.concatenate(spoken).astype(np.float64) ** 2)))
    noise *= level * 10.0 ** (-decibels / 20)
    return np.clip(samples + noise, -1.0, 1.0).astype(samples.dtype)


def padded(samples: Audio, rate: int, seconds: float) -> Audio:
    """The sound with ``seconds`` of digital silence after its end; nothing moves."""
    return np.concatenate([samples, np.zeros(round(seconds * rate), samples.dtype)])


def holed(samples: Audio, rate: int, share: float, rng: np.random.Generator) -> Audio:
    """Sound of which a ``share`` of all 0.1 s blocks is replaced with silence; length kept.

    Args:
        samples: ``(n,)`` in [-1, 1].
        rate: samples per second.
        share: in [0, 1].
        rng: orders the blocks.
    """
    block = max(1, round(DROPOUT * rate))
    count = -(-samples.size // block)
    damaged = samples.copy()
    for index in rng.permutation(count)[: round(share * count)].tolist():
        damaged[index * block : (index + 1) * block] = 0.0
    return damaged


def without_words(words: Sequence[Word], share: float, rng: np.random.Generator) -> tuple[Word, ...]:
    """The words that are left, times untouched, when ``round(share * n)`` of them are dropped."""
    gone = set(rng.permutation(len(words))[: round(share * len(words))].tolist())
    return tuple(word for index, word in enumerate(words) if index not in gone)


def shuffled_words(words: Sequence[Word], share: float, rng: np.random.Generator) -> tuple[Word, ...]:
    """Words of which ``round(share * n)`` change places in a circle: the times of the places stay, the texts move.

    One word cannot change places with itself: from a share above 0 at least two do, where there are two.
    """
    order = rng.permutation(len(words)).tolist()
    moved = order[: max(2, round(share * len(words)))] if share > 0 and len(words) > 1 else []
    texts = [word.text for word in words]
    for place, source in zip(moved, moved[1:] + moved[:1], strict=True):
        texts[place] = words[source].text
    return tuple(Word(text, word.start, word.end) for text, word in zip(texts, words, strict=True))


def delayed_words(words: Sequence[Word], seconds: float) -> tuple[Word, ...]:
    """The same words, ``seconds`` later; they may run past the end of the clip, as a late answer does."""
    return tuple(Word(word.text, word.start + seconds, word.end + seconds) for word in words)


def frozen_order(count: int, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of ``count`` frames to show when, if one stretch of ``share`` of the clip stands still on its first frame.

    Returns:
        ``(count,)`` indices.

    Example:
        >>> frozen_order(5, 0.6, np.random.default_rng(0)).tolist()
        [0, 1, 1, 1, 4]
    """
    start, stop = _stretch(count, share, rng)
    order = np.arange(count)
    order[start:stop] = start
    return order


def reversed_order(count: int, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of ``count`` frames to show when, if one stretch of ``share`` of the clip runs backwards: a permutation.

    Example:
        >>> reversed_order(5, 0.6, np.random.default_rng(0)).tolist()
        [0, 3, 2, 1, 4]
    """
    start, stop = _stretch(count, share, rng)
    order = np.arange(count)
    order[start:stop] = order[start:stop][::-1]
    return order


def _stretch(count: int, share: float, rng: np.random.Generator) -> tuple[int, int]:
    """Start and stop of ``round(share * count)`` frames that grow around one drawn place as the share does."""
    length = round(share * count)
    start = int(rng.random() * (count - length))
    return start, start + length


def jittered(face: Face, strength: float, rng: np.random.Generator) -> Face:
    """Coefficients with white noise on each column, ``strength`` times the column's own deviation over the clip.

    Args:
        face: ``(T, 64)``.
        strength: 0 for none; at 1 there is as much noise as motion.
        rng: draws the same noise, scaled, for every strength.
    """
    noise = rng.standard_normal(face.shape) * face.astype(np.float64).std(axis=0)
    return (face + strength * noise).astype(face.dtype)


def blurred(image: Image, width: float) -> Image:
    """A picture of squares ``width`` pixels wide, each of its mean colour; 1 and below leave it as it is.

    Args:
        image: ``(H, W, 3)`` uint8.
        width: side of a square in pixels, rounded; squares at the right and lower edge are cut.
    """
    side = round(width)
    if side <= 1:
        return image.copy()
    height, breadth = image.shape[:2]
    rows, columns = -(-height // side), -(-breadth // side)
    whole = np.pad(image, ((0, rows * side - height), (0, columns * side - breadth), (0, 0)), mode="edge")
    sums = whole.reshape(rows, side, columns * side, 3).sum(axis=1, dtype=np.uint32)
    sums = sums.reshape(rows, columns, side, 3).sum(axis=2)
    means = ((sums + side * side // 2) // (side * side)).astype(np.uint8)
    return np.ascontiguousarray(means.repeat(side, axis=0).repeat(side, axis=1)[:height, :breadth])


def exchanged(ids: Sequence[str], persons: Mapping[str, str], share: float, rng: np.random.Generator) -> dict[str, str]:
    """Whose answer each dialogue gets when ``round(share * n)`` of them (at least two) pass theirs on in a circle.

    No answer is lost or used twice, so a metric that looks at answers without their dialogue sees the same set.

    Args:
        ids: the dialogues.
        persons: who answers in a dialogue, where that is known; neighbours of the circle are then different people as
            far as that goes.
        share: in [0, 1].
        rng: orders the dialogues.

    Returns:
        For each id the dialogue whose answer it gets, itself for those left alone.
    """
    waiting = [ids[index] for index in rng.permutation(len(ids)).tolist()]
    circle: list[str] = []
    while waiting:
        last = persons.get(circle[-1]) if circle else None
        stranger = next((i for i in waiting if last is None or persons.get(i) != last), waiting[0])
        waiting.remove(stranger)
        circle.append(stranger)
    circle = circle[: max(2, round(share * len(ids)))] if share > 0 and len(ids) > 1 else []
    return {i: i for i in ids} | dict(zip(circle, circle[1:] + circle[:1], strict=True))


def reordered(pictures: Callable[[], Iterator[Image]], order: NDArray[Any]) -> Iterator[Image]:
    """A clip's pictures in another order, decoded as often as it takes to hold no more than 256 of them.

    Args:
        pictures: starts decoding from the clip's first picture.
        order: ``(count,)`` indices of pictures.
    """
    for start in range(0, len(order), _PICTURES_HELD):
        wanted = order[start : start + _PICTURES_HELD].tolist()
        needed, last = set(wanted), max(wanted)
        held = {}
        for index, image in enumerate(pictures()):
            if index in needed:
                held[index] = image
            if index == last:
                break
        yield from (held[index] for index in wanted)
