"""METEOR: words of the answer matched with the human listener's by form, stem and synonym, less a penalty for disorder.

Lavie & Agarwal 2007, "METEOR: an automatic metric for MT evaluation with high levels of correlation with human
judgments", as NLTK computes it (``nltk.translate.meteor_score``, version 3.10.4, with WordNet 3.0 and its defaults).
Implementations of METEOR differ by ten points on one text; what NLTK does that the article does not say:

* words are matched greedily from the answer's last word to its first, each with the last free word of the reference;
* synonyms are looked up for the Porter stems of what is left, and compared with stems;
* pieces of punctuation are words like any other.

``paper`` (OmniResponse ``evaluation/text`` @2ba1c7c) leaves dialogues with an empty answer out of the mean; under
``strict`` they score 0 and stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from omnibench.metrics.base import Metric, MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.text.similarity import COUNTED, SIMILARITY, TABLE_2
from omnibench.types import Dialogue


def meteor_of(
    reference: Sequence[str], hypothesis: Sequence[str], alpha: float = 0.9, beta: float = 3.0, gamma: float = 0.5
) -> float:
    """METEOR of two lists of words.

    Args:
        reference: the human listener's words.
        hypothesis: the answer's words.
        alpha: weight of recall in the harmonic mean, 0 to 1.
        beta: exponent of the share of chunks among the matches.
        gamma: greatest penalty, 0 to 1.

    Returns:
        Score in [0, 1]; 0 where nothing matches or a side is empty. The same as
        ``nltk.translate.meteor_score.meteor_score([reference], hypothesis)``.

    Source: Lavie & Agarwal 2007, section 2.

    Example:
        >>> round(meteor_of("the cat sat on the mat".split(), "on the mat sat the cat".split()), 4)
        0.5
    """
    matches = align(reference, hypothesis)
    if not matches:
        return 0.0
    precision, recall = len(matches) / len(hypothesis), len(matches) / len(reference)
    mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall)
    penalty = gamma * (chunks(matches) / len(matches)) ** beta
    return (1 - penalty) * mean


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> list[tuple[int, int]]:
    """Matched places, ``(in the hypothesis, in the reference)``, in the hypothesis's order; case does not count.

    Three rounds over what the round before left: equal words, equal stems, and a stem among the synonyms of the other.
    """
    from omnibench.metrics.text.wordnet.lookup import synonyms

    ours = {place: word.lower() for place, word in enumerate(hypothesis)}
    theirs = {place: word.lower() for place, word in enumerate(reference)}
    matches = _matches(ours, theirs, _itself)
    ours = {place: stem(word) for place, word in ours.items()}
    theirs = {place: stem(word) for place, word in theirs.items()}
    matches += _matches(ours, theirs, _itself)
    matches += _matches(ours, theirs, synonyms)
    return sorted(matches)


def chunks(matches: Sequence[tuple[int, int]]) -> int:
    """Runs of matches that are neighbours on both sides, from at least one sorted match."""
    return 1 + sum(after != (before[0] + 1, before[1] + 1) for before, after in pairwise(matches))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Porter stem, with NLTK's extensions."""
    return str(_stemmer().stem(word))


def _matches(
    ours: dict[int, str], theirs: dict[int, str], accepts: Callable[[str], Collection[str]]
) -> list[tuple[int, int]]:
    """Match from the last of ours to the first, each with the last free one of theirs that it accepts; what is matched
    is taken out of both.
    """
    places: dict[str, list[int]] = {}
    for place, word in theirs.items():
        places.setdefault(word, []).append(place)
    found = []
    for place in reversed(list(ours)):
        free = [places[word] for word in accepts(ours[place]) if places.get(word)]
        if free:
            found.append((place, max(free, key=lambda candidates: candidates[-1]).pop()))
    for our_place, their_place in found:
        del ours[our_place], theirs[their_place]
    return found


def _itself(word: str) -> tuple[str]:
    return (word,)


@cache
def _stemmer() -> Any:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


def scored(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value``, one dialogue's score, and ``counted`` (0 where the paper's script would skip the pair)."""
    from omnibench.metrics.text.penn_tokens import word_tokenize

    answer = (prediction.text or "").strip()
    value = meteor_of(
        word_tokenize(reference.listener.text.strip()),
        word_tokenize(answer),
        parameters["alpha"],
        parameters["beta"],
        parameters["gamma"],
    )
    return {"value": value, "counted": float(bool(answer) or not parameters["skip_empty"])}


meteor = Metric(
    MetricSpec(
        name="meteor",
        title="METEOR",
        direction="higher",
        needs=("text",),
        summary="words shared with the human listener's transcript, by form, stem or synonym, in order",
        section=TABLE_2,
        reference_words=True,
        worst=0.0,
        minimum=0.0,
        maximum=1.0,
        family="words",
        definition="Words of the answer matched with the human listener's by form, stem and synonym, less a penalty "
        "for their order. 0 to 1, mean over dialogues; as NLTK computes it.",
        pitfalls="A dialogue has many good answers and only one is the reference: even a sensible reply scores "
        "low. Fluent filler that shares common words scores above 0. Under paper, dialogues with an empty answer leave "
        "the mean, so a model gains by staying silent where it is hard; under strict they score 0.",
        order=100,
    ),
    scored,
    COUNTED,
    parameters={"tokens": "nltk-punkt", "wordnet": "3.0", "alpha": 0.9, "beta": 3.0, "gamma": 0.5, "skip_empty": False},
    audit=SIMILARITY,
)
