"""`omnibench run omniresponse`, `omnibench bench --model omniresponse`: the line that was meant is in the answer."""

from __future__ import annotations

import pytest

from omnibench.cli import main


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["run", "omniresponse"], "omnibench run --model omniresponse"),
        (["run", "--limit", "2", "silence"], "omnibench run --model silence --limit 2"),
        (["audit", "causality", "silence"], "omnibench audit causality --model silence"),
        (["bench", "--model", "silence"], "omnibench bench silence"),
        (["bench", "--model=silence", "--minutes", "1"], "omnibench bench silence --minutes 1"),
    ],
)
def test_the_line_that_was_meant(typed: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == 2
    assert f"did you mean `{meant}`?" in capsys.readouterr().err


def test_other_words_too_many_are_clicks_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--model", "silence", "parrot"]) == 2
    assert "unexpected extra argument (parrot)" in capsys.readouterr().err
    assert main(["run"]) == 2
    assert "Missing option '--model'" in capsys.readouterr().err
