"""``omnibench audit metrics`` on constructed dialogues: the metrics that need no network, and both exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.audit.answers import Panel, write_damaged, write_perfect
from omnibench.audit.damage_table import DAMAGES
from omnibench.audit.metrics import MetricsAuditRequest, audit_metrics, steps
from omnibench.cli import main
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.media.face import neutral_face
from omnibench.media.video import read_frames
from omnibench.predictions.folder import Predictions

IDS = ("a", "b", "c", "d")
PARTS = ("text", "audio", "vector", "video")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    persons = {name: {"speaker": f"s{i}", "listener": f"l{i}"} for i, name in enumerate(IDS)}
    return open_dataset(str(write_dataset(tmp_path_factory.mktemp("audited"), ids=IDS, seconds=3, persons=persons)))


def arguments(data: DataSet, out: Path, *more: str) -> list[str]:
    return ["audit", "metrics", "--data", str(data.root), "--out", str(out), *more]


def test_the_command_prints_and_writes_the_matrix(
    data: DataSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--metrics", "rouge_l,fd,lip_lag,rtf", "--damages", "word_drop,frozen_face,audio_noise"]
    assert main(arguments(data, tmp_path, *chosen)) == 0
    shown = capsys.readouterr()
    assert re.search(r"rouge_l +N (1\.00|0\.9\d) *\n", shown.out)
    assert "rtf: wall time" in shown.out
    assert "0 broken" in shown.out
    assert "grade/s" not in shown.err
    document = json.loads((tmp_path / "metrics.json").read_text())
    cells = {(cell["metric"], cell["damage"]): cell for cell in document["cells"]}
    assert len(cells) == 3 * 3
    drop = cells["rouge_l", "word_drop"]
    assert (drop["expect"], drop["verdict"], drop["undamaged"]["value"]) == ("notice", "kept", 1.0)
    assert [grade["grade"] for grade in drop["grades"]] == [0.1, 0.3, 0.5, 0.7, 0.9]
    # What a damage does not touch is scored at its strongest grade alone, and must not move.
    noise = cells["rouge_l", "audio_noise"]
    assert [(g["grade"], g["value"]) for g in noise["grades"]] == [(0, 1.0)]
    assert (tmp_path / "metrics.png").read_bytes().startswith(b"\x89PNG")


def test_a_metric_that_breaks_the_matrix_exits_6_and_is_named(
    data: DataSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """FD has no order: a matrix that asks it to notice reversed faces is broken, and says by what."""
    matrix = tmp_path / "matrix.toml"
    matrix.write_text('[[rule]]\nmetrics = ["fd"]\ndamages = ["reversed_face"]\nexpect = "notice"\nwhy = "it should"\n')
    chosen = ["--metrics", "fd,nod_rate", "--damages", "reversed_face", "--matrix", str(matrix)]
    assert main(arguments(data, tmp_path, *chosen)) == 6
    shown = capsys.readouterr()
    assert "breaks the matrix:\n    fd under reversed_face: notice; Spearman" in shown.out
    assert "not in the matrix:\n    nod_rate under reversed_face" in shown.out
    assert shown.err == "omnibench: 1 of 2 cells do not keep to the matrix: fd under reversed_face.\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--metrics", "rouge"], 'Did you mean "rouge_l"'),
        (["--damages", "word_drops"], 'Did you mean "word_drop"'),
        (["--protocol", "paper"], "paper"),
    ],
)
def test_unknown_names_are_usage_errors(
    data: DataSet, tmp_path: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(data, tmp_path, *options)) == 2
    assert says in capsys.readouterr().err


def test_every_step_is_announced(data: DataSet) -> None:
    request = MetricsAuditRequest(data, metrics=["rouge_l"], damages=["word_drop"], limit=2)
    said: list[str] = []
    report = audit_metrics(request, said.append)
    assert len(said) == steps(request)
    assert report.panels["read"] == IDS[:2]


def test_the_same_seed_gives_the_same_report_and_another_does_not(data: DataSet) -> None:
    def values(seed: int) -> list[float | None]:
        request = MetricsAuditRequest(
            data, metrics=["rouge_l", "fd"], damages=["word_shuffle", "frozen_face"], seed=seed
        )
        return [reading.value for cell in audit_metrics(request).cells for reading in cell.readings]

    assert values(0) == values(0)
    assert values(0) != values(1)


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_a_damage_changes_the_files_that_it_touches_and_links_the_others(
    data: DataSet, tmp_path: Path, name: str
) -> None:
    entry, panel = DAMAGES[name], Panel(data, "test", IDS)
    write_perfect(panel, "test", tmp_path / "perfect", PARTS)
    write_damaged(tmp_path / "perfect", panel, "test", entry, entry.grades[-1], 0, tmp_path / "damaged", PARTS)
    perfect, damaged = Predictions(tmp_path / "perfect"), Predictions(tmp_path / "damaged")
    parts = {"text": "text", "words": "text", "face": "vector", "audio": "audio", "video": "video"}
    changed = {parts[need] for need in entry.touches}
    for part in PARTS:
        same = all(perfect.path(part, i).read_bytes() == damaged.path(part, i).read_bytes() for i in IDS)
        assert same == (part not in changed), part


def test_a_frozen_video_stands_still_and_a_reversed_one_is_the_same_pictures(data: DataSet, tmp_path: Path) -> None:
    panel = Panel(data, "test", IDS[:1])
    write_perfect(panel, "test", tmp_path / "perfect", PARTS)
    shown = {}
    for name in ("frozen_face", "reversed_face"):
        write_damaged(tmp_path / "perfect", panel, "test", DAMAGES[name], 1.0, 0, tmp_path / name, ("video",))
        shown[name] = np.stack(list(read_frames(tmp_path / name / "video" / "a.mp4"))).astype(float)
    original = np.stack(list(read_frames(tmp_path / "perfect" / "video" / "a.mp4"))).astype(float)
    assert len(shown["frozen_face"]) == len(shown["reversed_face"]) == len(original)
    assert np.abs(shown["frozen_face"] - original[0]).mean() < 3
    assert np.abs(shown["reversed_face"] - original[::-1]).mean() < 3 < np.abs(original - original[::-1]).mean()


def test_lost_faces_of_the_recording_are_held_in_the_perfect_answer(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("x",), seconds=1)
    path = root / "test/vector/listener/x.npy"
    face = np.load(path)
    face[[0, 5, 6]] = np.nan
    np.save(path, face)
    write_perfect(Panel(open_dataset(str(root)), "test", ("x",)), "test", tmp_path / "perfect", ["vector"])
    held = Predictions(tmp_path / "perfect").vector("x")
    expected = np.stack([neutral_face(), face[4], face[4]]).astype(np.float32)
    np.testing.assert_array_equal(held[[0, 5, 6]], expected)
