"""Moments, views and invariants of FD and its companions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.face_blocks import FRAMES
from omnibench.media.face import rotation
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.face.frechet import (
    Moments,
    differences,
    fd,
    fd_delta,
    fd_expression,
    fd_rotation,
    fd_standardised,
    fd_translation,
    frechet,
    merge,
    moments_of,
    reference_scale,
    scaled,
)

PLAIN = Parameters("strict", {"root": "eigh"})
SCALED = Parameters("strict", {"root": "eigh", "scale": "reference"})


class Human:
    """A dialogue whose listener is a face alone."""

    def __init__(self, frames: NDArray[np.float32]) -> None:
        self.frames = frames
        self.listener = self

    def face(self, start: int, stop: int) -> NDArray[np.float32]:
        return self.frames[start:stop]


class Answer:
    """A prediction that is its face alone."""

    def __init__(self, frames: NDArray[np.float32]) -> None:
        self.frames = frames

    def face_between(self, start: int, stop: int) -> NDArray[np.float32]:
        return self.frames[start:stop]


def value(
    metric: Metric,
    answers: Sequence[NDArray[np.float32]],
    humans: Sequence[NDArray[np.float32]],
    parameters: Parameters = PLAIN,
) -> float:
    rows = [
        metric.sample(Answer(a), Human(h), parameters)  # type: ignore[arg-type]
        for a, h in zip(answers, humans, strict=True)
    ]
    return metric.aggregate(rows, parameters)


def clip(seed: int, frames: int = 90) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(frames, 64)).astype(np.float32)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 40))
def test_a_set_is_no_distance_from_itself(seed: int, width: int, count: int) -> None:
    x = moments_of(np.random.default_rng(seed).normal(size=(count, width)) * 10)
    assert frechet(x, x) == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_order_and_duplication_of_frames_change_no_population(seed: int, times: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(30, 4))
    whole, again = moments_of(a), moments_of(np.tile(rng.permutation(a), (times, 1)))
    np.testing.assert_allclose(again.mean, whole.mean, atol=1e-12)
    # The unbiased covariance knows the count, the population's does not.
    np.testing.assert_allclose(again.scatter / again.size, whole.scatter / whole.size, atol=1e-12)
    bigger = Moments(whole.size, again.mean, again.scatter / times)
    assert frechet(bigger, whole) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 10_000))
def test_moments_do_not_depend_on_how_frames_are_split(sizes: list[int], seed: int) -> None:
    parts = [np.random.default_rng([seed, i]).normal(size=(n, 3)) - 50 for i, n in enumerate(sizes)]
    together, merged = moments_of(np.concatenate(parts)), merge([moments_of(part) for part in parts])
    assert merged.size == together.size
    np.testing.assert_allclose(merged.mean, together.mean, rtol=1e-12)
    np.testing.assert_allclose(merged.scatter, together.scatter, atol=1e-9)


@given(st.integers(0, 10_000))
def test_distance_is_symmetric_and_not_negative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = moments_of(rng.normal(size=(3, 8))), moments_of(rng.normal(size=(5, 8)))
    assert frechet(a, b) == pytest.approx(frechet(b, a), rel=1e-9)
    assert frechet(a, b) >= 0


def test_blocks_add_up_where_they_are_independent() -> None:
    human = np.zeros((200, 64), np.float32)
    answer = human.copy()
    answer[:, 5] += 2
    answer[:, 52] += 3
    answer[:, 63] += 4
    assert [value(m, [answer], [human]) for m in (fd_expression, fd_rotation, fd_translation, fd)] == [4, 9, 16, 29]


def test_standardised_is_free_of_units() -> None:
    human, answer, unit = clip(0), clip(1), np.ones(64, np.float32)
    unit[52:] = 1000
    plain = value(fd_standardised, [answer], [human], SCALED)
    assert value(fd_standardised, [answer * unit], [human * unit], SCALED) == pytest.approx(plain, rel=1e-5)
    assert value(fd, [answer * unit], [human * unit]) > 1e4 * value(fd, [answer], [human])


def test_standardised_uses_the_deviation_over_all_humans() -> None:
    humans, answers = [clip(0), clip(1) * 3], [clip(2), clip(3)]
    everyone = moments_of(np.concatenate(humans))
    factors = 1 / np.sqrt(np.diag(everyone.covariance))
    by_hand = frechet(moments_of(np.concatenate(answers) * factors), scaled(everyone, factors))
    assert value(fd_standardised, answers, humans, SCALED) == pytest.approx(by_hand, rel=1e-6)


def test_a_coefficient_that_no_human_moves_is_charged_in_its_own_unit() -> None:
    human = clip(0)
    human[:, 0] = 0
    assert reference_scale(moments_of(human))[0] == 1
    wiggling = human.copy()
    wiggling[:, 0] += 5
    assert value(fd_standardised, [wiggling], [human], SCALED) == pytest.approx(25, rel=1e-5)


def test_delta_sees_only_changes() -> None:
    human = np.cumsum(clip(0), axis=0)
    assert value(fd_delta, [human + 7], [human], SCALED) == pytest.approx(0, abs=1e-6)
    frozen = np.tile(human[:1], (len(human), 1))
    assert value(fd_delta, [frozen], [human], SCALED) == pytest.approx(64, rel=0.05)


def test_delta_does_not_look_across_two_clips() -> None:
    apart = [clip(0), clip(1) + 100]
    assert value(fd_delta, apart, apart[::-1], SCALED) == pytest.approx(0, abs=1e-6)


def test_short_and_broken_faces_say_so() -> None:
    with pytest.raises(MetricError, match="prediction: 1 face frames, at least 2"):
        value(fd, [clip(0, 1)], [clip(1)])
    with pytest.raises(MetricError, match="reference: 2 face frames, at least 3"):
        value(fd_delta, [clip(0)], [clip(1, 2)])
    broken = clip(0)
    broken[3, 4] = np.nan
    with pytest.raises(MetricError, match="prediction: 1 face frames are not finite"):
        value(fd_expression, [broken], [clip(1)])


def seen_by(metric: Metric, frames: NDArray[np.float32]) -> NDArray[Any]:
    """The vectors that a metric compares, of a whole clip at once."""
    if metric is fd_rotation:
        return rotation(frames).reshape(-1, 9)
    return differences(frames) if metric is fd_delta else frames


@pytest.mark.parametrize("metric", [fd, fd_rotation, fd_delta, fd_standardised], ids=lambda m: m.spec.name)
def test_a_clip_of_several_blocks_has_the_moments_of_the_whole(metric: Metric) -> None:
    long, human = clip(0, 2 * FRAMES + 1) + 300, clip(1, FRAMES)
    rows = metric.sample(Answer(long), Human(human), SCALED)  # type: ignore[arg-type]
    everything = moments_of(seen_by(metric, long))
    assert rows["count"] == everything.size
    np.testing.assert_allclose(rows["mean"], everything.mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(rows["scatter"], everything.scatter, rtol=1e-9, atol=1e-6)
    whole = frechet(everything, moments_of(seen_by(metric, human)))
    assert metric.sample_value(rows) == pytest.approx(whole, rel=1e-9)


def test_a_damaged_frame_between_two_blocks_counts_once() -> None:
    broken = clip(0, FRAMES + 5)
    broken[FRAMES - 1, 4] = np.nan
    with pytest.raises(MetricError, match="prediction: 1 face frames are not finite"):
        value(fd_delta, [broken], [clip(1)])
