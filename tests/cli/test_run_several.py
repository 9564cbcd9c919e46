"""Several models in one command: one that fails or lacks something keeps no other from its turn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.errors import CoverageError, MissingError, OmnibenchError
from omnibench.files.journal import Journal
from omnibench.runner.everyone import format_endings, raise_for_failures, run_everyone

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b"), seconds=1.2)


def several(data: Path, out: Path, models: str, *more: str) -> int:
    return main(["run", "--model", models, "--data", str(data), "--out", str(out), "--workers", "1", "--no-score",
                 "--no-video", *more])  # fmt: skip


def test_each_has_its_turn_and_is_listed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    models = f"gpt-4o,{LISTENERS}:Failing,silence"
    assert several(data, tmp_path, models, "--set", "gpt-4o.temperature=0.5") == 5
    printed = capsys.readouterr()
    lines = {line.split()[0]: line for line in printed.out.splitlines()}
    assert "missing" in lines["gpt-4o"]
    assert "export OPENAI_API_KEY" in lines["gpt-4o"]
    assert "failed" in lines[f"{LISTENERS}:Failing"]
    assert lines["silence"].split()[1] == "done"
    assert "1 of 3 models done" in printed.out
    assert [entry.status for entry in Journal(tmp_path / "silence" / "journal.jsonl").entries().values()] == ["ok"] * 2
    assert not (tmp_path / "gpt-4o").exists()

    before = (tmp_path / "silence" / "journal.jsonl").read_bytes()
    assert several(data, tmp_path, "gpt-4o,silence", "--set", "gpt-4o.temperature=0.5") == 0
    assert (tmp_path / "silence" / "journal.jsonl").read_bytes() == before


def test_a_model_that_eats_memory_fails_alone(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its processes are limited, so that the machine is not; the next model finds all of its own memory."""
    models = f"{LISTENERS}:Glutton,frozen"
    assert several(data, tmp_path, models, "--memory", "2") == 5
    entries = Journal(tmp_path / "glutton" / "journal.jsonl").entries()
    assert {name: entry.status for name, entry in entries.items()} == {"a": "model_failed", "b": "ok"}
    assert "step 5 ran out of memory" in entries["a"].reason
    assert json.loads((tmp_path / "frozen" / "run.json").read_text())["timings"]["steps"] == 60


@pytest.mark.parametrize(
    ("models", "more", "named"),
    [
        ("silence,frozn", (), "frozen"),
        ("silence,frozen", ("--checkpoint", "x"), "--checkpoint"),
        ("silence,frozen", ("--workers", "0"), "processes of their own"),
        ("silence,frozen", ("--set", "delay=2"), "MODEL.KEY=VALUE"),
        ("silence", ("--base-url", "http://127.0.0.1:1/v1"), "asks no server"),
        ("silence", ("--workers", "0", "--memory", "1"), "--memory"),
    ],
)
def test_what_does_not_go_together_is_said(
    data: Path, tmp_path: Path, models: str, more: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert several(data, tmp_path, models, *more) == 2
    assert named in capsys.readouterr().err


def test_every_kind_of_ending() -> None:
    turns = []

    def run(model: str) -> None:
        turns.append(model)
        errors = {"late": CoverageError("1 of 2"), "weightless": MissingError("fetch it"), "buggy": KeyError("x")}
        if model in errors:
            raise errors[model]

    lines = {"keyless": "export KEY=…"}
    models = ["keyless", "late", "weightless", "buggy", "good"]
    endings = run_everyone(models, lambda model: lines.get(model, ""), lambda _: None, run)
    assert turns == ["late", "weightless", "buggy", "good"]
    assert [ending.state for ending in endings] == ["missing", "failed", "missing", "failed", "done"]
    assert "export KEY" in format_endings(endings)
    with pytest.raises(CoverageError, match="late, buggy"):
        raise_for_failures(endings)
    with pytest.raises(OmnibenchError) as caught:
        raise_for_failures([endings[3]])
    assert caught.value.exit_code == 1
    raise_for_failures([endings[0], endings[4]])
