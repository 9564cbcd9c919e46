"""``omnibench data`` in its own process: output, JSON on stdout alone, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset

from omnibench.cli import main


def data(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "omnibench", "data", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    root = write_dataset(tmp_path / "broken", ids=("a", "x"), modalities=("text", "vector", "audio"))
    np.save(root / "test/vector/speaker/a.npy", np.zeros((50, 63)))
    (root / "test/audio/listener/x.wav").unlink()
    return root


def test_verify_passes_a_good_folder(synthetic: Path, tmp_path: Path) -> None:
    done = data("verify", synthetic, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 dialogues, 0 errors, 0 warnings" in done.stdout


def test_verify_lists_every_problem_and_exits_4(broken: Path, tmp_path: Path) -> None:
    done = data("verify", broken, "--split", "test", cwd=tmp_path)
    assert done.returncode == 4
    assert "error    test/vector/speaker/a.npy: shape (50, 63), expected (T, 64)" in done.stdout
    assert "error    test/audio/listener/x.wav: missing" in done.stdout
    assert done.stderr.startswith("omnibench: ")
    assert "2 errors" in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_exits_0_on_warnings_alone(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "d", ids=("a",), modalities=("vector",))
    path = root / "test/vector/speaker/a.npy"
    face = np.load(path)
    face[:, 53] += 0.5
    np.save(path, face)
    done = data("verify", root, cwd=tmp_path)
    assert done.returncode == 0
    assert "warning  test/vector/speaker/a.npy  [0]: rotation rows" in done.stdout


def test_verify_json_is_alone_on_stdout(broken: Path, tmp_path: Path) -> None:
    done = data("verify", broken, "--json", "-", cwd=tmp_path)
    content = json.loads(done.stdout)
    assert (done.returncode, content["errors"], content["warnings"], content["dialogues"]) == (4, 2, 0, 2)
    assert {"severity", "file", "field", "message"} == set(content["problems"][0])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("verify", "no-such-name"), 4, "omnibench data list"),
        (("verify", "mimi"), 2, "mini"),
        (("verify", "./gone"), 4, "no such folder"),
        (("verify", "."), 4, "not in ResponseNet layout"),
        (("verify",), 2, "NAME_OR_DIR"),
        (("build", "maxi", "--out", "x"), 2, "maxi"),
        pytest.param(("build", "mini", "--out", "."), 2, "choose a new folder", marks=pytest.mark.needs("studio")),
    ],
)
def test_mistakes_get_one_message_and_their_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    (tmp_path / "some.txt").write_text("")
    done = data(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_split_names_those_there_are(synthetic: Path, tmp_path: Path) -> None:
    done = data("stats", synthetic, "--split", "train", cwd=tmp_path)
    assert done.returncode == 2
    assert 'no split "train"; it has: test' in done.stderr


def test_stats_print_the_table_and_write_the_plots(synthetic: Path, tmp_path: Path) -> None:
    done = data("stats", synthetic, "--out", tmp_path / "plots", cwd=tmp_path)
    assert done.returncode == 0
    assert "ResponseNet (paper) all" in done.stdout
    assert (tmp_path / "plots/durations.png").is_file()
    assert (tmp_path / "plots/words.png").is_file()


def test_stats_json_is_alone_on_stdout(synthetic: Path, tmp_path: Path) -> None:
    done = data("stats", synthetic, "--json", "-", cwd=tmp_path)
    content = json.loads(done.stdout)
    assert content["dialogues"] == 3
    assert content["seconds"] == {"mean": 2.0, "median": 2.0, "min": 2.0, "max": 2.0, "hours": 6 / 3600}


def test_list_names_the_embedded_data_set_and_a_folders_dialogues(synthetic: Path, tmp_path: Path) -> None:
    done = data("list", cwd=tmp_path)
    assert done.returncode == 0
    assert any(line.startswith("mini") for line in done.stdout.splitlines())
    assert data("list", synthetic, cwd=tmp_path).stdout == "test\ta\ntest\tb\ntest\tc\n"


def test_many_problems_of_one_kind_are_a_few_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """24 dialogues in stereo at another rate, and one file that is damaged in its own way."""
    root = write_dataset(tmp_path, ids=[f"d{number:02}" for number in range(24)], seconds=1.0)
    for path in (root / "test" / "audio").rglob("*.wav"):
        soundfile.write(path, np.zeros((44_100, 2)), 44_100)
    (root / "test" / "vector" / "listener" / "d07.npy").write_bytes(b"no array")
    assert main(["data", "verify", str(root), "--json", str(tmp_path / "all.json")]) == 4
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 25
    assert said.count("ffmpeg -i") <= 8
    assert "like these; --json FILE lists all" in said
    assert "d07.npy" in said
    assert len(json.loads((tmp_path / "all.json").read_text())["problems"]) >= 49
