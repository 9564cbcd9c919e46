"""Relevance: is the answer nearer to what this speaker has said than to what others have, as far as a person's is?

For each of the speaker's turns that the human listener answers: the probability that the answer so far is nearer to
what this speaker has said so far than to what another person of the split has said at one of their turns (the area
under the ROC curve of own against others, ties half). .5 is chance. Nearness is the dot product in the space of
all-MiniLM-L6-v2 (`omnibench.metrics.coupling.encoding`), which no model that is measured is made of. What was said so
far are the last ``window`` words before the turn's end; the answer so far, the last ``window`` words before the next
such turn's; others are all turns of people who are not this speaker, ``others`` of them at least (17 to 21 on mini's
test split, some 300 on studio's).

What makes it no metric of repeating (`omnibench.metrics.coupling.said`):

* words that the speaker began to say by the time they were answered with are taken out of the answer before it is
  encoded, in any inflection, and so are their synonyms, what no dictionary has and what was glued together;
* words that the other person has said are taken out of the answer's direction before it is compared with theirs, so
  that neither side of a comparison shares a word with the answer: whoever pays no heed to the speaker gets .5;
* a turn that is answered with nothing new counts .5, and so does one that is not answered: an early answer does not
  serve the turns after it, and silence is chance.

What makes it no metric of association, by which a list of the encoder's nearest words has .999 and people .801:

* an answer is heard in its function words, as the encoder reads them among the others: a list of words has none, and
  gets .5;
* no answer counts for more than the human listener's at the same turn, nor for more against (`bounded`): to be nearer
  than people are is no better. So people are the ceiling **by construction**; that a model lies below them shows
  nothing, how far below is what counts.

It does not follow that whoever comes near the ceiling listens: two associates in a set sentence come within .05 of it,
a list with articles between within .01 (docs/coupling.md has what each trick got). An encoder's nearness is won by what
is chosen for it, fluent or not; within people's reach this metric tells those who are off the topic from those who are
on it, and not those who answer from those who name the topic.

Chosen on studio's val split, where this parts people from controls best: all that was said against the last turn alone
(people .83 against .65), sentences against the mean of single words (.83 against .73); taking synonyms and unknown
words out as well costs people .02, function words alone another .03. Tried in vain against tricks, which stayed above
people: the 5 to 20 others with the most similar topic, answers without words that are near to any of the speaker's, the
median over words, and leaving the most telling words out.

Source: Fawcett 2006, "An introduction to ROC analysis", section 7 (the area as a probability); Reimers & Gurevych 2019
(the encoder's kind). Comparing an answer with other dialogues' contexts is how retrieval models of dialogue are judged
(Lowe et al. 2015, "The Ubuntu dialogue corpus").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.stopwords import STOPWORDS
from omnibench.errors import InputError
from omnibench.metrics.base import (
    Metric,
    MetricSpec,
    Pairs,
    Parameters,
    PredictionSample,
    Ratio,
    Statistics,
    listens,
    may,
    notice,
)
from omnibench.metrics.coupling.answered_ends import answered_ends, speaker_of
from omnibench.metrics.coupling.encoding import Array, Encoded, encoded
from omnibench.metrics.coupling.said import Token, added, base, said_by, tokens
from omnibench.metrics.text.bertscore import network_folder
from omnibench.metrics.turns.floor import RULES
from omnibench.types import Dialogue, Word

Text = tuple[str, ...]
CHANCE: Final = 0.5
_EACH: Final = float("-inf")
"""The pause after which a word's time counts from its receipt: of every word, so that none is claimed to have been said
before the speaker said it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answered turn of a split: whose, where it ends (s), what was said by then, and all that counts as said."""

    dialogue: str
    speaker: str
    end: float
    heard: Text
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class Split:
    """The answered turns of all dialogues with the directions ``(turns, width)`` of what was heard, the human
    listener's answers to them, and what is known of answers by their words.
    """

    turns: tuple[Turn, ...]
    directions: Array
    human: tuple[Text, ...]
    answers: Mapping[Text, Encoded]


def turns_of(reference: Dialogue, parameters: Parameters) -> tuple[Turn, ...]:
    """The turns of the speaker that the human listener answers; one before which no word counts is left out."""
    speech, found = tokens(reference.speaker.words), []
    for end in answered_ends(reference, parameters):
        before = [token for token in speech if token.start < end]
        if before:
            heard = tuple(token.text for token in before[-parameters["window"] :])
            found.append(Turn(reference.id, speaker_of(reference), end, heard, said_by(before)))
    return tuple(found)


def answers_so_far(
    turns: Sequence[Turn], speech: Sequence[Token], answer: Sequence[Token], lead: float, window: int
) -> list[Text]:
    """Of each turn what was answered by the end of it, ``()`` where it is answered with nothing new.

    Args:
        turns: of one dialogue, ascending.
        speech: all that the speaker says in it.
        answer: all that the listener says.
        lead: how long before a turn's end its answer may begin, and before the speaker a word may be said (s).
        window: words of the answer that count.

    Example:
        >>> said = [Token(text, at, at + 0.5) for at, text in ((2.0, "cook"), (6.0, "soup"))]
        >>> answered = [Turn("a", "b", end, ("soup",), frozenset({"soup"})) for end in (2.0, 5.0)]
        >>> answers_so_far(answered, [Token("soup", 1.0, 1.5)], said, lead=1.0, window=9)
        [('cook',), ()]
    """
    left, ends = added(answer, speech, lead), [turn.end - lead for turn in turns]
    found: list[Text] = []
    for begins, over in zip(ends, [*ends, float("inf")][1:], strict=True):
        news = any(begins <= token.start < over for token in left)
        found.append(tuple(token.text for token in left if token.start < over)[-window:] if news else ())
    return found


def area(answer: Text, own: int, others: NDArray[np.int64], split: Split) -> float:
    """The share of ``others`` that the answer is further from than from turn ``own``, ties half; an answer that has no
    function word left beside the other's words is a tie.
    """
    if not answer:
        return CHANCE
    places = [place for place, word in enumerate(answer) if word in STOPWORDS]
    forms = [base(answer[place]) for place in places]
    kept = np.array([[form not in split.turns[j].said for form in forms] for j in others], np.float64)
    answers = kept @ split.answers[answer].words[places]
    gain = answers @ split.directions[own] - (answers * split.directions[others]).sum(axis=1)
    wins = np.where(np.abs(gain) < 1e-9, CHANCE, gain > 0)
    return float(wins.mean())


def bounded(own: float, human: float) -> float:
    """An area no further from chance than the human listener's, in either direction: what pays no heed to the speaker
    is at chance as before. Where the human's is at chance or below, nothing is to be shown.

    Example:
        >>> bounded(1.0, 0.75), bounded(0.0, 0.75), bounded(0.6, 0.75), bounded(1.0, 0.25)
        (0.75, 0.25, 0.6, 0.5)
    """
    reach = max(human - CHANCE, 0.0)
    return min(max(own, CHANCE - reach), CHANCE + reach)


def _answers(words: Sequence[Word], reference: Dialogue, parameters: Parameters) -> list[Text]:
    speech, turns = tokens(reference.speaker.words), turns_of(reference, parameters)
    return answers_so_far(turns, speech, tokens(words), parameters["lead"], parameters["window"])


def _own(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> list[Text]:
    return _answers(prediction.timed_words(_EACH) or (), reference, parameters)


def prepared(pairs: Pairs, parameters: Parameters) -> Split:
    """All turns and answers of the split; the network runs over them here. Raises MissingError where it is not on this
    machine.
    """
    folder = network_folder(parameters["network"])
    turns: list[Turn] = []
    human: list[Text] = []
    answers: set[Text] = set()
    for prediction, reference in pairs:
        try:
            theirs = _answers(reference.listener.words, reference, parameters)
            turns += turns_of(reference, parameters)
            human += theirs
            answers.update(_own(prediction, reference, parameters))
        except InputError:
            # One damaged file costs one dialogue: `compared` meets it again, where it is listed with its reason.
            continue
    if len(turns) <= parameters["others"]:
        return Split(tuple(turns), np.zeros((len(turns), 0)), tuple(human), {})
    answers.update(human)
    made = encoded([*sorted(answers - {()}), *(turn.heard for turn in turns)], folder, parameters["layer"])
    directions = np.array([made[turn.heard].direction for turn in turns])
    return Split(tuple(turns), directions, tuple(human), {answer: made[answer] for answer in answers if answer})


def compared(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``turns`` with enough others to compare with, the sum of their ``areas``, bounded by the human listener's, and
    how many were ``answered`` with something new.
    """
    split: Split = parameters.plan
    places = [place for place, turn in enumerate(split.turns) if turn.dialogue == reference.id]
    areas, answered = [], 0
    for place, answer in zip(places, _own(prediction, reference, parameters), strict=True):
        own = split.turns[place]
        others = np.array([j for j, turn in enumerate(split.turns) if turn.speaker != own.speaker], np.int64)
        if len(others) < parameters["others"]:
            continue
        areas.append(bounded(area(answer, place, others, split), area(split.human[place], place, others, split)))
        answered += bool(answer)
    return {"turns": float(len(areas)), "areas": float(sum(areas)), "answered": float(answered)}


relevance = Metric(
    MetricSpec(
        name="relevance",
        title="Relevance",
        direction="higher",
        needs=("words",),
        onsets=True,
        summary="how often an answer is nearer to this speaker than to other people, as far as people's answers are",
        section="5 (behaviour; not in the paper)",
        minimum=0.0,
        maximum=1.0,
        family="coupling",
        definition="How often the answer so far is nearer to what this speaker has said than to what another person of "
        "the split has said, in MiniLM's space, by its function words among the others, once the speaker's own words "
        "and their synonyms are taken out of it; at each turn no further from chance than the human listener's. "
        "Mean over the turns that the human listener answers; 0.5 is chance, and a turn without an answer counts so.",
        pitfalls="Being on the topic in other words, no more: neither true nor polite nor well said. A low value says "
        "that a model is off the topic; a high one is no proof of listening: naming in a sentence what goes with the "
        "topic comes within 0.05 of people, who are the ceiling by construction. How many turns lie at chance for want "
        "of an answer is in samples.jsonl.",
        order=900,
        claim=listens(
            "the speaker's own words are taken out, and it is held against other people's turns: a fixed reply and the "
            "speaker's words are at chance; what names the topic in a sentence is below people by construction alone"
        ),
    ),
    compared,
    Ratio("areas", "turns", "too few turns of other people to compare an answer with"),
    prepared,
    parameters={**RULES, "lead": 1.0, "window": 100, "others": 15, "layer": 6, "words": "function", "most": "human"},
    protocols=("strict",),
    audit=(
        notice("other_answer", why="another dialogue's answer is about what somebody else said"),
        notice("word_drop", why="fewer words tell less of what an answer is about, and none tells nothing"),
        may("late_words", why="an answer so far keeps its words when they come late, as long as the dialogue lasts"),
    ),
)
