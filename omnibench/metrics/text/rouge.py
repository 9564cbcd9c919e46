"""ROUGE-L: longest common subsequence between the answer's words and the human listener's.

Lin 2004, "ROUGE: a package for automatic evaluation of summaries". With P and R the subsequence's share of answer and
reference, ``F = (1 + b²) P R / (R + b² P)``.

* ``paper`` (OmniResponse ``evaluation/text`` @2ba1c7c): whitespace words, case and punctuation kept, b = 1.2; dialogues
  with an empty answer are left out of the mean, as the script does.
* ``strict``: the ``rouge-score`` package (lower-cased alphanumeric words, b = 1, no stemming); an empty answer scores
  0 and stays.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from rapidfuzz.distance import LCSseq

from omnibench.metrics.base import Metric, MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.text.similarity import COUNTED, SIMILARITY, TABLE_2
from omnibench.types import Dialogue


def rouge_l_whitespace(reference: str, hypothesis: str, beta: float = 1.2) -> float:
    """ROUGE-L of two strings as the official script computes it.

    Args:
        reference: the human listener's transcript.
        hypothesis: the answer's transcript.
        beta: weight of recall over precision, > 0.

    Returns:
        F in [0, 1]; 0 where nothing is shared or a side is empty.

    Source: OmniResponse ``evaluation/text`` @2ba1c7c.

    Example:
        >>> round(rouge_l_whitespace("testing one two", "testing"), 6)
        0.458647
    """
    reference_words, hypothesis_words = reference.split(), hypothesis.split()
    common = LCSseq.similarity(reference_words, hypothesis_words)
    if common == 0:
        return 0.0
    precision, recall = common / len(hypothesis_words), common / len(reference_words)
    weight = beta**2
    return (1 + weight) * precision * recall / (recall + weight * precision)


@cache
def _package_scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=False)


def rouge_l_package(reference: str, hypothesis: str) -> float:
    """ROUGE-L F1 in [0, 1] of the ``rouge-score`` package (Google's), without stemming.

    Example:
        >>> rouge_l_package("testing one two", "testing one")
        0.8
    """
    return float(_package_scorer().score(reference, hypothesis)["rougeL"].fmeasure)


def scored(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value``, one dialogue's F, and ``counted`` (0 where the paper's script would skip the pair)."""
    answer, truth = prediction.text or "", reference.listener.text
    if parameters["implementation"] == "rouge-score":
        return {"value": rouge_l_package(truth, answer), "counted": 1.0}
    counted = bool(answer.strip()) or not parameters["skip_empty"]
    return {"value": rouge_l_whitespace(truth, answer, parameters["beta"]), "counted": float(counted)}


rouge_l = Metric(
    MetricSpec(
        name="rouge_l",
        title="ROUGE-L",
        direction="higher",
        needs=("text",),
        summary="longest common word subsequence with the human listener's transcript",
        section=TABLE_2,
        reference_words=True,
        worst=0.0,
        minimum=0.0,
        maximum=1.0,
        family="words",
        definition="Longest word sequence, gaps allowed, shared with the human listener's words, as an F-measure. 0 to "
        "1, mean over dialogues.",
        pitfalls="One reference for an open question. Under paper, case and punctuation count and recall weighs more "
        "(beta 1.2), so the values differ from the rouge-score package that strict uses.",
        order=140,
    ),
    scored,
    COUNTED,
    parameters={"implementation": "rouge-score"},
    audit=SIMILARITY,
)
