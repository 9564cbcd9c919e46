"""METEOR and BERTScore against several human answers: the real one, and what others would have answered.

A turn has many good answers and the human listener gave one of them. Where a data set holds what others would have
answered to the same turns (studio's test: two writers who had not seen the real answer), a dialogue has as many
references: the human listener's words, and the same with each writer's replies in place of the answers.

The value is that of the closest reference, as METEOR takes it (Lavie & Agarwal 2007, section 2; BERTScore likewise in
its authors' code), each reference being left out once and the mean taken over what is left (the jackknife of Lin 2004,
"ROUGE: a package for automatic evaluation of summaries", section 2.1): so that a human answer, which can be compared
with the others alone, stands on the same scale. An answer that is one of the references, word for word, is compared
with the others only: the row of ground_truth is the human row.

* ``meteor_multi``: `omnibench.metrics.text.meteor`, parameters alike.
* ``bertscore_minilm_multi``: `omnibench.metrics.text.bertscore`'s ``bertscore_minilm``, never below 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from omnibench.datasets.alternatives import read_alternatives
from omnibench.errors import InputError
from omnibench.files.alternative_records import AnsweredTurn
from omnibench.metrics.base import (
    Mean,
    Metric,
    MetricSpec,
    Pairs,
    Parameters,
    PredictionSample,
    Statistics,
    may,
    no_listening,
    notice,
    strongest,
)
from omnibench.metrics.text.bertscore import Pair, greedy_match, network_folder, rescaled
from omnibench.metrics.text.meteor import meteor_of
from omnibench.types import Dialogue, Word

NOBODY_ASKED: Final = "the data has no other people's answers to these turns"
_BATCH: Final = 24


def left_out(answer: str, references: Sequence[str], likeness: Callable[[str, str], float]) -> float:
    """The likeness to the closest reference, mean over leaving each of them out once; of an answer that is one of them,
    with itself left out.

    Args:
        answer: any text.
        references: at least two.
        likeness: of a reference and the answer.

    Example:
        >>> left_out("b c", ["a", "b", "c"], lambda reference, answer: float(reference in answer))
        1.0
        >>> left_out("b", ["a", "b", "c"], lambda reference, answer: float(reference in answer))
        0.0
    """
    words = answer.split()
    own = [place for place, text in enumerate(references) if text.split() == words][:1]
    found = [likeness(text, answer) for text in references]
    best = [max(found[:out] + found[out + 1 :]) for out in own or range(len(references))]
    return sum(best) / len(best)


def references_of(reference: Dialogue) -> tuple[str, ...]:
    """The human listener's words, and the same with each writer's replies in place of the answers; of a dialogue whose
    turns nobody else answered, the first alone.

    Raises:
        InputError: a damaged file.
    """
    file = reference.listener.file("text")
    turns = () if file is None or len(file.parents) < 3 else read_alternatives(file.parents[2], reference.id)
    writers = dict.fromkeys(reply.writer for turn in turns for reply in turn.replies)
    return (reference.listener.text.strip(), *(_retold(reference.listener.words, turns, who) for who in writers))


def _retold(words: Iterable[Word], turns: Sequence[AnsweredTurn], writer: str) -> str:
    replies = {(turn.answer.start, turn.answer.end): r for turn in turns for r in turn.replies if r.writer == writer}
    kept = [(w.start, w.text) for w in words if not any(start <= w.start < end for start, end in replies)]
    said = [(start, reply.text) for (start, _), reply in replies.items()]
    return " ".join(text for _, text in sorted(kept + said))


def _likeness_of_words(reference: str, answer: str, parameters: Parameters) -> float:
    from omnibench.metrics.text.penn_tokens import word_tokenize

    ours, theirs = word_tokenize(answer), word_tokenize(reference)
    return meteor_of(theirs, ours, parameters["alpha"], parameters["beta"], parameters["gamma"])


def _scored(answer: str, reference: Dialogue, likeness: Callable[[str, str], float]) -> Statistics:
    references = references_of(reference)
    if len(references) < 3:
        return {"value": 0.0, "counted": 0.0}
    return {"value": left_out(answer, references, likeness) if answer else 0.0, "counted": 1.0}


def by_words(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value``, one dialogue's METEOR, 0 for an empty answer; ``counted`` 0 where nobody else answered."""
    likeness = partial(_likeness_of_words, parameters=parameters)
    return _scored((prediction.text or "").strip(), reference, likeness)


def raw_likenesses(pairs: Pairs, parameters: Parameters) -> Mapping[Pair, float]:
    """Raw F of every reference with its dialogue's answer; the network sees every text once.

    Raises:
        MissingError: the network is not on this machine.
    """
    from omnibench.metrics.text.embeddings import load_encoder

    wanted: dict[Pair, None] = {}
    for prediction, reference in pairs:
        try:
            answer, references = (prediction.text or "").strip(), references_of(reference)
        except InputError:
            # One damaged file costs one dialogue: `by_meaning` meets it again, where it is listed with its reason.
            continue
        wanted |= {(text, answer): None for text in references if answer and text and len(references) > 2}
    if not wanted:
        return {}
    encoder = load_encoder(network_folder(parameters["network"]), parameters["layer"])
    found: dict[Pair, float] = {}
    pending = list(wanted)
    for first in range(0, len(pending), _BATCH):
        chosen = pending[first : first + _BATCH]
        texts = sorted({text for pair in chosen for text in pair}, key=len)
        seen = dict(zip(texts, encoder.embed(texts), strict=True))
        found |= {pair: greedy_match(seen[pair[0]], seen[pair[1]])[2] for pair in chosen}
    return found


def by_meaning(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value``, one dialogue's F, rescaled by the ``baseline``, 0 for an empty answer; ``counted`` as `by_words`."""
    raw: Mapping[Pair, float] = parameters.plan

    def likeness(text: str, answer: str) -> float:
        return max(0.0, rescaled(raw.get((text, answer), 0.0), parameters["baseline"]))

    return _scored((prediction.text or "").strip(), reference, likeness)


_Spec = partial(
    MetricSpec,
    direction="higher",
    needs=("text",),
    section="5 (several references; not in the paper)",
    reference_words=True,
    worst=0.0,
    minimum=0.0,
    maximum=1.0,
    family="coupling",
    claim=no_listening("words in common with people's answers are had by another dialogue's answer on the same topic"),
)

_AUDIT: Final = (
    strongest(
        "word_drop",
        why="little is left to be like anything; the first words to go make of a human answer, which is compared with "
        "the others' alone, a copy of one, which is compared with all",
        within_absolute=0.05,
    ),
    may("word_shuffle", why="a shuffled human answer is no reference, and is held against its own original"),
    notice("other_answer", why="similarity to what people would have answered here"),
)

meteor_multi = Metric(
    _Spec(
        name="meteor_multi",
        title="METEOR, several answers",
        summary="METEOR against the closest of several people's answers, each left out once",
        definition="METEOR against the closest of several people's answers to the same turns, mean over leaving each "
        "of them out once; a human answer is compared with the others'.",
        pitfalls="More references find more sense and more chance likeness alike: whatever shares common words still "
        "scores. Only where others were asked: studio's test split.",
        order=920,
    ),
    by_words,
    Mean(nothing=NOBODY_ASKED),
    parameters={"tokens": "nltk-punkt", "wordnet": "3.0", "alpha": 0.9, "beta": 3.0, "gamma": 0.5},
    protocols=("strict",),
    audit=_AUDIT,
)
bertscore_minilm_multi = Metric(
    _Spec(
        name="bertscore_minilm_multi",
        title="BERTScore F1 (MiniLM), several answers",
        summary="BERTScore (MiniLM) against the closest of several people's answers, each left out once",
        definition="BERTScore on all-MiniLM-L6-v2 (layer 6, rescaled) against the closest of several people's answers "
        "to the same turns, mean over leaving each of them out once; a human answer is compared with the others'.",
        pitfalls="As bertscore_minilm, a scale of its own. Nearness to what somebody would have said, which the "
        "speaker's words given back come near too. Only where others were asked: studio's test split.",
        order=930,
    ),
    by_meaning,
    Mean(nothing=NOBODY_ASKED),
    raw_likenesses,
    parameters={"layer": 6, "baseline": 0.2057},
    protocols=("strict",),
    audit=_AUDIT,
)
