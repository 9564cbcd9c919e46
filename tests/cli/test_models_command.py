"""``omnibench models``: what each reads and answers with, and the line that gets what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from omnibench.cli import main
from omnibench.responder import MODELS, ModelCard, ModelEntry, ModelOptions
from omnibench.scoring.readiness import lacking


class Entry(ModelEntry):
    """A model with weights of its own and an asset."""

    def __init__(self, checkpoint: Path, *weights: str) -> None:
        self.card = ModelCard("mine", "1", "online", ("face",), "", weights=weights)
        self.default_checkpoint = checkpoint

    def build(self, options: ModelOptions) -> NoReturn:
        """Not asked for here."""
        raise AssertionError


def test_each_model_is_described_and_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    blocks = {block.split()[0]: block for block in shown.split("\n\n") if block.startswith("  ")}
    assert set(blocks) == set(MODELS.names())
    for name, block in blocks.items():
        words = " ".join(block.split())
        assert MODELS.get(name).card.summary.rstrip(".") in words, name
        assert all(len(line) <= 100 for line in block.splitlines() if "get it:" not in line), name
    assert "export OPENAI_API_KEY" in blocks["gpt-4o"]
    assert "omniresponse  ready, 3.9 M parameters, licence Apache-2.0" in blocks["omniresponse"]
    assert "reads face audio words, answers with face audio words" in blocks["omniresponse"]
    assert shown.index("Controls") < shown.index("  silence  ready")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert main(["models"]) == 0
    assert "OPENAI_API_KEY" not in capsys.readouterr().out


def test_all_that_is_missing_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Two trips it was: whoever had installed the package then heard of the key."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    monkeypatch.setattr("baselines.gpt.missing_modules", lambda names: list(names))
    monkeypatch.setattr("baselines.moshi.missing_modules", lambda names: list(names))
    monkeypatch.setattr("baselines.moshi.memory.machine_memory", lambda: 16_000_000_000)
    assert main(["models", "--json", "-"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["gpt-4"]["how_to_get"] == 'pip install "omnibench[gpt]" && export OPENAI_API_KEY=…'
    assert rows["gpt"]["how_to_get"].endswith("--set model=NAME --base-url URL")
    for part in ("omnibench assets fetch moshiko", "pip install --no-deps moshi", "--device cuda"):
        assert part in rows["moshi"]["how_to_get"]
    assert rows["gpt-4"]["state"] == "missing"
    assert (rows["silence"]["state"], rows["silence"]["how_to_get"]) == ("ready", "")
    assert rows["omniresponse"]["outputs"] == ["face", "audio", "words"]


def test_checkpoints_and_weights_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    checkpoint = tmp_path / "mine.safetensors"
    assert lacking(Entry(checkpoint)) == "omnibench train mine"
    both = "omnibench train mine && omnibench assets fetch roberta-large"
    assert lacking(Entry(checkpoint, "dnsmos", "roberta-large")) == both
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
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    assert "broken (ModuleNotFoundError" in lines["theirs"]
    assert "ready" in lines["omniresponse"]
