"""BERTScore drifted with the transformers version, from 0.3255 to 0.5888 in one report.

transformers 5 silently ignores the ``add_prefix_space`` with which bert-score encodes for RoBERTa, so the first word of
every text becomes another piece; and bert-score crashes there on an empty text.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_encoders import write_roberta

from omnibench.metrics.text.bertscore import bertscores
from omnibench.metrics.text.embeddings import TextEncoder

NUMBERS = json.loads((Path(__file__).parents[1] / "golden" / "bertscore.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = NUMBERS["roberta"]
    return write_roberta(tmp_path_factory.mktemp("roberta"), given["vocabulary"], given["merges"])


def test_a_word_is_the_same_piece_wherever_it_stands(roberta: Path) -> None:
    """The first word of a text and the same word behind another have one piece, the one with the space."""
    the = NUMBERS["roberta"]["vocabulary"]["Ġthe"]
    start, the_at_start, *_ = TextEncoder(roberta, 1).encode("the cat")
    assert (start, the_at_start) == (0, the)
    assert TextEncoder(roberta, 1).encode("cat the")[-2] == the


def test_scores_are_those_of_the_version_that_was_right(roberta: Path) -> None:
    """Two words in another order: with the prefix space the same pieces, without it others."""
    place = NUMBERS["pairs"].index(["hello there", "there hello"])
    expected = NUMBERS["roberta"]["layers"]["1"][2][place]
    assert bertscores(roberta, 1, (("hello there", "there hello"),))[0][2] == pytest.approx(expected, abs=1e-6)


def test_an_empty_text_is_no_crash(roberta: Path) -> None:
    assert bertscores(roberta, 1, (("hello", ""), ("", "hello"), ("", ""))) == ((0.0, 0.0, 0.0),) * 3
