"""The command line as a newcomer meets it: instant help, clear messages, documented exit codes, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from omnibench.cli import COMMANDS

HEAVY = ("torch", "transformers", "numba", "scipy", "pandas", "matplotlib", "av", "soundfile", "numpy")


def omnibench(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omnibench", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from omnibench.cli import main; main(['--help']); "
        f"sys.exit(','.join(m for m in {HEAVY!r} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"imported by --help: {done.stderr}"
    assert len(COMMANDS) >= 10
    assert all(name in done.stdout for name in [*COMMANDS, "train"])


@pytest.mark.parametrize("name", [*COMMANDS, "train"])
def test_each_command_explains_itself_without_torch(name: str) -> None:
    code = (
        f"import sys; from omnibench.cli import main; code = main([{name!r}, '--help']); "
        "sys.exit('torch' if 'torch' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: omnibench" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["tabel"], 2, ["tabel"]),
        (["run", "--model", "omnirespons"], 2, ["omnirespons", "omniresponse", "omnibench models"]),
        (["run", "--model", "silence", "--data", "mni"], 2, ["mni", "mini", "omnibench data list"]),
        (["run", "--model", "silence", "--split", "tset"], 2, ["tset", "test"]),
        (["run", "--model", "nowhere/listener.py:Mine"], 4, ["nowhere/listener.py"]),
        (["score", "no-such-folder"], 4, ["no-such-folder"]),
        (["table", "2", "--runs", "no-such-folder"], 4, ["no-such-folder", "omnibench run"]),
        (["table", "2", "--protocol", "papr"], 2, ["papr", "paper"]),
        (["compare", "no-run-a", "no-run-b"], 4, ["no-run-a", "omnibench score"]),
    ],
)
def test_a_users_mistake_gets_a_sentence_and_its_exit_code(
    arguments: list[str], code: int, parts: list[str], tmp_path: Path
) -> None:
    done = omnibench(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert all(part in done.stderr for part in parts), done.stderr


def test_doctor_finds_this_installation_whole() -> None:
    done = omnibench("doctor")
    assert done.returncode == 0, done.stderr
    assert "torch" in done.stdout


def test_metrics_are_listed_with_the_protocols_that_hold_them() -> None:
    done = omnibench("metrics")
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("rouge_l", "distinct_2", "p paper, s strict, o offline"))


def test_the_papers_tables_print_without_any_run(tmp_path: Path) -> None:
    for number in ("2", "3"):
        done = omnibench("table", number, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "0.141" in done.stdout
