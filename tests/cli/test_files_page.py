"""``docs/files.md`` names every file that a run, its scores, an archive and an entry hold, and every field of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submission_factory import members_of, pack_run, write_run

import leaderboard
from omnibench.cli import main
from omnibench.metrics.protocol import PROTOCOLS

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
METRICS = "meteor,answered_2s,fd,backchannel_precision,late_frames,step_p50"


def named(*titles: str) -> set[str]:
    """What stands between backticks on the page, or in some of its sections."""
    sections = {part.partition("\n")[0]: part for part in re.split(r"^#+ ", PAGE, flags=re.MULTILINE)}
    return set(re.findall(r"`([^`]+)`", "".join(sections[title] for title in titles) if titles else PAGE))


def as_named(path: str) -> str:
    """A file's name as the page has it: an id, a protocol and an entry's folder by what they are."""
    path = re.sub(r"^(text|audio|vector|video|timing)/[^.]+", r"\1/<id>", path)
    return re.sub(rf"\.({'|'.join(PROTOCOLS)})\.", ".<protocol>.", path)


def files_of(folder: Path) -> set[str]:
    return {as_named(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file()}


def keys(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    return {key for document in documents for key in document}


@pytest.fixture(scope="module")
def run(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("files") / "run"
    data, quick = ["--data", str(synthetic)], ["--workers", "0", "--no-video", "--no-score"]
    assert main(["run", "--model", "silence", *data, "--out", str(out), *quick]) == 0
    assert main(["score", str(out), *data, "--protocol", "strict", "--metrics", METRICS, "--allow-partial"]) == 0
    return out


def test_every_file_of_a_run_is_named(run: Path, synthetic: Path) -> None:
    assert files_of(run) <= named("A folder of predictions")
    roles = {re.sub(r"^\w+/(\w+)/\w+/\w+", r"<split>/\1/<role>/<id>", name) for name in files_of(synthetic)}
    assert roles <= named("A data set")


def test_every_field_of_a_run_is_named(run: Path) -> None:
    document = json.loads((run / "run.json").read_text())
    assert keys([document, document["model"], document["data"], document["timings"]]) <= named("run.json")
    journal = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    assert keys([*journal, *(line["late"] for line in journal)]) <= named("journal.jsonl")
    with np.load(next((run / "timing").iterdir())) as times:
        others = {"timing/<id>.npz", "text", "(T,)", "(W,)", "(2,)", "--pace real", "ready_seconds", "handed_image"}
        assert set(times.files) == named("timing") - others


def test_every_field_of_scores_is_named(run: Path) -> None:
    scores = json.loads((run / "scores.json").read_text())
    entries = scores["metrics"].values()
    intervals = [entry["interval"] for entry in entries if "interval" in entry]
    assert {"value", "status"} <= keys(entries)
    assert keys([scores, scores["data"], *entries, *intervals]) <= named("scores.json", "run.json")
    samples = [json.loads(line) for line in (run / "samples.jsonl").read_text().splitlines()]
    outcomes = [outcome for line in samples for outcome in line["metrics"].values()]
    assert keys([*samples, *outcomes]) <= named("samples.jsonl and statistics.npz")


def test_every_member_of_an_archive_and_every_file_of_an_entry_is_named(synthetic: Path, tmp_path: Path) -> None:
    sent = write_run(tmp_path / "run", synthetic)
    members = members_of(pack_run(sent, synthetic, tmp_path / "sent.zip", tmp_path / "work"))
    assert {as_named(name) for name in members} <= named("The leaderboard", "A folder of predictions")
    assert keys([json.loads(members["metadata.json"])]) <= named("The leaderboard")
    folder = next(path for path in (Path(leaderboard.__file__).parent / "controls").iterdir() if path.is_dir())
    assert {f"submissions/<date>_<name>/{name}" for name in files_of(folder)} <= named("The leaderboard")
