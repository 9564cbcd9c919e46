"""Our paper protocol against the official scripts' own output on the same inputs.

``official_omniresponse.json`` names the scripts and commit that produced every number; none comes from our code.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from omnibench.metrics.face.frechet import frechet, frechet_sqrtm, merge, moments_of
from omnibench.metrics.text.distinct import distinct_2, distinct_2_of
from omnibench.metrics.text.rouge import rouge_l_package, rouge_l_whitespace

GOLDEN = json.loads((Path(__file__).parent / "official_omniresponse.json").read_text())
ROUGE = [(row["reference"], row["hypothesis"], row["score"]) for row in GOLDEN["rouge_l"]]
DISTINCT = [(row["texts"], row["score"]) for row in GOLDEN["distinct_2"]]
FRECHET = [(row["seed"], row["shape"], row["kind"], row["score"]) for row in GOLDEN["fd"]]


def _samples(seed: int, shape: list[int], kind: str) -> tuple[np.ndarray, np.ndarray]:
    n, m, d = shape
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, d))
    b = rng.normal(size=(m, d)) * 1.5 + 0.3
    if kind == "constant":
        a[:, 0] = 0
        b[:, 0] = 0
    if kind == "shift":
        b[:, -1] -= 24
    return a, b


def test_there_are_golden_numbers() -> None:
    assert len(ROUGE) >= 6
    assert len(DISTINCT) >= 6
    assert len(FRECHET) >= 6


@pytest.mark.parametrize(("reference", "hypothesis", "score"), ROUGE)
def test_rouge_l_equals_the_official_script(reference: str, hypothesis: str, score: float) -> None:
    assert rouge_l_whitespace(reference, hypothesis) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize(("texts", "score"), DISTINCT)
def test_distinct_2_equals_the_official_script(texts: list[str], score: float) -> None:
    assert distinct_2_of(texts) == pytest.approx(score, abs=1e-15)


@pytest.mark.parametrize(("seed", "shape", "kind", "score"), FRECHET)
def test_fd_equals_the_official_script(seed: int, shape: list[int], kind: str, score: float) -> None:
    a, b = _samples(seed, shape, kind)
    parts = [moments_of(part) for part in np.array_split(a, 4)]
    # A square root of a singular product is ill-conditioned: the official value itself is good to 1e-6 there.
    tolerance = 1e-9 if kind == "plain" and min(shape[:2]) > shape[2] + 30 else 2e-5
    assert frechet_sqrtm(merge(parts), moments_of(b)) == pytest.approx(score, rel=tolerance)
    assert frechet(merge(parts), moments_of(b)) == pytest.approx(score, rel=2e-5)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # Analytic: N(0, 1) and N(1, 4) are (0 - 1)² + 1 + 4 - 2·2 = 2 apart.
        ((0.0, 1.0), (1.0, 2.0), 2.0),
        ((0.0, 1.0), (0.0, 1.0), 0.0),
        ((0.0, 1.0), (0.0, 3.0), 4.0),
    ],
)
def test_fd_is_the_analytic_distance_of_two_gaussians(
    a: tuple[float, float], b: tuple[float, float], expected: float
) -> None:
    def two_points(mean: float, deviation: float) -> np.ndarray:
        # Two points have exactly this mean and unbiased deviation.
        return np.array([[mean - deviation / np.sqrt(2)], [mean + deviation / np.sqrt(2)]])

    assert frechet(moments_of(two_points(*a)), moments_of(two_points(*b))) == pytest.approx(expected, abs=1e-12)


def test_equal_covariance_and_a_unit_shift_in_d_dimensions_is_d() -> None:
    x = np.random.default_rng(0).normal(size=(500, 7))
    assert frechet(moments_of(x), moments_of(x + 1)) == pytest.approx(7, abs=1e-9)


def test_rouge_score_package_value_of_its_own_readme() -> None:
    # google-research/rouge: "testing one two" against "testing one" has an F of 0.8.
    assert rouge_l_package("testing one two", "testing one") == pytest.approx(0.8)


def test_distinct_2_statistics_rebuild_the_corpus_value() -> None:
    texts = ["a b a b", "b a", "", "a"]
    from omnibench.metrics.base import Parameters

    class Answer:
        def __init__(self, text: str) -> None:
            self.text = text

    parameters, reference = Parameters("paper", {"silence": "ignored"}), SimpleNamespace(listener=Answer("a b c"))
    statistics = [distinct_2.sample(Answer(text), reference, parameters) for text in texts]  # type: ignore[arg-type]
    assert distinct_2.aggregate(statistics, parameters) == distinct_2_of(texts) == pytest.approx(2 / 4)
