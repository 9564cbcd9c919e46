"""BERTScore: word pieces of the answer and of the human listener's words matched by meaning, in an encoder's space.

Zhang et al. 2020, "BERTScore: evaluating text generation with BERT", section 3, without importance weighting. Each word
piece is matched with the closest piece of the other text by cosine; precision is the mean over the answer's pieces,
recall over the reference's. The package ``bert-score`` 0.3.13 computes the same and is not used: under transformers 5
it crashes on an empty text and drops RoBERTa's prefix space without a word, which moves every score
(`omnibench.metrics.text.embeddings`). Equality with it under transformers 4 is tested.

* ``bertscore_f1``: the paper's network, roberta-large layer 17. ``paper`` (OmniResponse ``evaluation/text`` @2ba1c7c)
  does not rescale and leaves dialogues with an empty answer out of the mean; under ``strict`` they score 0 and stay.
* ``bertscore_rescaled``: ``(F - b) / (1 - b)`` with the network's baseline b, the score of random pairs of sentences.
  For roberta-large layer 17, b = 0.83122575 (bert-score's ``rescale_baseline/en/roberta-large.tsv``).
* ``bertscore_minilm``: all-MiniLM-L6-v2 layer 6, rescaled, which comes with the installation; never to be compared with
  the others. Of six layers that one tells a paraphrase from another sentence best on mini's train split (d' = 7.2);
  random pairs score 0.2057 raw there (``tests/benchmarks/bench_bertscore_layers.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.errors import InputError, UsageError
from omnibench.metrics.base import Metric, MetricSpec, Pairs, Parameters, PredictionSample, Statistics
from omnibench.metrics.text.similarity import COUNTED, SIMILARITY, TABLE_2
from omnibench.system.places import expanded
from omnibench.types import Dialogue

if TYPE_CHECKING:
    from omnibench.metrics.text.embeddings import EmbeddedText

Pair = tuple[str, str]
_BATCH: Final = 32


def greedy_match(reference: EmbeddedText, answer: EmbeddedText) -> tuple[float, float, float]:
    """Precision, recall and F of an embedded answer.

    Start and end marks can be matched with but are not counted, as in bert-score; a text without words gives zeros.

    Source: Zhang et al. 2020, section 3, "BERTScore".
    """
    if not (reference.words.any() and answer.words.any()):
        return 0.0, 0.0, 0.0
    closeness = answer.pieces @ reference.pieces.T
    precision = float(closeness.amax(dim=1)[answer.words].mean())
    recall = float(closeness.amax(dim=0)[reference.words].mean())
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


@lru_cache(maxsize=4)
def bertscores(
    folder: Path, layer: int, pairs: tuple[Pair, ...], batch: int = _BATCH
) -> tuple[tuple[float, float, float], ...]:
    """Precision, recall and F of pairs of reference and answer.

    Args:
        folder: the network, as transformers saves it.
        layer: whose output is compared, from 1.
        pairs: any texts; those of like length share a batch, and no more than one batch is in memory.
        batch: pairs at once; the values do not depend on it.

    Returns:
        One triple a pair, in order; each in [-1, 1].

    Raises:
        InputError: the folder holds no encoder with that many layers.
    """
    from omnibench.metrics.text.embeddings import load_encoder

    encoder = load_encoder(folder, layer)
    by_length = sorted(range(len(pairs)), key=lambda index: max(map(len, pairs[index])))
    scores: dict[int, tuple[float, float, float]] = {}
    for start in range(0, len(pairs), batch):
        chosen = by_length[start : start + batch]
        embedded = encoder.embed([text for index in chosen for text in pairs[index]])
        for index, reference, answer in zip(chosen, embedded[::2], embedded[1::2], strict=True):
            scores[index] = greedy_match(reference, answer)
    return tuple(scores[index] for index in range(len(pairs)))


def rescaled(value: float, baseline: float) -> float:
    """``value`` on a scale where random pairs of sentences score 0 and equal ones 1.

    Args:
        value: a raw score.
        baseline: the raw score of random pairs, < 1.

    Source: Zhang et al. 2020, appendix "Rescaling BERTScore"; bert-score's ``rescale_with_baseline``.
    """
    return (value - baseline) / (1 - baseline)


def network_folder(name: str) -> Path:
    """Where a network lies: a folder that is named as such (with a ``/``), or one of the assets, whose revision or hash
    may follow behind an ``@``.

    Raises:
        UsageError: a folder that is not there.
        MissingError: an asset that is not on this machine; the message names the command that gets it.
    """
    if "/" in name:
        folder = expanded(name)
        if not folder.is_dir():
            raise UsageError(f'The network "{name}" of BERTScore is no folder. Expected one with a config.json.')
        return folder
    from omnibench.assets.finding import group_folder

    return group_folder(name.partition("@")[0])


def _texts(answer: PredictionSample, reference: Dialogue) -> Pair:
    try:
        return reference.listener.text.strip(), (answer.text or "").strip()
    except InputError:
        # One damaged file costs one dialogue: `sample` meets it again, where it is listed with its reason.
        return "", ""


def raw_scores(pairs: Pairs, parameters: Parameters) -> Mapping[Pair, float]:
    """Raw F of every pair of texts in which neither is empty; the network runs over all of them here.

    Raises:
        MissingError: the network is not on this machine.
    """
    folder = network_folder(parameters["network"])
    wanted = tuple(dict.fromkeys(texts for pair in pairs if all(texts := _texts(*pair))))
    scores = bertscores(folder, parameters["layer"], wanted)
    return {pair: score[2] for pair, score in zip(wanted, scores, strict=True)}


def scored(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value``, one dialogue's F, 0 for an empty answer, and ``counted`` (0 where the paper's script would skip the
    pair).
    """
    answer = (prediction.text or "").strip()
    if not answer:
        return {"value": 0.0, "counted": float(not parameters["skip_empty"])}
    return {"value": parameters.plan[reference.listener.text.strip(), answer], "counted": 1.0}


def scored_rescaled(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """As `scored`, F rescaled by the ``baseline``.

    Below 0 it counts as 0: an answer that is no closer than a random sentence is worth as much as none, so that no
    model gains by staying silent.
    """
    own = scored(prediction, reference, parameters)
    return {**own, "value": max(0.0, rescaled(float(own["value"]), parameters["baseline"]))}


def _bertscore(spec: MetricSpec, protocols: tuple[str, ...] = (), **parameters: float) -> Metric:
    return Metric(
        spec,
        scored_rescaled if "baseline" in parameters else scored,
        COUNTED,
        raw_scores,
        parameters={**parameters, "skip_empty": False},
        protocols=protocols,
        audit=SIMILARITY,
    )


_Spec = partial(
    MetricSpec, direction="higher", needs=("text",), reference_words=True, worst=0.0, maximum=1.0, family="words"
)

bertscore_f1 = _bertscore(
    _Spec(
        name="bertscore_f1",
        title="BERTScore F1",
        summary="closeness of the answer's word pieces to the human listener's (roberta-large)",
        section=TABLE_2,
        minimum=-1.0,
        definition="Each word piece of the answer is matched with the closest of the human listener's in "
        "roberta-large's space (layer 17); F of precision and recall, mean over dialogues.",
        pitfalls="Unscaled: two random English sentences score 0.83, so all values lie in a narrow band and 0.80 is "
        "not good. Read the rescaled one beside it.",
        order=110,
    ),
    layer=17,
)
bertscore_rescaled = _bertscore(
    _Spec(
        name="bertscore_rescaled",
        title="BERTScore F1, rescaled",
        summary="BERTScore on a scale where random pairs of sentences score 0",
        section="5 (not in the paper)",
        minimum=0.0,
        definition="BERTScore F1 on a scale on which random pairs of sentences score 0 and equal texts 1.",
        pitfalls="Values are small and can be negative. It is linear in BERTScore F1: it orders models the same way, "
        "it only shows how small the distances are.",
        order=120,
    ),
    ("strict",),
    layer=17,
    baseline=0.83122575,
)
bertscore_minilm = _bertscore(
    _Spec(
        name="bertscore_minilm",
        title="BERTScore F1 (MiniLM)",
        summary="closeness of the answer's word pieces to the human listener's (all-MiniLM-L6-v2, rescaled)",
        section="5 (stand-in for BERTScore; not in the paper)",
        minimum=0.0,
        definition="BERTScore's arithmetic on all-MiniLM-L6-v2 (layer 6), rescaled so that random pairs of sentences "
        "score 0.",
        pitfalls="A stand-in on another network and scale: never to be compared with bertscore_f1 or with published "
        "BERTScores.",
        order=130,
    ),
    ("offline",),
    layer=6,
    baseline=0.2057,
)
