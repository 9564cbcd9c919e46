"""N-gram overlap: counted by hand, and small where it must be."""

from __future__ import annotations

import pytest

from omnibench.datasets.wording import PHRASE, ngrams, openings, repeated
from omnibench.studio.overlap import all_texts, overlap, report
from omnibench.studio.script import read_scripts


def test_shares_counted_by_hand() -> None:
    # Held-out bigrams: (a cat), (cat sat), (sat down); train knows the first two.
    assert overlap(["A cat, sat up."], ["a cat sat down"], 2) == pytest.approx(2 / 3)
    assert overlap(["A cat."], ["a"], 2) == 0.0


def test_no_five_words_in_a_row_are_shared_with_train() -> None:
    texts = {
        split: [line.text for s in read_scripts(splits=(split,)) for line in s.lines]
        for split in ("train", "val", "test")
    }
    assert len(texts["train"]) > 500
    assert overlap(texts["train"], texts["test"], 5) == 0.0
    assert overlap(texts["train"], texts["val"], 5) == 0.0
    assert overlap(texts["train"], texts["train"], 5) == 1.0


def test_studios_scripts_show_no_template_and_share_next_to_nothing() -> None:
    texts = all_texts()
    for split in ("val", "test"):
        own = texts[f"studio {split}"]
        assert repeated(openings(own)) < 0.05
        assert repeated(ngrams(own, PHRASE)) < 0.005
        assert overlap(texts["mini train"], own, 5) < 0.002
    assert overlap(texts["studio test"], texts["studio val"], 5) < 0.002
    assert report(texts).count("studio val") == 6
