"""Own word error rate: does the model's sound say the model's words? And how many words, and different ones, that is.

A recogniser hears the sound of the answers, unit by unit (`omnibench.features.heard`), and what it hears is held
against the words that the model claims (`omnibench.metrics.text.word_error`): how Wang et al. 2023 (VALL-E, section
5.1) and others measure whether a synthesiser is understood, with the model's own text in the place of the script.
Errors are pooled over all dialogues. The recogniser errs too: the ground truth's value is the floor. Below
``least_words`` words there is no number.

A model that says "yeah" for ever is understood perfectly: read ``own_words`` and ``own_vocabulary`` beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import blake2b

import numpy as np

from omnibench.errors import MetricError
from omnibench.features.heard import RECOGNISER, unit_texts
from omnibench.features.voice import HEARING
from omnibench.metrics.base import (
    Corpus,
    Metric,
    MetricSpec,
    Parameters,
    PredictionSample,
    Statistics,
    blind,
    ignore,
    may,
    notice,
    strongest,
)
from omnibench.metrics.text.word_error import normalise, word_errors
from omnibench.types import Dialogue

_Spec = partial(MetricSpec, section="5 (behaviour; not in the paper)", minimum=0.0, family="voice")


def own_errors(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``errors`` of the words that are heard, and the number of ``words`` that are claimed.

    Raises:
        MissingError: the recogniser or the detector is not installed.
        MetricError: no sound.
    """
    texts = unit_texts(prediction.media, parameters.features, parameters.values, parameters["pause"])
    found = word_errors(normalise(prediction.text or ""), normalise(" ".join(texts)))
    return {"errors": float(found.errors), "words": float(found.words)}


def said_words(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``words``: for each that is claimed an exact integer below 2^53, equal for equal words."""
    return {"words": np.array([_code(word) for word in normalise(prediction.text or "")], dtype=np.float64)}


def _code(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") >> 12


def _rate(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    words = sum(float(own["words"]) for own in statistics)
    if words < parameters["least_words"]:
        raise MetricError(f"{words:.0f} words are said, and it takes {parameters['least_words']}")
    return sum(float(own["errors"]) for own in statistics) / words


def _own_rate(statistics: Statistics) -> float | None:
    words = float(statistics["words"])
    return float(statistics["errors"]) / words if words else None


def _count(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    return float(sum(np.size(own["words"]) for own in statistics))


def _different(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    return float(np.unique(np.concatenate([np.atleast_1d(own["words"]) for own in statistics])).size)


own_wer = Metric(
    _Spec(
        name="own_wer",
        title="Own WER",
        direction="lower",
        needs=("text", "audio"),
        holds_words=True,
        summary="word error rate of the model's sound against the model's own words",
        definition="Words that a recogniser mishears, misses or adds in the model's sound, for every word that the "
        "model claims to say; pooled over all dialogues.",
        pitfalls="The recogniser errs too: compare with the ground truth's own. One word said for ever is understood: "
        "read the number of words and of different ones beside it.",
        order=230,
    ),
    own_errors,
    Corpus(_rate, _own_rate, interval="bootstrap"),
    parameters={"pause": 0.5, "least_words": 50, **HEARING, "recogniser": RECOGNISER},
    protocols=("strict",),
    audit=(
        strongest("audio_noise", "dropouts", within_absolute=0.1, why="words are lost in noise and holes"),
        ignore("audio_shift", within_absolute=0.05, why="the same words, later; some run over the clip's end"),
        ignore("silence_padding", within_absolute=0.02, why="in silence nobody is heard"),
        notice("word_shuffle", why="the sound keeps the order of before"),
        may("word_drop", why="what is left is heard among words that are no longer claimed, until they are too few"),
        blind("other_answer", within_absolute=1e-9, why="words and sound come from the same answer"),
    ),
)

_AMOUNT = (
    notice("word_drop", why="fewer words are said"),
    ignore("word_shuffle", within=1e-9, why="the same words"),
    blind("other_answer", within=1e-9, why="looks at the answers alone, and the set of answers is the same"),
)

own_words = Metric(
    _Spec(
        name="own_words",
        title="Words",
        direction="none",
        needs=("text",),
        summary="words that the answers say, all together",
        unit="words",
        decimals=0,
        definition="Words that the answers say, all together; sounds such as mm-hm are none.",
        pitfalls="No better direction: it says how much the own word error rate rests on.",
        order=240,
    ),
    said_words,
    Corpus(_count, interval="bootstrap"),
    protocols=("strict",),
    audit=_AMOUNT,
)

own_vocabulary = Metric(
    _Spec(
        name="own_vocabulary",
        title="Vocabulary",
        direction="none",
        needs=("text",),
        summary="different words that the answers say, all together",
        unit="words",
        decimals=0,
        definition="Different words that the answers say, all together; sounds such as mm-hm are none.",
        pitfalls="Grows with the number of words. One word said for ever has a vocabulary of 1.",
        order=250,
    ),
    said_words,
    Corpus(_different, interval="jackknife"),
    protocols=("strict",),
    audit=_AMOUNT,
)
