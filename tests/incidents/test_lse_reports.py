"""Reports about LSE numbers that nobody could reproduce, and scores that were too good.

* A video without a face: joonson's script stops, or prints no line, so the mean shrinks unsaid; syncnet-python 0.2.3
  returns a distance of 0.0, which reads as perfect sync.
* A video with two face tracks counts twice in the mean over printed lines.
* A constant lag of up to 0.6 s costs LSE-D nothing.
* Silence counts: lips against nothing pull the mean towards the distance to a constant.
* The frame rate of the file changes the score of the same performance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from lipsync_factory import ScriptedNetworks, clip_pictures, clip_sound, memory_clip

from omnibench.errors import MetricError, MissingError
from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.metrics.base import Parameters, PredictionSample
from omnibench.metrics.lips.lse import lse_d, lse_d_zero, lse_offset
from omnibench.metrics.lips.sync_distance import lse, shift_distances, whole_windows
from omnibench.types import Dialogue, Word

Boxes = Callable[[int], Sequence[tuple[float, float, float, float]]]
STRICT = {"pipeline": "stream", "least_speech": 0.5}
ONE = (60.0, 60.0, 160.0, 160.0)
OTHER = (170.0, 60.0, 250.0, 150.0)


def scored(metric: Any, media: Media, boxes: Boxes, folder: Path, human: tuple[Word, ...] = ()) -> Any:
    parameters = Parameters("strict", STRICT, FeatureStore(folder), ScriptedNetworks(boxes))
    prediction = cast(PredictionSample, SimpleNamespace(media=media))
    reference = SimpleNamespace(listener=SimpleNamespace(has_audio=False, words=human))
    return metric.sample(prediction, cast(Dialogue, reference), parameters)


def test_no_face_is_a_listed_failure_and_never_zero(tmp_path: Path) -> None:
    clip = memory_clip(clip_pictures(60), clip_sound(2.4))
    with pytest.raises(MetricError, match="no face in any of 60 frames"):
        scored(lse_d, clip, lambda frame: [], tmp_path)


def test_silence_is_the_worst_where_the_human_speaks_and_nothing_where_nobody_does(tmp_path: Path) -> None:
    clip = memory_clip(clip_pictures(60), 0 * clip_sound(2.4))
    words = (Word("I", 0.2, 0.5), Word("see", 0.5, 1.0))
    asked = scored(lse_d, clip, lambda frame: [ONE], tmp_path, words)
    assert asked == {"total": lse_d.spec.worst, "count": 1.0}
    unasked = scored(lse_d, clip, lambda frame: [ONE], tmp_path)
    assert lse_d.sample_value(unasked) is None
    with pytest.raises(MetricError, match="nobody speaks"):
        lse_d.aggregate([unasked], Parameters("strict", STRICT))


def test_a_video_with_two_tracks_counts_once(tmp_path: Path) -> None:
    clip = memory_clip(clip_pictures(60), clip_sound(2.4))
    found = scored(lse_d, clip, lambda frame: [ONE, OTHER], tmp_path)
    assert found["count"] == 1.0


def test_two_tracks_enter_the_papers_mean_twice() -> None:
    parameters = Parameters("paper", {"pipeline": "official", "shortest_track": 100})
    statistics = [{"total": 14.0, "count": 2.0}, {"total": 10.0, "count": 1.0}]
    assert lse_d.aggregate(statistics, parameters) == 8.0


def test_a_constant_lag_shows_in_offset_and_zero_distance_alone() -> None:
    walk = np.cumsum(np.random.default_rng(3).normal(size=(160, 16)), axis=0)
    lips = walk[20:120]
    rows = {late: shift_distances(lips, walk[20 - late : 120 - late])[whole_windows(100)] for late in (0, 5, 15)}
    distances = [lse(part).distance for part in rows.values()]
    assert distances == pytest.approx([distances[0]] * 3, abs=1e-6)
    assert [lse(part).offset for part in rows.values()] == [0, -5, -15]
    assert lse(rows[15]).zero > lse(rows[5]).zero > lse(rows[0]).zero


def test_missing_weights_name_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    for metric in (lse_d, lse_d_zero, lse_offset):
        with pytest.raises(MissingError, match="omnibench assets fetch syncnet_v2"):
            metric.plan([], Parameters("strict", STRICT))
