"""EAD-2: Distinct-2 with its dependence on length taken out.

Liu et al. 2022, "Rethinking and refining the distinct metric": the number of distinct bigrams over the number that as
many draws from V equally likely ones would give, ``N / (V (1 - ((V - 1) / V)^C))``. V is a fixed number, so that models
and data sets compare: 30522, the size of BERT's English vocabulary. Where C is far below V the value is near
Distinct-2; it can exceed 1. Blind to meaning, as Distinct-2 is.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, log1p

import numpy as np

from omnibench.metrics.base import Corpus, Metric, MetricSpec, Parameters, Statistics
from omnibench.metrics.text.distinct import DIVERSITY, hashed, silent_bigrams


def expectation_adjusted(distinct: int, total: int, vocabulary: int) -> float:
    """Distinct n-grams over the number that chance gives.

    Args:
        distinct: N, how many different ones there are.
        total: C, how many there are.
        vocabulary: V, how many equally likely ones chance draws from, at least 2.

    Returns:
        The ratio, 0 or more; 0 where there is no n-gram.

    Source: Liu et al. 2022, equation of section 3.

    Example:
        >>> round(expectation_adjusted(2, 2, 2), 6)
        1.333333
    """
    if total == 0:
        return 0.0
    return distinct / (-vocabulary * expm1(total * log1p(-1 / vocabulary)))


def _adjusted(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """EAD over the corpus; bigrams never cross dialogues."""
    codes = np.concatenate([np.atleast_1d(s["bigrams"]) for s in statistics])
    total = codes.size + silent_bigrams(statistics)
    return expectation_adjusted(np.unique(codes).size, total, parameters["vocabulary"])


ead_2 = Metric(
    MetricSpec(
        name="ead_2",
        title="EAD-2",
        direction="higher",
        needs=("text",),
        summary="distinct bigrams of the answers over the number that chance gives at their length",
        section="5 (beside Distinct-2; not in the paper)",
        minimum=0.0,
        family="words",
        definition="Number of distinct word pairs over the number that chance would give at the same length: "
        "Distinct-2 with its dependence on length taken out.",
        pitfalls="Blind to meaning, as Distinct-2 is. Can exceed 1.",
        order=160,
    ),
    hashed,
    Corpus(_adjusted, interval="jackknife"),
    parameters={"tokens": "whitespace", "silence": "counted", "vocabulary": 30522},
    protocols=("strict",),
    audit=DIVERSITY,
)
