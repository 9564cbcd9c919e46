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

from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.text.distinct import bigram_statistics, silent_bigrams
from omnibench.types import Dialogue


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


class Ead2:
    """EAD of bigrams of whitespace tokens, case kept; a dialogue's statistics are hashes of its bigrams."""

    spec = MetricSpec(
        name="ead_2",
        title="EAD-2",
        direction="higher",
        level="corpus",
        needs=("text",),
        summary="distinct bigrams of the answers over the number that chance gives at their length",
        section="5 (beside Distinct-2; not in the paper)",
        interval="jackknife",
        minimum=0.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """`bigram_statistics` of the answer."""
        return bigram_statistics(prediction.text or "", reference.listener.text, parameters["silence"])

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """EAD over the corpus; bigrams never cross dialogues."""
        codes = np.concatenate([np.atleast_1d(s["bigrams"]) for s in statistics])
        total = codes.size + silent_bigrams(statistics)
        return expectation_adjusted(np.unique(codes).size, total, parameters["vocabulary"])

    def sample_value(self, statistics: Statistics) -> float | None:
        """None: a dialogue alone has no corpus diversity."""
        return None


ead_2 = Ead2()
