"""How often ``omnibench compare`` finds a difference where there is none, and what it finds where there is one.

    python tests/benchmarks/bench_compare_calibration.py [--trials 2000] [--people 5,15,30] [--effects 0,0.5,1]

Two systems that do not differ in the long run, on five dialogues a person (5 people: mini's 7, 6, 4, 4 and 3): each
dialogue's gain is a person's effect, in standard deviations of what dialogues differ by, plus its own part. Shares of
draws with p < .05, by people (what ``compare`` does) and by dialogues (what it did), and of 95 % intervals (93.75 % at
5 people) that hold the true difference of 0. Then the same for corpus metrics, whose people have habits: a share of
unique bigrams (people repeat their own), a Fréchet distance (people have faces), a median. The last table has a true
difference of one standard deviation: how often it is found. Reported, never asserted;
`tests/unit/scoring/test_paired_test.py` and `tests/incidents/test_compare_units.py` hold small versions. With 2,000
trials a share of .05 is good to ±.01.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.face.frechet import frechet, merge, moments_of
from omnibench.scoring.paired_test import PairedTest, Swaps, paired_test

Array = NDArray[np.float64]
People = NDArray[np.int64]

MINI = (7, 6, 4, 4, 3)


def dialogues_of(people: int) -> People:
    """The person of each dialogue, numbered from 0."""
    return np.repeat(np.arange(people), MINI if people == len(MINI) else 5)


def of_means(gains: Array, units: People, most: int, seed: int) -> PairedTest:
    sums, sizes = np.bincount(units, gains), np.bincount(units)
    return paired_test(lambda swaps: (1 - 2.0 * swaps) @ sums / len(gains), sizes.tolist(), most, seed)


def of_corpus(value: Callable[[Sequence[int]], float], units: People, most: int, seed: int) -> PairedTest:
    """``value`` of the sides, 0 or 1 of each dialogue, as the first system's corpus."""

    def difference(swaps: Swaps) -> Array:
        sides = swaps[:, units].astype(int)
        return np.array([value(row.tolist()) - value((1 - row).tolist()) for row in sides])

    return paired_test(difference, np.bincount(units).tolist(), most, seed)


def normal_gains(rng: np.random.Generator, who: People, effect: float) -> Array:
    return effect * rng.normal(size=who.max() + 1)[who] + rng.normal(size=len(who))


def skewed_gains(rng: np.random.Generator, who: People, effect: float) -> Array:
    drawn = rng.exponential(size=len(who)) + effect * rng.exponential(size=who.max() + 1)[who]
    return np.asarray(drawn - 1 - effect)


def median_corpus(rng: np.random.Generator, who: People, effect: float) -> Callable[[Sequence[int]], float]:
    """Delays: eight transfers a dialogue, whose place is the person's and the system's."""
    place = effect * rng.normal(size=(2, who.max() + 1))[:, who] + rng.normal(size=(2, len(who)))
    delays = place[..., None] + rng.normal(size=(2, len(who), 8))
    return lambda sides: float(np.median(delays[list(sides), np.arange(len(who))]))


def bigram_corpus(rng: np.random.Generator, who: People, effect: float) -> Callable[[Sequence[int]], float]:
    """Unique share: how narrow a vocabulary each system has with each person."""
    widths = 60 * np.exp(0.5 * effect * rng.normal(size=(2, who.max() + 1)))[:, who]
    words = (rng.exponential(size=(2, len(who), 12)) * widths[..., None]).astype(np.int64)

    def value(sides: Sequence[int]) -> float:
        chosen = words[list(sides), np.arange(len(who))].ravel()
        return float(np.unique(chosen).size / chosen.size)

    return value


def frechet_corpus(rng: np.random.Generator, who: People, effect: float) -> Callable[[Sequence[int]], float]:
    """Faces in 3 dimensions: each system misses each person's by something of its own."""
    off = 0.3 * effect * rng.normal(size=(2, who.max() + 1, 1, 3))[:, who] + 0.3 * rng.normal(size=(2, len(who), 1, 3))
    real = rng.normal(size=(len(who), 20, 3))
    made = [[moments_of(clip) for clip in side] for side in real + off + 0.5 * rng.normal(size=(2, len(who), 20, 3))]
    whole = merge([moments_of(clip) for clip in real])
    return lambda sides: frechet(merge([made[side][i] for i, side in enumerate(sides)]), whole)


GAINS = {"mean, normal": normal_gains, "mean, exponential": skewed_gains}
CORPORA = {"median": median_corpus, "unique share": bigram_corpus, "Fréchet distance": frechet_corpus}


def shares(found: Sequence[PairedTest], truth: float = 0.0) -> tuple[float, float]:
    """Of draws with p < .05, and of intervals that hold the truth."""
    holds = [test.low <= truth <= test.high for test in found]
    return float(np.mean([test.p_value < 0.05 for test in found])), float(np.mean(holds))


def row(name: str, people: int, effect: float, trials: int, most: int, gain: float = 0.0) -> str:
    rng, who = np.random.default_rng(7), dialogues_of(people)
    both: dict[str, list[PairedTest]] = {"people": [], "dialogues": []}
    for seed in range(trials):
        units = {"people": who, "dialogues": np.arange(len(who))}
        if name in GAINS:
            drawn = GAINS[name](rng, who, effect) + gain
            for unit, numbers in units.items():
                both[unit].append(of_means(drawn, numbers, most, seed))
        else:
            corpus = CORPORA[name](rng, who, effect)
            for unit, numbers in units.items():
                both[unit].append(of_corpus(corpus, numbers, most, seed))
    (ours, holds), (theirs, narrow) = (shares(both[unit], gain) for unit in ("people", "dialogues"))
    return f"{name:<18} {people:>6} {effect:>6} {ours:>10.3f} {theirs:>10.3f} {holds:>10.3f} {narrow:>10.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--people", default="5,15,30")
    parser.add_argument("--effects", default="0,0.5,1")
    options = parser.parse_args()
    people = [int(count) for count in options.people.split(",")]
    effects = [float(effect) for effect in options.effects.split(",")]
    print(f"{'':<32} {'p < .05':>21} {'interval holds':>21}")
    print(f"{'no difference':<18} {'people':>6} {'effect':>6}" + 2 * f" {'by people':>10} {'dialogues':>10}")
    for name in (*GAINS, *CORPORA):
        # A corpus is taken anew for every swap: fewer draws and fewer swaps.
        trials, most = (options.trials, 999) if name in GAINS else (options.trials // 8, 199)
        for count in people:
            for effect in effects:
                print(row(name, count, effect, trials, most), flush=True)
    print("a difference of 1")
    for count in people:
        for effect in effects:
            print(row("mean, normal", count, effect, options.trials, 999, gain=1.0), flush=True)


if __name__ == "__main__":
    main()
