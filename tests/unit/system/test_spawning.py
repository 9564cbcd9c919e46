"""A process that starts afresh: what it gets, and what it cannot be sent."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.datasets.opening import DATASETS
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.errors import InputError
from omnibench.system.spawning import spawn, threads_of_processes


def test_it_answers_from_a_process_of_its_own() -> None:
    with threads_of_processes(3):
        process, connection = spawn(os_facts, "OMP_NUM_THREADS")
    number, threads = connection.recv()
    process.join()
    assert number == process.pid != os.getpid()
    assert threads == "3"


def os_facts(connection: Connection, variable: str) -> None:
    connection.send((os.getpid(), os.environ[variable]))


def test_what_cannot_be_sent_is_said_in_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "open.txt").open("w") as file, pytest.raises(InputError, match="holds no open file"):
        spawn(os_facts, file)


class Holding(ResponseNetFolder):
    """A data set that holds an open file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.file = next(root.rglob("*.json")).open()

    def close(self) -> None:
        self.file.close()


def test_a_data_set_that_cannot_be_sent_goes_without_workers(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = type("Entry", (), {"module": "here", "dist": None, "load": lambda self: lambda: Holding(synthetic)})()
    monkeypatch.setitem(DATASETS.__dict__, "_entries", {"holding": entry})
    run = ["run", "--model", "frozen", "--data", "holding", "--no-video", "--no-score", "--out", str(tmp_path / "run")]
    assert main([*run, "--workers", "1"]) == 4
    assert "--workers 0" in capsys.readouterr().err
    assert main([*run, "--workers", "0"]) == 0
