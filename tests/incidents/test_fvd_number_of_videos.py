"""FVD depends on the number of videos, their frames and the resize: with fewer videos than dimensions the value is
mostly bias, and values at different N were ranked together. Everything that defines it is in the comparison key, and a
floor of real against real at the same N stands beside it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import comparison_key, signature
from omnibench.metrics.video.fvd_arithmetic import distance, real_floor


def test_two_samples_of_one_distribution_are_far_apart_where_n_is_small() -> None:
    rng = np.random.default_rng(0)
    few, many = (distance(rng.normal(size=(n, 100)), rng.normal(size=(n, 100))) for n in (35, 1000))
    assert few > 5 * many
    floor = real_floor(rng.normal(size=(35, 2, 1, 100)), splits=5)
    assert floor == pytest.approx(few, rel=0.2)


@pytest.mark.parametrize(
    "name",
    ["network", "videos", "frames", "stride", "seeds", "resize", "reencode", "opencv", "draw"],
)
def test_all_that_defines_the_number_is_in_its_key(name: str) -> None:
    values = dict(load_protocol("paper").metrics["fvd"].values)
    changed = {**values, name: "another"}
    keys = {comparison_key(signature("FVD", "paper", v, "d@0", {}, "140/140")) for v in (values, changed)}
    assert len(keys) == 2


def test_strict_and_paper_never_share_a_key() -> None:
    parameters = [load_protocol(protocol).metrics["fvd"] for protocol in ("paper", "strict")]
    assert dataclasses.asdict(parameters[0])["values"] != dataclasses.asdict(parameters[1])["values"]
