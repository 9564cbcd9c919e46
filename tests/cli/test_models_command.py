"""``omnibench models``: what each reads and answers with, and the line that gets what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.readiness import lacking
from omnibench.responder import ModelCard, ModelOptions


class Entry:
    """A model with weights of its own and an asset."""

    def __init__(self, checkpoint: Path, *weights: str) -> None:
        self.card = ModelCard("mine", "1", "online", ("face",), "", weights=weights)
        self.default_checkpoint = checkpoint

    def build(self, options: ModelOptions) -> None:
        """Not asked for here."""


def test_each_model_has_a_line_with_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["models"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    places = [heading.index(name) for name in ("kind", "reads", "answers with", "parameters", "licence", "weights")]
    spans = list(zip(places, [*places[1:], None], strict=True))
    rows = {line.split()[0]: [line[begin:end].strip() for begin, end in spans] for line in lines}
    assert rows["gpt-4o"][:3] == ["offline", "words", "words"]
    assert rows["gpt-4o"][5].startswith("export OPENAI_API_KEY")
    assert rows["omniresponse"][0] == "online"
    assert rows["omniresponse"][3].endswith(" M")
    assert rows["omniresponse"][4:] == ["Apache-2.0", "here"]
    assert rows["silence"][0] == "control"
    assert rows["silence"][5] == "none needed"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert main(["models"]) == 0
    assert "OPENAI_API_KEY" not in capsys.readouterr().out


def test_checkpoints_and_weights_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    checkpoint = tmp_path / "mine.safetensors"
    assert lacking(Entry(checkpoint)) == "omnibench train mine"
    assert lacking(Entry(checkpoint), ModelOptions(checkpoint=tmp_path)) == ""
    checkpoint.touch()
    assert lacking(Entry(checkpoint)) == ""
    assert lacking(Entry(checkpoint, "dnsmos", "roberta-large")) == "omnibench assets fetch roberta-large"


def test_a_package_that_cannot_be_imported_leaves_the_others_in_the_list(tmp_path: Path) -> None:
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[omnibench.models]\ntheirs = no_such_module:entry\n")
    done = subprocess.run(
        [sys.executable, "-m", "omnibench", "models"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "broken (ModuleNotFoundError" in lines["theirs"]
    assert "here" in lines["omniresponse"]
