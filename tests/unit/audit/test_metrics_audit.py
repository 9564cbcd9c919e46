"""The audit's judgement: ranks, verdicts, and the matrix file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.audit.damage_table import DAMAGES
from omnibench.audit.grading import harm, judge, spearman
from omnibench.audit.matrix import UNTOUCHED, load_matrix, parse_matrix, touches
from omnibench.errors import InputError
from omnibench.metrics.base import METRICS
from omnibench.metrics.expectation import Expectation
from omnibench.metrics.protocol import load_protocol

NOTICE = Expectation("notice", "because")
RULE = {"metrics": ["rouge_l"], "damages": ["word_drop"], "expect": "notice", "why": "because"}


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=8))
def test_rank_correlation_is_scipys(values: list[int]) -> None:
    from scipy.stats import spearmanr

    own = spearman([float(value) for value in values])
    if len(set(values)) == 1:
        assert own is None
    else:
        assert own == pytest.approx(float(spearmanr(values, range(len(values))).statistic), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "direction", "kept"),
    [
        ([1.0, 0.9, 0.7, 0.6, 0.2, 0.1], "higher", True),
        ([1.0, 0.9, 0.6, 0.7, 0.2, 0.1], "higher", True),
        ([1.0, 0.9, 0.7, 0.6, 0.2, 0.1], "lower", False),
        ([1.0, 0.2, 0.6, 0.1, 0.9, 0.7], "higher", False),
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], "higher", False),
        ([0.2, 0.3, 0.0, 0.5, -0.4, -0.5], "none", True),
        ([1.0, 0.9, None, 0.6, 0.2, 0.1], "higher", False),
    ],
)
def test_noticing_is_getting_worse_from_grade_to_grade(values: list, direction: str, kept: bool) -> None:
    assert judge(values, direction, NOTICE).kept is kept


def test_a_bound_holds_both_ways_for_ignore_and_one_way_for_blind() -> None:
    better = [1.0, 1.2, 1.3]
    bound = {"within": 0.1}
    assert judge(better, "higher", Expectation("ignore", "", **bound)).kept is False
    assert judge(better, "higher", Expectation("blind", "", **bound)).kept is True
    assert judge(better, "lower", Expectation("blind", "", **bound)).kept is False
    assert judge(better, "none", Expectation("blind", "", **bound)).kept is False
    assert judge([1.0, 1.05], "higher", Expectation("ignore", "", **bound)).kept is True


def test_the_strongest_grade_alone_may_have_to_show() -> None:
    strongest = Expectation("strongest", "", within=0.2)
    assert judge([1.0, 1.0, 1.0, 0.7], "higher", strongest).kept is True
    assert judge([1.0, 0.2, 0.2, 0.9], "higher", strongest).kept is False


def test_nothing_is_judged_where_nothing_is_expected_or_measured() -> None:
    assert judge([1.0, 5.0], "lower", None).remark == "not in the matrix"
    assert judge([1.0, 5.0], "lower", Expectation("may", "")).kept is None
    assert judge([None, 5.0], "lower", NOTICE).kept is None


def test_harm_of_a_measure_without_direction_is_its_distance_from_the_human() -> None:
    np.testing.assert_allclose(harm([0.5, 0.2, 0.9], "none"), [0.0, 0.3, 0.4])


@pytest.mark.parametrize("protocol", ["strict", "offline"])
def test_every_metric_is_in_the_matrix_under_every_damage_that_touches_it(protocol: str) -> None:
    matrix = load_matrix()
    missing = {name: matrix.missing(METRICS.get(name).spec) for name in load_protocol(protocol).metrics}
    assert {name: damages for name, damages in missing.items() if damages} == {}


def test_every_damage_is_noticed_by_somebody_or_known_to_be_by_nobody() -> None:
    """A damage that the whole suite is blind to would be a hole in it; padding with silence is no damage to a voice."""
    noticed = {damage for (_, damage), cell in load_matrix().cells.items() if cell.expect in ("notice", "strongest")}
    assert set(DAMAGES) - noticed == {"silence_padding"}


def test_no_line_of_the_matrix_is_about_something_that_cannot_happen() -> None:
    for (metric, damage), _ in load_matrix().cells.items():
        if metric in METRICS.names():
            assert touches(DAMAGES[damage], METRICS.get(metric).spec), (metric, damage)


def test_damage_to_what_a_metric_does_not_read_must_not_move_it() -> None:
    spec = METRICS.get("rouge_l").spec
    assert load_matrix().expectation(spec, DAMAGES["audio_noise"]) is UNTOUCHED
    assert judge([0.5, 0.5], spec.direction, UNTOUCHED).kept is True
    assert judge([0.5, 0.5001], spec.direction, UNTOUCHED).kept is False


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"rule": [{**RULE, "expect": "see"}]}, "expect is 'see'"),
        ({"rule": [{**RULE, "why": " "}]}, "no reason"),
        ({"rule": [{**RULE, "within": 0.1}]}, "notice with bounds"),
        ({"rule": [{**RULE, "expect": "blind"}]}, "blind with bounds {}"),
        ({"rule": [{**RULE, "damages": ["hail"]}]}, 'unknown damage "hail"'),
        ({"rule": [{**RULE, "metrics": "rouge_l"}]}, "expected a list of names"),
        ({"rule": [{**RULE, "witin": 0.1}]}, "unknown witin"),
        ({"rule": [RULE, RULE]}, "rule 2: rouge_l under word_drop is written twice"),
        ({"rule": [RULE], "outside": {"rouge_l": "never"}}, "both in a rule and in"),
        ({"rules": []}, "unknown rules"),
    ],
)
def test_a_faulty_matrix_says_where(document: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_matrix(document, "m.toml")
