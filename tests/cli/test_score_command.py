"""``omnibench score`` on folders that other tools made: any subset of the parts, no run.json, data without video."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.metrics.protocol import PROTOCOLS, load_protocol

IDS = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of texts and vectors alone: nothing tells a frame rate."""
    return write_dataset(tmp_path_factory.mktemp("bare"), ids=IDS, modalities=("text", "vector"))


@pytest.fixture
def foreign(bare: Path, tmp_path: Path) -> Path:
    """What another tool wrote: two folders, a note of its own, and an answer to a dialogue that is not in the split."""
    folder = tmp_path / "theirs"
    for part in ("text", "vector"):
        shutil.copytree(bare / "test" / part / "listener", folder / part)
    (folder / "notes.md").write_text("made by something else")
    shutil.copy(folder / "text" / "a.json", folder / "text" / "extra.json")
    return folder


def score(*arguments: object) -> int:
    return main(["score", *map(str, arguments)])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_text_and_vectors_alone_are_scored_and_the_rest_is_a_dash(
    bare: Path, foreign: Path, protocol: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.json"
    code = score(foreign, "--data", bare, "--split", "test", "--protocol", protocol, "--json", out)
    assert code == 0, capsys.readouterr()
    entries = json.loads(out.read_text(), parse_constant=lambda name: pytest.fail(f"{name} in the scores"))["metrics"]
    assert set(entries) == set(load_protocol(protocol).metrics)
    assert entries["rouge_l"]["value"] == pytest.approx(1.0)
    assert entries["rouge_l"]["n_scored"] == entries["rouge_l"]["n_expected"] == 4
    assert entries["fd"]["value"] == pytest.approx(0.0, abs=1e-4)
    states = {name: entry.get("status") for name, entry in entries.items() if "value" not in entry}
    assert set(states.values()) <= {"not_applicable", "unavailable"}
    assert all(entries[name]["reason"] for name in states)
    assert "null" not in out.read_text()


def test_scores_on_stdout_are_json_and_nothing_else(
    bare: Path, foreign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(foreign, "--data", bare, "--protocol", "paper", "--metrics", "rouge_l,fd", "--json", "-") == 0
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)["metrics"]) == {"rouge_l", "fd"}
    assert "rouge_l" in printed.err


@pytest.mark.parametrize(("extra", "code"), [((), 5), (("--allow-partial",), 0)])
def test_a_missing_answer_is_marked_and_refused_unless_allowed(
    bare: Path, foreign: Path, extra: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (foreign / "text" / "c.json").unlink()
    (foreign / "vector" / "c.npy").unlink()
    arguments = (foreign, "--data", bare, "--protocol", "strict", "--metrics", "rouge_l,fd", *extra)
    assert score(*arguments) == code
    printed = capsys.readouterr()
    assert "0.750" in printed.out
    assert printed.out.count("(3/4 !)") == 2
    assert ("Incomplete coverage: rouge_l 3/4, fd 3/4 (withheld)" in printed.err) == (code == 5)


def test_a_folder_that_is_none_and_a_metric_that_is_none_are_told(bare: Path, foreign: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert score(tmp_path / "empty", "--data", bare) == 4
    assert score(foreign, "--data", bare, "--protocol", "strict", "--metrics", "rouge_1") == 2
    assert score(foreign, "--data", bare, "--split", "nowhere") == 2
