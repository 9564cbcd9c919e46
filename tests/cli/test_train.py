"""``omnibench train``: what a user can get wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnibench.cli import main


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "omniresponze"], 2, 'Did you mean "omniresponse"'),
        (["train", "silence"], 2, "cannot be trained"),
        (["train", "omniresponse", "--data", "./nowhere"], 4, "nowhere"),
        (["train", "omniresponse", "--set", "llm.layer=3"], 2, 'Did you mean "llm.layers"'),
        (["train", "omniresponse", "--set", "llm.layers=many"], 4, "expected a whole number"),
        (["train", "omniresponse", "--config", "huge"], 4, "no such configuration"),
    ],
)
def test_mistakes_get_one_message_and_their_exit_code(
    arguments: list[str], code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--out", str(tmp_path / "out")]) == code
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
