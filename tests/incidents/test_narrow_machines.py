"""Limits of batch systems and containers: a process that may not start, files that may not be opened, memory that no
library fits into, a folder that is gone, a display that is not there. Each was a traceback; each is a sentence now.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from data_factory import write_dataset
from machines import mounted, mounts, omnibench

from omnibench.system.drawing import new_figure
from omnibench.system.places import HOMELESS, expanded, home

DRAW = ("data", "stats", "DATA", "--out", "plots")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = ("text", "audio", "vector")
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b"), seconds=1.0, modalities=parts)


def run_of(data: Path, out: Path) -> list[object]:
    return ["run", "--model", "silence", "--data", data, "--out", out, "--workers", "2", "--no-score", "--no-video"]


@pytest.mark.parametrize(
    ("limit", "said", "found"),
    [
        ("ulimit -n 12", "too many files are open", "only 12 files may be open"),
        ("ulimit -v 200000", "too little memory is allowed (ulimit -v)", "0.2 GB of addresses"),
    ],
)
def test_a_limit_is_named(limit: str, said: str, found: str, data: Path, tmp_path: Path) -> None:
    limited = ["sh", "-c", f'{limit}; exec "$@"', "sh"]
    done = omnibench(*run_of(data, tmp_path / "out"), prefix=limited)
    assert done.returncode == 4, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert found in omnibench("doctor", prefix=limited).stdout


def test_the_working_folder_is_gone(data: Path, tmp_path: Path) -> None:
    gone = ["sh", "-c", f'mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec "$@"', "sh"]
    for out in (tmp_path / "out", "out"):
        done = omnibench(*run_of(data, Path(out)), prefix=gone)
        assert done.returncode == 4
        assert "the folder that this command was started in is gone" in done.stderr
        assert "Traceback" not in done.stderr


@mounts
@pytest.mark.skipif(Path(sys.prefix).is_relative_to("/tmp"), reason="Python lies below /tmp, which this test hides")  # noqa: S108
def test_no_folder_for_temporary_files() -> None:
    hidden = mounted("mount -t tmpfs -o ro none /var/tmp && mount -t tmpfs -o ro none /tmp && cd /proc")
    done = omnibench("audit", "causality", "--model", "silence", prefix=hidden, env={"TMPDIR": "/nonexistent"})
    assert done.returncode == 4, done.stderr
    assert "no folder for temporary files can be written. Set TMPDIR" in done.stderr
    assert "Traceback" not in done.stderr
    found = omnibench("doctor", prefix=hidden, env={"TMPDIR": "/nonexistent"})
    assert "  no folder for temporary files." in found.stdout


@pytest.mark.parametrize("variables", [{"MPLBACKEND": "bogus"}, {"MPLBACKEND": "TkAgg"}, {"MPLCONFIGDIR": "/proc/x"}])
def test_plots_need_no_display_and_no_folder(variables: dict[str, str], data: Path, tmp_path: Path) -> None:
    words = [str(data) if word == "DATA" else word for word in DRAW]
    done = omnibench(*words, env=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "plots").glob("*.png"))
    assert "atplotlib" not in done.stderr


def test_a_figure_leaves_the_backend_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    assert new_figure(figsize=(1, 1)).get_figwidth() == 1
    assert os.environ["MPLBACKEND"] == "agg"


def test_a_home_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert expanded("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")

    def refuse() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", refuse)
    assert home() == HOMELESS


@pytest.mark.needs("gpt")
def test_an_endpoints_answers_cannot_be_kept(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        options = ("--base-url", f"http://127.0.0.1:{nobody.getsockname()[1]}/v1", "--set", "model=x", "--no-video")
        place = ("--set", f"cache={tmp_path}/file/cache", "--no-score", "--workers", "1")
        done = omnibench("run", "--model", "gpt", "--data", data, "--out", tmp_path / "out", *options, *place)
    assert done.returncode == 3, done.stderr
    assert "answers and what they cost cannot be kept (Not a directory). Name a folder: --set cache=DIR" in done.stderr
    assert not (tmp_path / "out" / "journal.jsonl").exists()


def test_a_message_moves_no_cursor(tmp_path: Path) -> None:
    done = omnibench("run", "--model", "sil\x1b[2Jence", cwd=tmp_path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
