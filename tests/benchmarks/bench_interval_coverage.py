"""How often the 95 % interval holds the true value, by kind of number, distribution and number of dialogues.

    python tests/benchmarks/bench_interval_coverage.py [--trials 400] [--resamples 1000] [--counts 24] [--only ratio]

Reported, never asserted; ``tests/unit/scoring/test_statistics.py`` holds a small version. With 400 trials a share of
0.95 is good to ±0.02. The truth of a Fréchet distance is its mean at the same number of dialogues, since it is biased
upwards by an amount that depends on it. By person: five people at n = 24, five dialogues each beyond.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.face.frechet import Moments, frechet, merge, moments_of
from omnibench.metrics.statistics import Interval, bootstrap_interval, bootstrap_statistic, corpus_interval

Array = NDArray[np.float64]
Trial = Callable[[np.random.Generator, int, int], tuple[Interval | None, float]]

DRAWS: dict[str, tuple[Callable[[np.random.Generator, int], Array], float, float]] = {
    "normal": (lambda rng, n: rng.normal(size=n), 0.0, 0.0),
    "exponential": (lambda rng, n: rng.exponential(size=n), 1.0, float(np.log(2))),
    "log-normal": (lambda rng, n: rng.lognormal(size=n), float(np.exp(0.5)), 1.0),
    "share near 0": (lambda rng, n: rng.beta(0.5, 4.0, size=n), 0.5 / 4.5, 0.058711),
}
"""A sample, its distribution's mean and its median."""


def mean_trial(kind: str, rng: np.random.Generator, count: int, resamples: int) -> tuple[Interval | None, float]:
    draw, truth, _ = DRAWS[kind]
    return bootstrap_interval(draw(rng, count).tolist(), seed=int(rng.integers(1 << 31)), resamples=resamples), truth


def people_trial(kind: str, rng: np.random.Generator, count: int, resamples: int) -> tuple[Interval | None, float]:
    """A third of the variance is between people."""
    draw, truth, _ = DRAWS[kind]
    who = np.arange(count) * max(5, count // 5) // count if count < 50 else np.arange(count) // 5
    values = draw(rng, count) + np.sqrt(0.5) * rng.normal(size=who.max() + 1)[who]
    people = [f"p{person}" for person in who]
    return bootstrap_interval(values.tolist(), people, int(rng.integers(1 << 31)), resamples), truth


def ratio_trial(kind: str, rng: np.random.Generator, count: int, resamples: int) -> tuple[Interval | None, float]:
    """Seconds over seconds: the parts of a dialogue go together, long dialogues weigh more."""
    draw, truth, _ = DRAWS[kind]
    below = rng.gamma(4.0, size=count)
    above = below * (2.0 + draw(rng, count) - truth)

    def ratio(picks: Sequence[int]) -> float:
        return float(above[picks].sum() / below[picks].sum())

    return bootstrap_statistic(ratio, count, seed=int(rng.integers(1 << 31)), resamples=resamples), 2.0


def median_trial(kind: str, rng: np.random.Generator, count: int, resamples: int) -> tuple[Interval | None, float]:
    draw, _, truth = DRAWS[kind]
    values = draw(rng, count)

    def median(picks: Sequence[int]) -> float:
        return float(np.median(values[picks]))

    return bootstrap_statistic(median, count, seed=int(rng.integers(1 << 31)), resamples=resamples), truth


def people_median_trial(
    effect: float, rng: np.random.Generator, count: int, resamples: int
) -> tuple[Interval | None, float]:
    """Eight delays a dialogue; people differ by ``effect`` of the standard deviation that dialogues differ by."""
    who = np.arange(count) * max(5, count // 5) // count if count < 50 else np.arange(count) // 5
    places = effect * rng.normal(size=who.max() + 1)[who] + rng.normal(size=count)
    delays = places[:, None] + rng.normal(size=(count, 8))

    def median(picks: Sequence[int]) -> float:
        return float(np.median(delays[picks]))

    return corpus_interval("quantile", median, count, people=[f"p{person}" for person in who]), 0.0


DIMENSIONS, FRAMES = 6, 40


def clips(rng: np.random.Generator, count: int, skewed: bool) -> list[tuple[Moments, Moments]]:
    """Frames of a clip share an offset, as one person's do; exponential frames where ``skewed``."""
    shape = (count, 2, FRAMES, DIMENSIONS)
    frames = rng.exponential(size=shape) if skewed else rng.normal(size=shape)
    frames += 0.7 * rng.normal(size=(count, 2, 1, DIMENSIONS))
    frames[:, 0] += 0.5
    return [(moments_of(predicted), moments_of(real)) for predicted, real in frames]


def distance(pairs: Sequence[tuple[Moments, Moments]], picks: Sequence[int]) -> float:
    return frechet(merge([pairs[i][0] for i in picks]), merge([pairs[i][1] for i in picks]))


def frechet_truth(count: int, skewed: bool, draws: int = 100) -> float:
    rng = np.random.default_rng(99)
    return float(np.mean([distance(clips(rng, count, skewed), range(count)) for _ in range(draws)]))


def frechet_trial(
    method: str, skewed: bool, truths: dict[int, float], rng: np.random.Generator, count: int, resamples: int
) -> tuple[Interval | None, float]:
    if count not in truths:
        truths[count] = frechet_truth(count, skewed)
    pairs = clips(rng, count, skewed)
    found = corpus_interval(method, partial(distance, pairs), count, (0.0, np.inf))  # type: ignore[arg-type]
    return found, truths[count]


TRIALS: dict[str, Trial] = {
    **{f"mean, {kind}": partial(mean_trial, kind) for kind in DRAWS},
    **{f"mean by person, {kind}": partial(people_trial, kind) for kind in ("normal", "exponential")},
    **{f"ratio, {kind}": partial(ratio_trial, kind) for kind in ("normal", "exponential")},
    **{f"median, {kind}": partial(median_trial, kind) for kind in ("normal", "log-normal")},
    **{f"median by person, effect {effect}": partial(people_median_trial, effect) for effect in (0.0, 0.5, 1.0)},
    **{
        f"Fréchet ({method}), {'exponential' if skewed else 'normal'}": partial(frechet_trial, method, skewed, {})
        for method in ("subsample", "jackknife")
        for skewed in (False, True)
    },
}


def coverage(trial: Trial, count: int, trials: int, resamples: int) -> float:
    """Share of intervals that hold the truth; one that does not exist holds nothing."""
    rng, hits = np.random.default_rng(7), 0
    for _ in range(trials):
        interval, truth = trial(rng, count, resamples)
        hits += interval is not None and interval.low <= truth <= interval.high
    return hits / trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--only", default="", help="part of a row's name")
    parser.add_argument("--counts", default="24,100,140", help="numbers of dialogues")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    print(f"{'coverage of the 95 % interval':<36}" + "".join(f"n = {count:<6}" for count in counts))
    for name, trial in TRIALS.items():
        if options.only in name:
            trials = options.trials if "Fréchet" not in name else max(1, options.trials // 4)
            shares = [coverage(trial, count, trials, options.resamples) for count in counts]
            print(f"{name:<36}" + "".join(f"{share:<10.3f}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
