"""The arithmetic of lip-sync distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.features.activity import Span
from omnibench.metrics.lips.sync_distance import lse, shift_distances, speech_windows, whole_windows


@settings(max_examples=25, deadline=None)
@given(late=st.integers(-15, 15), windows=st.integers(46, 80))
def test_a_lag_is_read_as_the_offset(late: int, windows: int) -> None:
    walk = np.cumsum(np.random.default_rng(windows).normal(size=(windows + 40, 8)), axis=0)
    lips, sound = walk[20 : 20 + windows], walk[20 - late : 20 - late + windows]
    rows = shift_distances(lips, sound)[whole_windows(windows)]
    assert lse(rows).offset == -late
    assert lse(rows).distance == pytest.approx(0.0, abs=1e-5)


def test_distances_do_not_hang_on_the_order_of_dimensions() -> None:
    rng = np.random.default_rng(0)
    lips, sound, order = rng.normal(size=(20, 6)), rng.normal(size=(20, 6)), rng.permutation(6)
    np.testing.assert_allclose(shift_distances(lips[:, order], sound[:, order]), shift_distances(lips, sound))


def test_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        shift_distances(np.zeros((3, 2)), np.zeros((4, 2)))


def test_no_window_is_refused() -> None:
    with pytest.raises(ValueError, match="no window"):
        lse(np.zeros((0, 31)))


def test_whole_windows_are_those_with_sound_at_every_shift() -> None:
    assert whole_windows(33).nonzero()[0].tolist() == [15, 16, 17]
    assert not whole_windows(30).any()


def test_speech_windows_follow_their_middle() -> None:
    assert speech_windows([Span(0.0, 0.1), Span(0.3, 9.0)], 8).nonzero()[0].tolist() == [5, 6, 7]
