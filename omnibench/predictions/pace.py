"""When answers can play if time is real: from the times of a run's steps to the place of every item in the clip.

All of it is exact arithmetic on what a run left behind, so it gives the same whenever it is worked out.

* Frames arrive at ``fps``: frame ``i`` is complete at ``i + 1``, counted in frames from the dialogue's beginning.
* The model is a single server: it begins with frame ``i`` when that is complete, the answer before is out, and what
  its threads and children did since then is done. ``open`` counts as a part of the first step.
* Everybody gets `BUFFER` frame of play-out. So the answer to frame ``i`` plays from frame ``i + 1`` on, as in virtual
  time, if it is ready before frame ``i + 2`` begins; one that is ready at ``r`` plays from frame ``floor(r)`` on.
* Sound is ready as much later as the model's card declares that a codec behind it looks ahead, and words with it.
* What a model hands over plays in the order in which it came (`omnibench.runner.queues`), one item of face and picture
  a frame, sound sample by sample. What comes late is held (face) or silent (sound) until it is there, and what follows
  waits for it: a model that hands over nothing while it is silent catches up there, no other does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.types import Word

BUFFER: Final = 1
"""Frames of play-out buffer, for every model; part of what a paced number is (`omnibench.metrics.signature`)."""

Counts = NDArray[np.int64]
_SLACK: Final = 1e-6


def ready_frames(
    step_seconds: Sequence[float] | NDArray[Any], between: Sequence[float] | NDArray[Any], opening: float, fps: Fraction
) -> NDArray[np.float64]:
    """When each answer is ready, in frames from the dialogue's beginning.

    Args:
        step_seconds: ``(T,)``, what each step is charged with.
        between: ``(T,)``, what was done after the answer before it, before the first step after opening.
        opening: seconds that opening the dialogue took.
        fps: frames per second.

    Returns:
        ``(T,)`` ascending, at least ``i + 1``. One step that takes more than a frame keeps its followers waiting:

        >>> ready_frames([0.01, 0.05, 0.01], [0, 0, 0], 0.0, Fraction(25)).round(2).tolist()
        [1.25, 3.25, 3.5]
    """
    rate, free = float(fps), 0.0
    ready = np.empty(len(step_seconds))
    for index, (own, other) in enumerate(zip(step_seconds, between, strict=True)):
        before = 1.0 + (opening + float(other)) * rate if index == 0 else free + float(other) * rate
        free = ready[index] = max(index + 1.0, before) + float(own) * rate
    return ready


def first_frames(ready: NDArray[np.float64]) -> Counts:
    """The first frame in which each answer can play, ``(T,)``; the answer to frame ``i`` in ``i + 1`` if in time.

    >>> first_frames(np.array([1.25, 3.25, 3.5])).tolist()
    [1, 3, 3]
    """
    return np.floor(ready).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Queued:
    """Where the items of one part play: ``places`` ``(N,)`` ascending, also beyond the clip's end, and ``short``
    ``(F,)`` bool: whether frame ``f`` got less than a frame's worth.
    """

    places: Counts
    short: NDArray[np.bool_]


def queued(handed: Counts, first: Counts, before: Callable[[int], int], frames: int) -> Queued:
    """Play a queue of items.

    Args:
        handed: ``(T,)``, how many items came with each answer.
        first: ``(T,)`` ascending, the first frame in which each answer can play.
        before: items of the clip before a frame: ``lambda frame: frame`` for faces.
        frames: of the clip; in frame 0 nothing of an answer plays.

    Example:
        >>> queued(np.array([1, 1, 1]), np.array([1, 3, 3]), lambda frame: frame, 3).places.tolist()
        [1, 3, 4]
    """
    short = np.ones(frames, np.bool_)
    blocks: list[Counts] = [np.zeros(0, np.int64)]
    answer, waiting, frame = 0, 0, 1
    while waiting or answer < len(handed):
        if not waiting:
            frame = max(frame, int(first[answer]))
        while answer < len(handed) and first[answer] <= frame:
            waiting += int(handed[answer])
            answer += 1
        begin, end = before(frame), before(frame + 1)
        taken = min(waiting, end - begin)
        blocks.append(np.arange(begin, begin + taken, dtype=np.int64))
        if frame < frames:
            short[frame] = taken < end - begin
        waiting, frame = waiting - taken, frame + 1
    return Queued(np.concatenate(blocks), short[1:] if frames else short)


@dataclass(frozen=True, slots=True)
class Moved:
    """How one part of an answer moves: item ``sources[n]`` of the unpaced clip plays at ``places[n]``, both ascending
    ``(N,)``; the first ``fits`` of them inside the clip, the others beyond its end. In ``late`` frames something was
    missing.
    """

    sources: Counts
    places: Counts
    fits: int
    late: int

    @property
    def lost(self) -> int:
        """Items that had fitted into the clip and fit no longer."""
        return len(self.sources) - self.fits

    @property
    def still(self) -> bool:
        """Whether nothing moves."""
        return bool((self.sources == self.places).all())

    @property
    def delay(self) -> int:
        """By how many items the last one that plays is late, 0 where there is none."""
        return int((self.places - self.sources)[: self.fits].max(initial=0))

    def placed(self, items: NDArray[Any]) -> NDArray[Any]:
        """The clip's items ``(N, …)`` of sound in their new places, silence between them."""
        found = np.zeros_like(items)
        found[self.places[: self.fits]] = items[self.sources[: self.fits]]
        return found

    def held(self, frames: int) -> Counts:
        """For a part of one item a frame: which frame of the unpaced clip each of ``frames`` shows, ``(T,)``."""
        shown = np.zeros(frames, np.int64)
        shown[self.places[: self.fits]] = self.sources[: self.fits]
        return np.maximum.accumulate(shown)


def moved(handed: Counts, first: Counts, before: Callable[[int], int], frames: int) -> Moved:
    """Where the items of a part go that in virtual time played a frame after each answer; arguments as of `queued`."""
    virtual = queued(handed, np.arange(1, len(handed) + 1), before, frames)
    paced = queued(handed, first, before, frames)
    end = before(frames)
    fitted = int(np.searchsorted(virtual.places, end))
    sources, places = virtual.places[:fitted], paced.places[:fitted]
    return Moved(sources, places, int(np.searchsorted(places, end)), int(paced.short.sum()))


@dataclass(frozen=True, slots=True)
class MovedWords:
    """The words that fit into the clip, the frame in which each counts as received, and how many do not fit."""

    words: tuple[Word, ...]
    steps: Counts
    lost: int


def moved_words(
    words: Sequence[Word], steps: Sequence[int], first: Counts, sound: Moved | None, rate: int, fps: Fraction
) -> MovedWords:
    """Words go with their sound, sample by sample; without any sound, a word goes as late as it was handed over.

    A word fits if its model hands it over and it ends before the clip does.

    Args:
        words: as the model claims them, in order.
        steps: ``(W,)``, the step that handed each over.
        first: ``(T,)``, the first frame in which each answer can play.
        sound: how the sound moves; None where the model has none.
        rate: samples per second.
        fps: frames per second.
    """
    frames = len(first)
    kept: list[Word] = []
    received: list[int] = []
    latest = 0.0
    for word, step in zip(words, steps, strict=True):
        receipt = int(first[step]) - 1
        if sound is None or not len(sound.sources):
            late = float((receipt - step) / fps)
            start, end = word.start + late, word.end + late
        elif sound.still:
            start, end = word.start, word.end
        else:
            # An end goes with the last sample before it, not with what is silent or held behind that.
            start = _with_sound(word.start, sound, rate)
            end = _with_sound(max(0.0, word.end - 1 / rate), sound, rate) + 1 / rate
        latest = max(latest, start)
        if receipt < frames and max(end, latest) <= float(frames / fps) + _SLACK:
            kept.append(Word(word.text, latest, max(end, latest)))
            received.append(receipt)
    return MovedWords(tuple(kept), np.array(received, np.int64), len(words) - len(kept))


def _with_sound(time: float, sound: Moved, rate: int) -> float:
    """Where a moment of the unpaced clip goes: between two samples in proportion, behind the last one as late as it."""
    sources, places = sound.sources, sound.places
    at = time * rate
    if at > sources[-1]:
        return time + float(places[-1] - sources[-1]) / rate
    place = int(np.searchsorted(sources, at, side="right"))
    if not place:
        share = at / float(sources[0]) if sources[0] else 0.0
        return share * float(places[0]) / rate
    before = place - 1
    if sources[before] == at or place == len(sources):
        return float(places[before] + at - sources[before]) / rate
    share = (at - float(sources[before])) / float(sources[place] - sources[before])
    return (float(places[before]) + share * float(places[place] - places[before])) / rate
