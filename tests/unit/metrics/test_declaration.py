"""What a metric declares: faults are named where it is written, and ours say everything that a reader is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import InputError, MetricError
from omnibench.metrics.base import METRICS, Corpus, Mean, Median, Metric, MetricSpec, Parameters, Ratio
from omnibench.metrics.protocol import broken, installed_metrics

RULES = Parameters("strict", {"least": 0.5})
FITS: dict[str, Any] = {"name": "x", "title": "X", "direction": "none", "needs": ("text",), "summary": "of nothing"}
numbers = st.floats(-100, 100)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"name": "a/b"}, "expected small letters, digits and _"),
        ({"title": "A|B"}, r'the title of x is "A\|B"'),
        ({"direction": "up"}, "expected higher, lower or none"),
        ({"needs": ("texts",)}, "x needs .* text, words, face, audio, video, timing"),
        ({"needs": "text"}, "expected a tuple"),
        ({"family": "mine"}, "expected one of words, voice"),
    ],
)
def test_a_faulty_specification_says_what_was_expected(fault: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MetricSpec(**{**FITS, **fault})


@pytest.mark.parametrize("protocols", [("strickt",), "strict"])
def test_a_protocol_that_nobody_has_is_named(protocols: Any) -> None:
    with pytest.raises(ValueError, match="paper, strict, offline"):
        Metric(MetricSpec(**FITS), lambda *_: {}, Mean(), protocols=protocols)


def test_ours_say_all_that_a_reader_is_shown_in_an_order_of_their_own() -> None:
    assert not any(broken(name) for name in METRICS.names())
    metrics = installed_metrics()
    for name, metric in metrics.items():
        spec = metric.spec
        assert spec.definition.endswith("."), name
        assert spec.pitfalls.endswith("."), name
        assert spec.family != "other"
        assert spec.section
        assert not spec.summary.endswith(".")
    assert len({metric.spec.order for metric in metrics.values()}) == len(metrics)


@given(st.lists(st.tuples(numbers, st.booleans()), min_size=1, max_size=8))
def test_a_mean_is_over_what_counts(drawn: list[tuple[float, bool]]) -> None:
    statistics = [{"value": value, "counted": float(counts)} for value, counts in drawn]
    counted = [value for value, counts in drawn if counts]
    mean = Mean(nothing=0.0)
    assert mean.value(statistics, RULES) == pytest.approx(sum(counted) / len(counted) if counted else 0.0, abs=1e-9)
    assert [mean.of_one(s) for s in statistics] == [value if counts else None for value, counts in drawn]
    if not counted:
        with pytest.raises(MetricError, match=r"^nobody speaks for 0\.5 s$"):
            Mean(nothing="nobody speaks for {least} s").value(statistics, RULES)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_a_ratio_is_of_sums(drawn: list[tuple[int, int]]) -> None:
    statistics = [{"a": float(above), "b": float(below)} for above, below in drawn]
    ratio = Ratio("a", "b", "nothing below")
    above, below = (sum(part) for part in zip(*drawn, strict=True))
    if below:
        assert ratio.value(statistics, RULES) == pytest.approx(above / below)
    else:
        with pytest.raises(MetricError, match="nothing below"):
            ratio.value(statistics, RULES)
    assert [ratio.of_one(s) is None for s in statistics] == [below == 0 for _, below in drawn]


def test_medians_and_corpus_functions() -> None:
    import numpy as np

    median = Median("m", "no transfer")
    both = [{"m": np.array([1.0, 9.0])}, {"m": np.array([2.0])}, {"m": np.zeros(0)}]
    assert median.value(both, RULES) == 2.0
    assert [median.of_one(one) for one in both] == [5.0, 2.0, None]
    with pytest.raises(MetricError, match="no transfer"):
        median.value([], RULES)
    corpus = Corpus(lambda statistics, parameters: len(statistics) * parameters["least"])
    assert (corpus.value(both, RULES), corpus.of_one(both[0]), corpus.interval) == (1.5, None, "jackknife")


def test_a_parameter_that_nobody_gives_is_named() -> None:
    with pytest.raises(InputError, match='protocol strict: expected the parameter "network"'):
        RULES["network"]
