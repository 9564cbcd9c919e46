"""FVD under ``paper`` against the official scripts: the same pictures, draws, features and numbers.

``golden_fvd.json`` was written by ``regenerate_fvd.py``, which runs awakening-ai/OmniResponse @2ba1c7c itself, OpenCV
included, on the clips beside it and a seeded random network in the detector's place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset
from fvd_network import DIMENSIONS, scripted
from numpy.typing import NDArray

from omnibench.datasets.opening import open_dataset
from omnibench.features.store import FeatureStore
from omnibench.media.video import read_frames, video_info
from omnibench.metrics.base import Parameters, PredictionSample
from omnibench.metrics.video.fvd import fvd, windows_of
from omnibench.metrics.video.fvd_arithmetic import distance
from omnibench.metrics.video.fvd_plan import official_draw
from omnibench.metrics.video.i3d import features_of
from omnibench.metrics.video.windows_area import area_resizer
from omnibench.metrics.video.windows_mpeg4 import Mpeg4Loop
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue

pytestmark = pytest.mark.parity

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden_fvd.json").read_text())
NAMES = sorted(path.stem for path in (HERE / "fvd_clips" / "real").iterdir())


class RandomNetwork:
    """The golden file's network as an embedder."""

    size, rate, dim, frames, key = 224, None, DIMENSIONS, GOLDEN["frames"], GOLDEN["network"]

    def __init__(self) -> None:
        self._network = scripted(0)

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[Any]:
        return features_of(self._network, windows)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[PredictionSample, Dialogue]]:
    """The clips as answers and as a data set."""
    root = tmp_path_factory.mktemp("fvd")
    data = write_dataset(root / "data", ids=NAMES, modalities=("text", "vector"))
    for role in ("listener", "speaker"):
        shutil.copytree(HERE / "fvd_clips" / "real", data / "test" / "video" / role)
    shutil.copytree(HERE / "fvd_clips" / "generated", root / "answers" / "video")
    answers, references = Predictions(root / "answers"), open_dataset(str(data))
    return [(answers.sample(name), references.dialogue("test", name)) for name in NAMES]


def parameters(cache: Path, **values: object) -> Parameters:
    paper = {
        "draw": "official",
        "root": "sqrtm",
        "epsilon": 1e-6,
        "reencode": True,
        "stride": 1,
        "seeds": GOLDEN["seeds"],
        "videos": GOLDEN["videos"],
        "batch": GOLDEN["batch"],
    }
    return Parameters("paper", {**paper, **values}, FeatureStore(cache))


def planned(values: Parameters, plan: object) -> Parameters:
    return Parameters(values.protocol, values.values, values.features, plan)


@pytest.mark.parametrize("row", GOLDEN["resizes"], ids=lambda row: f"{row['height']}x{row['width']}-{row['size']}")
def test_resize_gives_opencvs_bits(row: dict[str, Any]) -> None:
    height, width, size = row["height"], row["width"], row["size"]
    image = np.random.default_rng([height, width, size]).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert hashlib.sha256(area_resizer(height, width, size)(image).tobytes()).hexdigest() == row["sha256"]


@pytest.mark.parametrize("name", GOLDEN["clips"]["pictures"])
def test_preprocessed_pictures_are_the_official_ones_to_the_bit(name: str) -> None:
    path = HERE / "fvd_clips" / f"{name}.mp4"
    info = video_info(path)
    resize, loop = area_resizer(info.height, info.width, 224), Mpeg4Loop(224, info.fps)
    pictures = [picture for image in read_frames(path) for picture in loop.push(resize(image))] + loop.finish()
    assert len(pictures) == info.frames
    assert hashlib.sha256(np.stack(pictures).tobytes()).hexdigest() == GOLDEN["clips"]["pictures"][name]


@pytest.mark.parametrize("case", GOLDEN["draws"], ids=lambda case: f"{len(case['lengths'][0])}-{case['videos']}")
def test_shuffles_and_starts_are_the_official_ones(case: dict[str, Any]) -> None:
    drawn = official_draw(case["lengths"], case["seed"], case["videos"], case["frames"], case["batch"])
    assert [list(map(list, side.items())) for side in drawn] == case["drawn"]


def test_features_and_fvd_are_the_official_ones(pairs: list[tuple[PredictionSample, Dialogue]], tmp_path: Path) -> None:
    metric = replace(fvd, plan=windows_of(lambda _: RandomNetwork()))
    bare = parameters(tmp_path)
    values = planned(bare, metric.plan(pairs, bare))
    statistics = [metric.sample(prediction, reference, values) for prediction, reference in pairs]
    official = GOLDEN["clips"]["rows"]
    for number, seed in enumerate(GOLDEN["seeds"]):
        for ours, side in (("predicted", "generated"), ("real", "real")):
            expected = next(r["features"] for r in official if (r["seed"], r.get("side")) == (seed, side))
            found = np.array([s[ours][number, 0] for s in statistics if s[f"{ours}_drawn"][number, 0]])
            # The official order is the shuffled one, ours the manifest's.
            np.testing.assert_allclose(np.sort(found, axis=0), np.sort(expected, axis=0), atol=1e-6)
        one = parameters(tmp_path, seeds=[seed])
        plan = planned(one, metric.plan(pairs, one))
        alone = [metric.sample(prediction, reference, plan) for prediction, reference in pairs]
        expected_fvd = next(r["fvd"] for r in official if r["seed"] == seed and "fvd" in r)
        assert metric.aggregate(alone, plan) == pytest.approx(expected_fvd, rel=1e-5)
    official_mean = np.mean([row["fvd"] for row in official if "fvd" in row])
    assert metric.aggregate(statistics, values) == pytest.approx(official_mean, rel=1e-5)


def test_strict_is_a_plain_distance_over_windows_cut_by_hand(
    pairs: list[tuple[PredictionSample, Dialogue]], tmp_path: Path
) -> None:
    from scipy.linalg import sqrtm

    long = [(p, r) for p, r in pairs if r.id in ("a", "a-1", "b", "e")]
    metric = replace(fvd, plan=windows_of(lambda _: RandomNetwork()))
    bare = parameters(tmp_path, draw="seeded", root="nuclear", windows=3, seeds=[0])
    plan = metric.plan(long, bare)
    values = planned(bare, plan)
    statistics = [metric.sample(prediction, reference, values) for prediction, reference in long]
    network, sides = RandomNetwork(), []
    for folder, which in (("generated", 0), ("real", 1)):
        rows = []
        for _, reference in long:
            frames = list(read_frames(HERE / "fvd_clips" / folder / f"{reference.id}.mp4"))
            small = [area_resizer(*frame.shape[:2], 224)(frame) for frame in frames]
            for start in plan.clips[reference.id][which].extractor.starts:
                rows.append(network.embed(np.stack(small[start : start + network.frames])[None])[0])
        sides.append(np.array(rows, dtype=np.float64))
    (a, b), (s, t) = sides, [np.cov(side.T, bias=True) for side in sides]
    shift = a.mean(axis=0) - b.mean(axis=0)
    by_hand = shift @ shift + np.trace(s + t - 2 * np.real(sqrtm(s @ t)))
    assert metric.aggregate(statistics, values) == pytest.approx(distance(a, b), rel=1e-9)
    assert metric.aggregate(statistics, values) == pytest.approx(by_hand, rel=1e-5)
