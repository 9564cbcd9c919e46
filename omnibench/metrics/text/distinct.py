"""Distinct-2: the share of an answer corpus's bigrams that are unique.

Li et al. 2016, "A diversity-promoting objective function for neural conversation models". Corpus level: bigrams never
cross dialogues. It falls with length by construction, so read it beside `omnibench.metrics.text.ead`. Blind to meaning.

Fewer texts are more diverse, so silence would help: under ``strict`` an empty answer where the human listener speaks
counts as bigrams none of which is new, as many as the human's or the longest answer's, whichever are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.base import Corpus, Metric, MetricSpec, Parameters, PredictionSample, Statistics, blind, may
from omnibench.types import Dialogue


def distinct_2_of(texts: Sequence[str]) -> float:
    """Unique / total bigrams of whitespace tokens over all texts, case kept; 0.0 where there is no bigram.

    Source: OmniResponse ``evaluation/text`` @2ba1c7c.

    Example:
        >>> distinct_2_of(["a b a b"])
        0.6666666666666666
    """
    return _unique_share([bigrams(text) for text in texts])


def bigrams(text: str) -> NDArray[np.float64]:
    """One exact integer below 2^53 for each pair of neighbouring whitespace tokens, equal for equal pairs."""
    return np.array([_code(pair) for pair in pairwise(text.split())], dtype=np.float64)


def _code(pair: tuple[str, str]) -> int:
    # 52 bits: exact in a float64, and the chance of one collision among 1e5 bigrams is about 1e-6.
    return int.from_bytes(blake2b("\0".join(pair).encode(), digest_size=8).digest(), "big") >> 12


def _unique_share(texts: Sequence[NDArray[np.float64]], silent: int = 0) -> float:
    codes = np.concatenate(texts) if texts else np.zeros(0)
    return float(np.unique(codes).size / (codes.size + silent)) if codes.size else 0.0


def bigram_statistics(answer: str, reference: str, silence: str) -> Statistics:
    """``bigrams``: one exact integer below 2^53 for each; ``unsaid``: the human's bigrams where the answer is empty and
    ``silence`` is ``counted``, else 0; ``counted``: 0 for an empty answer that the protocol leaves out.
    """
    said = bool(answer.strip())
    unsaid = len(bigrams(reference)) if silence == "counted" and not said else 0
    return {"bigrams": bigrams(answer), "unsaid": float(unsaid), "counted": float(said or silence == "counted")}


def silent_bigrams(statistics: Sequence[Statistics]) -> int:
    """How many bigrams the empty answers of a corpus count as."""
    longest = max((np.size(s["bigrams"]) for s in statistics), default=0)
    return sum(max(int(s["unsaid"]), longest) for s in statistics if s["unsaid"])


def hashed(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """`bigram_statistics` of the answer: hashes, so that the corpus value can be re-computed from them."""
    return bigram_statistics(prediction.text or "", reference.listener.text, parameters["silence"])


def _unique(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """Unique / total over the corpus; 0.0 where there is no bigram, as the official script prints."""
    return _unique_share([np.atleast_1d(s["bigrams"]) for s in statistics], silent_bigrams(statistics))


DIVERSITY: Final = (
    may(
        "word_drop",
        why="fewer words repeat less, so it rises with every word that is lost, until no answer has two words left: "
        "then it is 0",
    ),
    blind("word_shuffle", within=0.05, why="shuffled words make new pairs; neither meaning nor order counts"),
    blind("other_answer", within=1e-9, why="looks at the answers alone, and the set of answers is the same"),
)

distinct_2 = Metric(
    MetricSpec(
        name="distinct_2",
        title="Distinct-2",
        direction="higher",
        needs=("text",),
        summary="unique share of the answers' bigrams",
        section="5 (Evaluation Metrics), Table 2",
        minimum=0.0,
        maximum=1.0,
        family="words",
        definition="Share of unique word pairs among all word pairs of all answers. 0 to 1, one value for the corpus.",
        pitfalls="Falls with the amount of text by construction, so short answers look diverse. Blind to meaning and "
        "order: shuffled words score as high. Read EAD-2 beside it.",
        order=150,
    ),
    hashed,
    Corpus(_unique, interval="jackknife"),
    parameters={"tokens": "whitespace", "silence": "counted"},
    audit=DIVERSITY,
)
