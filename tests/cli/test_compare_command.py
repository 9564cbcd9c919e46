"""``omnibench compare``: what is printed, what ``--json`` holds, what is refused."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.scoring.measuring import score_predictions

IDS = ("a", "b", "c", "d", "e")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The human's own texts and those of another seed, scored."""
    found = []
    folder = tmp_path_factory.mktemp("runs")
    roots = [write_dataset(folder / f"data{seed}", ids=IDS, seed=seed, modalities=("text",)) for seed in (0, 1)]
    for number, root in enumerate(roots):
        run = folder / f"run{number}"
        shutil.copytree(root / "test" / "text" / "listener", run / "text")
        score_predictions(run, open_dataset(str(roots[0])), "test", "strict", ["rouge_l", "fd"])
        found.append(run)
    return found[0], found[1]


def test_the_table_and_the_document_say_the_same(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "comparison.json"
    assert main(["compare", *map(str, runs), "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    metrics = json.loads(out.read_text())["metrics"]
    rouge = metrics["rouge_l"]
    assert rouge["difference"] == pytest.approx(rouge["a"] - rouge["b"])
    # Five dialogues have 32 swaps; only two of them, none and all, reach a difference in one direction throughout.
    assert rouge["p_value"] == rouge["p_holm"] == rouge["smallest_p"] == 2 / 32
    assert (rouge["unit"], rouge["n_units"], rouge["dialogues"]) == ("dialogue", 5, 5)
    assert rouge["verdict"] == "too few dialogues to tell"
    assert rouge["interval"]["level"] == 1 - 2 / 32
    assert rouge["verdict"] in printed
    assert "5 dialogues: p cannot go below 0.0625; intervals at 93.75 %" in printed
    assert f"{rouge['difference']:+.3f}" in printed
    assert "0.0625" in printed
    assert metrics["fd"]["status"] == "not_compared"
    assert "no vector/" in metrics["fd"]["reason"]


def test_json_on_stdout_stands_alone(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *map(str, runs), "--metrics", "rouge_l", "--json", "-"]) == 0
    assert set(json.loads(capsys.readouterr().out)["metrics"]) == {"rouge_l"}


def test_another_protocol_is_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(runs[1], tmp_path / "other"))
    scores = json.loads((other / "scores.json").read_text())
    (other / "scores.json").write_text(json.dumps({**scores, "protocol": "paper"}))
    assert main(["compare", str(runs[0]), str(other)]) == 4
    assert main(["compare", str(runs[0]), str(runs[1]), "--metrics", "meteor"]) == 2


def test_the_help_names_unit_test_interval_correction_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for word in ("approximate randomisation", "one person", "Interval", "Holm", "Noreen 1989", "verdict".capitalize()):
        assert word in text


def test_parts_of_a_split_are_marked(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = []
    for number, run in enumerate(runs):
        part = Path(shutil.copytree(run, tmp_path / str(number)))
        scores = json.loads((part / "scores.json").read_text())
        scores["data"] |= {"part": True, "asked": 3}
        (part / "scores.json").write_text(json.dumps(scores))
        parts.append(str(part))
    assert main(["compare", *parts]) == 0
    assert capsys.readouterr().out.count("a part of the split (3 of 5), not comparable") == 2


def on_a_terminal(command: list[str], columns: int = 100) -> str:
    """What a command writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL) as running:
        os.close(theirs)
        found = b""
        while True:
            try:
                block = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            found += block
    os.close(ours)
    assert running.returncode == 0
    return found.decode()


def test_a_terminal_shows_how_far_it_is_and_keeps_the_table_alone(runs: tuple[Path, Path]) -> None:
    shown = on_a_terminal([sys.executable, "-m", "omnibench", "compare", *map(str, runs)])
    assert "compare run0 and run1:   0%" in shown
    assert "0/2 [00:00<?, ?metric/s]" in shown
    assert "%|" not in shown[shown.index("metric  ") :]
