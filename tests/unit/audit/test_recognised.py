"""Word errors by person of a data set that is read back."""

from __future__ import annotations

import pytest

from omnibench.audit.recognised import Heard, by_person, main


def test_errors_are_pooled_over_a_persons_words() -> None:
    tracks = [
        Heard("q02", "a", "Well, I never did.", "well I never did"),
        Heard("q01", "a", "Mm-hm. Sixteen cats.", "16 bats"),
        Heard("q02", "b", "Fine.", "find it"),
    ]
    table = by_person(tracks)
    assert list(table) == ["q01", "q02"]
    assert table["q01"].rate == 0.5
    assert table["q02"].rate == pytest.approx(2 / 5)
    assert tracks[2].errors.insertions == 1


def test_an_unknown_data_set_is_a_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere/at-all"]) == 4
    assert "no such folder" in capsys.readouterr().err
