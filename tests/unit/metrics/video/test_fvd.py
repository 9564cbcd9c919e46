"""Windows, draws, features and floor of FVD on real files, with a random network."""

from __future__ import annotations

import dataclasses
import shutil
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset
from hypothesis import given
from hypothesis import strategies as st
from opencv_clips import FOLDER
from video_networks import RandomEmbedder

from omnibench.assets.table import TABLE
from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError, MissingError
from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.media.opencv_reader import opencv_frames
from omnibench.metrics.base import METRICS, Parameters, PredictionSample
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.video.fvd import fvd, windows_of
from omnibench.metrics.video.fvd_arithmetic import distance, real_floor
from omnibench.metrics.video.fvd_floor import fvd_floor
from omnibench.metrics.video.fvd_plan import frame_offsets, official_draw, stratified_starts
from omnibench.metrics.video.windows import WindowExtractor
from omnibench.metrics.video.windows_area import area_resizer
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue, Image

IDS = ("a", "b", "c", "d", "e")
SEEDED = {"draw": "seeded", "windows": 3, "seeds": [0, 1], "stride": 1, "root": "nuclear", "splits": 4}
OFFICIAL = {"draw": "official", "videos": 4, "batch": 3, "seeds": [42], "stride": 1, "root": "sqrtm"}
METRIC = dataclasses.replace(fvd, plan=windows_of(lambda _: RandomEmbedder()))
FLOOR = dataclasses.replace(fvd_floor, plan=windows_of(lambda _: RandomEmbedder()))
Pairs = list[tuple[PredictionSample, Dialogue]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("fvd"), ids=IDS, seconds=2, size=32, modalities=("video", "text"))


def pairs_of(data: Path, answers: Path, ids: tuple[str, ...] = IDS) -> Pairs:
    references, predictions = open_dataset(str(data)), Predictions(answers)
    return [(predictions.sample(name), references.dialogue("test", name)) for name in ids]


@pytest.fixture
def pairs(data: Path, tmp_path: Path) -> Pairs:
    """The human speakers' videos as answers."""
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "video").symlink_to(data / "test" / "video" / "speaker")
    return pairs_of(data, folder)


def parameters(cache: Path, values: dict[str, Any]) -> Parameters:
    return Parameters("strict", values, FeatureStore(cache))


def planned(metric: Any, pairs: Pairs, values: Parameters) -> Parameters:
    return dataclasses.replace(values, plan=metric.plan(pairs, values))


def score(metric: Any, pairs: Pairs, values: Parameters) -> float:
    values = planned(metric, pairs, values)
    return metric.aggregate([metric.sample(p, r, values) for p, r in pairs], values)


def test_windows_follow_the_networks_own_rate() -> None:
    assert frame_offsets(4, Fraction(25) / Fraction(12.5)) == (0, 2, 4, 6)
    assert frame_offsets(5, Fraction(30) / Fraction(12.5)) == (0, 2, 5, 7, 10)
    assert frame_offsets(3, Fraction(1)) == (0, 1, 2)


@given(st.integers(1, 6), st.integers(40, 5000), st.integers(0, 99), st.text(min_size=1, max_size=8))
def test_starts_are_in_the_clip_spread_and_their_own(windows: int, length: int, seed: int, name: str) -> None:
    starts = stratified_starts(name, seed, windows, length, 32)
    assert starts == stratified_starts(name, seed, windows, length, 32)
    assert len(set(starts)) == windows
    assert list(starts) == sorted(starts)
    assert starts[0] >= 0
    assert starts[-1] + 32 <= length


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9), st.integers(0, 99))
def test_official_draw_takes_long_clips_only_and_no_more_than_it_should(
    first: int, second: int, batch: int, seed: int
) -> None:
    sides = [{f"{i}": 10 + (7 * i) % 13 for i in range(n)} for n in (first, second)]
    for side, drawn in zip(sides, official_draw(sides, seed, 8, 16, batch), strict=True):
        long = [name for name, length in side.items() if length >= 16]
        assert len(drawn) == min(8, len(long))
        assert all(0 <= start <= side[name] - 16 for name, start in drawn.items())


def test_the_same_videos_are_no_distance_apart(data: Path, tmp_path: Path) -> None:
    (tmp_path / "video").symlink_to(data / "test" / "video" / "listener")
    assert score(METRIC, pairs_of(data, tmp_path), parameters(tmp_path, SEEDED)) == pytest.approx(0, abs=1e-9)


def test_order_of_the_dialogues_changes_nothing(pairs: Pairs, tmp_path: Path) -> None:
    values = parameters(tmp_path, SEEDED)
    assert score(METRIC, pairs[::-1], values) == pytest.approx(score(METRIC, pairs, values), rel=1e-9)


@given(st.integers(0, 1000), st.integers(1, 4))
def test_duplication_and_order_of_rows_change_no_distance(seed: int, times: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(9, 4)), rng.normal(size=(12, 4)) + 1
    again = rng.permutation(np.tile(a, (times, 1)))
    assert distance(again, b) == pytest.approx(distance(a, b), rel=1e-9)
    assert distance(a, again) == pytest.approx(0, abs=1e-9)


def test_paper_draw_is_scored_with_the_paper_root(pairs: Pairs, tmp_path: Path) -> None:
    values = parameters(tmp_path, {**OFFICIAL, "reencode": False, "epsilon": 1e-6})
    exact = score(METRIC, pairs, values)
    ready = planned(METRIC, pairs, values)
    rows = [METRIC.sample(p, r, ready) for p, r in pairs]
    assert sum(row["predicted_drawn"].sum() for row in rows) == 4
    assert exact == pytest.approx(METRIC.aggregate(rows, values), abs=1e-2)
    assert exact != METRIC.aggregate(rows, values)


@pytest.mark.parametrize("clip", ["turned", "edit-list"])
def test_paper_takes_the_pictures_that_opencv_reads(clip: str, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=2, size=32, modalities=("video", "text"))
    (tmp_path / "answers" / "video").mkdir(parents=True)
    shutil.copy(FOLDER / f"{clip}.mp4", tmp_path / "answers" / "video" / "a.mp4")
    pictures = list(opencv_frames(FOLDER / f"{clip}.mp4"))
    network = RandomEmbedder(frames=len(pictures))
    metric = dataclasses.replace(fvd, plan=windows_of(lambda _: network))
    ((answer, reference),) = pairs_of(data, tmp_path / "answers", ("a",))
    bare = parameters(tmp_path, {**OFFICIAL, "videos": 1, "reencode": False})
    found = metric.sample(answer, reference, planned(metric, [(answer, reference)], bare))["predicted"]
    shown = np.stack([area_resizer(*picture.shape[:2], network.size)(picture) for picture in pictures])
    np.testing.assert_allclose(found[0], network.embed(shown[None]), rtol=1e-6)


def test_too_few_videos_withhold_the_number_and_decode_nothing(pairs: Pairs, tmp_path: Path) -> None:
    values = planned(METRIC, pairs, parameters(tmp_path, {**OFFICIAL, "videos": 140, "reencode": False}))
    assert METRIC.sample(*pairs[0], values) == {}
    with pytest.raises(MetricError, match="takes 140 clips of 8 frames from each side, 5 are there"):
        METRIC.aggregate([{}], values)


def test_a_damaged_or_short_clip_costs_its_own_dialogue(data: Path, tmp_path: Path) -> None:
    (tmp_path / "video").mkdir()
    for name in IDS:
        source = (data / "test" / "video" / "speaker" / f"{name}.mp4").read_bytes()
        (tmp_path / "video" / f"{name}.mp4").write_bytes(source[: 200 if name == "b" else None])
    pairs = pairs_of(data, tmp_path)
    values = planned(METRIC, pairs, parameters(tmp_path, SEEDED))
    with pytest.raises(MetricError, match=r"b\.mp4"):
        METRIC.sample(*pairs[1], values)
    assert METRIC.sample(*pairs[0], values)["real"].shape == (2, 3, 6)
    short = dataclasses.replace(fvd, plan=windows_of(lambda _: RandomEmbedder(frames=40)))
    with pytest.raises(MetricError, match="prediction: 50 frames, 3 windows of 79 take at least 81"):
        short.sample(*pairs[0], planned(short, pairs[:1], parameters(tmp_path, SEEDED)))


def media_of(frames: int, seen: list[int] | None = None) -> Media:
    def images() -> Iterator[Image]:
        for index in range(frames):
            if seen is not None:
                seen.append(index)
            yield np.full((16, 16, 3), index % 251, np.uint8)

    return Media(f"clip-{frames}", lambda: Fraction(25), images)


def test_a_windows_features_do_not_depend_on_the_others(tmp_path: Path) -> None:
    network, store = RandomEmbedder(rate=None), FeatureStore(tmp_path)
    offsets = frame_offsets(network.frames, Fraction(1))
    together = store.frames(media_of(60), WindowExtractor(network, (0, 3, 5, 40), offsets))["features"]
    alone = [store.frames(media_of(60), WindowExtractor(network, (s,), offsets))["features"][0] for s in (0, 3, 5, 40)]
    np.testing.assert_array_equal(together, alone)
    frames = [np.full((8, 8, 3), index, np.uint8) for index in range(3, 11)]
    np.testing.assert_allclose(together[1], network.embed(np.stack(frames)[None])[0], rtol=1e-6)


def test_features_are_made_once_and_with_one_decode(tmp_path: Path) -> None:
    network, seen = RandomEmbedder(rate=None), []
    first, second = (WindowExtractor(network, (start,), tuple(range(8))) for start in (0, 20))
    store = FeatureStore(tmp_path)
    for extractor in (first, second):
        store.want(media_of(60, seen), extractor)
    for extractor in (first, second, first):
        store.frames(media_of(60, seen), extractor)
    FeatureStore(tmp_path).frames(media_of(60, seen), second)
    assert seen == list(range(60))


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    def peak(frames: int) -> int:
        extractor = WindowExtractor(RandomEmbedder(rate=None), (0, frames // 2, frames - 8), tuple(range(8)))
        running = extractor.open(media_of(frames))
        tracemalloc.start()
        for image in media_of(frames).pictures():
            running.push(image)
        running.finish()
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(6000) < 1.1 * peak(100) + 4096


def test_a_clip_that_ends_before_its_window_says_so(tmp_path: Path) -> None:
    extractor = WindowExtractor(RandomEmbedder(rate=None), (5,), tuple(range(8)))
    with pytest.raises(MetricError, match="10 frames, the window that begins at frame 5 takes 8"):
        FeatureStore(tmp_path).frames(media_of(10), extractor)


def test_floor_has_the_metrics_own_number_of_windows(pairs: Pairs, tmp_path: Path) -> None:
    values = parameters(tmp_path, SEEDED)
    assert 0 < score(FLOOR, pairs, values) < score(METRIC, pairs, values)
    # Two draws of four dialogues: the halves have as many rows as four dialogues with one draw.
    rng = np.random.default_rng(0)
    same = rng.normal(size=(4, 2, 1, 2))
    order = np.random.default_rng(7).permutation(4)
    np.random.default_rng(7).permutation(4)
    by_hand = distance(same[order[:2]].reshape(4, 2), same[order[2:]].reshape(4, 2))
    assert real_floor(same, splits=1, seed=7) == pytest.approx(by_hand, rel=1e-9)


def test_floor_of_one_distribution_falls_as_dialogues_are_added() -> None:
    rng = np.random.default_rng(0)
    floors = [real_floor(rng.normal(size=(count, 2, 1, 30)), splits=5) for count in (10, 40, 160)]
    assert floors[0] > floors[1] > floors[2] > 0


def test_floor_needs_four_dialogues_and_two_draws() -> None:
    for shape in ((3, 2, 1, 5), (8, 1, 1, 5)):
        with pytest.raises(MetricError, match="a floor takes 4 dialogues with 2 draws"):
            real_floor(np.zeros(shape), splits=2)


def test_without_i3d_the_message_names_the_command(
    pairs: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "nothing"))
    with pytest.raises(MissingError, match="omnibench assets fetch i3d_torchscript"):
        METRICS.get("fvd").plan(pairs, Parameters("strict", {**SEEDED, "frames": 256}))  # type: ignore[attr-defined]


def test_protocols_name_the_pinned_network() -> None:
    pinned = {asset.name: asset.sha256 for asset in TABLE}["i3d_torchscript"]
    for protocol in ("paper", "strict"):
        assert load_protocol(protocol).metrics["fvd"]["network"] == f"i3d_torchscript@{pinned[:8]}"
