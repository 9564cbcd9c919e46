"""Words that mean the like start alike, and what was heard draws an answer towards its subject."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from omniresponse_factory import small_model

from baselines.omniresponse.network.segment import FrameInputs
from baselines.omniresponse.text.meaning import rarities, word_vectors
from baselines.omniresponse.text.tokens import ChronoTokenizer

TEXTS = (
    "the bread is warm and the oven is hot",
    "the baker took bread and flour",
    "the train was late and the station was cold",
    "the railway station and the train",
    "the oven the flour the baker",
    "the railway was cold",
)


def tokenizer() -> ChronoTokenizer:
    return ChronoTokenizer.train(TEXTS * 3, 400, {})


def token(words: ChronoTokenizer, text: str) -> int:
    (found,) = words.encode_word(text)
    return found


def test_rarity_is_how_few_texts_hold_a_word() -> None:
    words = tokenizer()
    rarity = rarities(words, TEXTS)
    assert rarity[token(words, "the")] == 0, "all of them do"
    assert rarity[token(words, "warm")] == 1, "one does"
    assert 0 < rarity[token(words, "and")] < rarity[token(words, "bread")] < 1
    assert rarity[words.pause] == rarity[words.lasting] == 0


def test_words_that_mean_the_like_point_alike() -> None:
    words = tokenizer()
    vectors = torch.nn.functional.normalize(word_vectors(words, rarities(words, TEXTS), 64), dim=1)
    bread, flour, train, railway = (vectors[token(words, w)] for w in ("bread", "flour", "train", "railway"))
    assert bread @ flour > bread @ railway + 0.1
    assert train @ railway > train @ flour + 0.1
    assert not vectors[words.pause].any()


def test_what_was_heard_makes_its_like_more_likely() -> None:
    """The same network with and without the attraction, after the same frames: hearing a word raises the words that
    point its way by their cosine, and their own length, no other."""
    logits = {}
    model = small_model(**{"llm.topic": 5.0})
    model.llm.subjects.zero_()
    model.llm.subjects[40, 0], model.llm.subjects[41, 0], model.llm.subjects[42, 1] = 1.0, 0.6, 1.0
    for topic in (0.0, 5.0):
        torch.nn.init.constant_(model.llm.attraction, topic)
        heard = torch.full((4,), 2)
        heard[1] = 40
        faces, own = torch.zeros(4, 64), torch.full((4,), 2)
        inputs = FrameInputs(0, faces, faces, faces, own, heard, torch.zeros(64))
        with torch.inference_mode():
            hidden = model.listen(inputs, Fraction(25), torch.tensor([3, 4]), None)
            logits[topic] = model.word_logits(hidden).numpy()
    gain = logits[5.0] - logits[0.0]
    assert np.abs(gain[0]).max() == 0, "nothing was heard yet"
    assert gain[1:, [40, 41]] == pytest.approx(np.tile([5.0, 3.0], (3, 1)), abs=1e-5)
    gain[:, [40, 41]] = 0
    assert np.abs(gain).max() == 0, "and no others"


def test_training_leaves_the_subjects_alone() -> None:
    model = small_model()
    assert "llm.subjects" in model.state_dict(), "they come with the checkpoint"
    assert "llm.subjects" not in dict(model.named_parameters())
