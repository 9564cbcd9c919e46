"""Tricks against relevance, on a shop of four words and two sentences."""

from __future__ import annotations

import numpy as np

from baselines.controls.associate import Shop, articles, label, nearest_words, synonyms_of_synonyms, template
from omnibench.metrics.coupling.relevance import Turn
from omnibench.metrics.coupling.said import base, said_by, tokens
from omnibench.types import Word

SHOP = Shop(("soup", "garlic", "kitchen", "train"), np.eye(4), np.eye(30)[:, :4], (), {})
NEAR = np.array([[0.9, 0.5, 0.4, 0.1]] * 2)


def turn(end: float) -> Turn:
    said = tokens([Word("soup", 0.0, 0.5)])
    return Turn("d", "s", end, ("soup",), said_by(said))


def test_the_nearest_words_are_new_to_the_speaker_and_to_the_listener() -> None:
    assert list(nearest_words([turn(1.0), turn(9.0)], NEAR, SHOP, 2)) == [["garlic", "kitchen"], ["train"]]


def test_words_stand_in_a_sentence() -> None:
    assert template([turn(1.0)], NEAR[:1], SHOP) == ["I love garlic and kitchen too"]
    assert label([turn(1.0)], NEAR[:1], SHOP) == ["so that is about food"]
    whole = Shop(("soup", "garlic", "kitchen", "train", "dog", "book"), np.eye(6), np.eye(30)[:, :6], (), {})
    (text,) = articles([turn(1.0)], np.array([[0.9, 0.5, 0.4, 0.3, 0.2, 0.1]]), whole)
    assert text == "the garlic of the kitchen with my train and your dog in that book"


def test_two_steps_lead_away_from_what_is_said() -> None:
    spoken = tokens([Word("large", 0.0, 0.5)])
    own = Turn("d", "s", 1.0, ("large",), said_by(spoken))
    (text,) = synonyms_of_synonyms([own], NEAR[:1], SHOP)
    assert text
    assert not {base(word) for word in text.split()} & own.said
