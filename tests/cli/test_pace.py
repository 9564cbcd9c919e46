"""``--pace real``: a model in time keeps its files to the bit, a slow one loses what comes too late, and times that
nobody outside the model took give no number.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.audit.wall_clock import main as wall_clock
from omnibench.cli import main
from omnibench.files.score_records import NoNumber, Number, Scores
from omnibench.metrics.signature import comparison_key, differing_parts
from omnibench.scoring.scores import read_scores
from omnibench.tables.paper_tables import find_runs, long_frame, text_table

FPS, RATE, FRAMES = 25, 16_000, 150
METRICS = "answered_2s,floor_transfer_offset,first_sound_latency,last_word_latency,rouge_l"
COUNTING = str(Path(__file__).parents[1] / "support" / "slowed.py:Counting")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    return write_dataset(folder, ids=("a", "b"), seconds=6, modalities=("audio", "vector", "text"))


def as_run(data: Path, out: Path, factor: float, run: dict[str, Any] | None = None, **times: Any) -> Path:
    """The human listeners' answers, as a model would have left them whose steps take ``factor`` frames."""
    for part in ("text", "audio", "vector"):
        shutil.copytree(data / "test" / part / "listener", out / part)
    (out / "timing").mkdir()
    for path in (out / "text").iterdir():
        vector = out / "vector" / f"{path.stem}.npy"
        np.save(vector, np.load(vector).astype(np.float32))
        words = json.loads(path.read_text())["words"]
        nothing, one = np.zeros(FRAMES), np.ones(FRAMES, np.int64)
        kept = {
            "step_seconds": np.full(FRAMES, factor / FPS),
            **dict.fromkeys(("processor_seconds", "waited_seconds", "between_seconds", "gap_seconds"), nothing),
            **dict.fromkeys(("open_seconds", "open_processor", "open_waited"), np.array(0.0)),
            "word_steps": np.array([int(np.ceil(word["end"] * FPS)) - 1 for word in words], np.int64),
            "handed_face": one,
            "handed_audio": one * (RATE // FPS),
            "workers": np.array(1),
            "machine": np.array(MACHINE),
        }
        np.savez(out / "timing" / f"{path.stem}.npz", **{k: v for k, v in (kept | times).items() if v is not None})
    document = {
        "model": {"name": "human", "version": "1", "kind": "online", "outputs": ["face", "audio", "words"]},
        "workers": 1,
        "identity": {"batch": 1, "device": "cpu"},
        "renderer": "",
        "hardware": {"processor": "a machine", "cores": 2},
    }
    (out / "run.json").write_text(json.dumps(document | (run or {})))
    return out


MACHINE = 4223702099


def score(data: Path, folder: Path, pace: str = "real", metrics: str = METRICS) -> Scores:
    given = ["--data", str(data), "--protocol", "strict", "--metrics", metrics, "--pace", pace]
    assert main(["score", str(folder), *given]) == 0
    return read_scores((folder / "paced" if pace == "real" else folder) / "scores.json")


def values(scores: Scores) -> dict[str, float]:
    return {name: entry.value for name, entry in scores.metrics.items() if isinstance(entry, Number)}


def answers_of(folder: Path) -> dict[str, bytes]:
    parts = ("text", "audio", "vector", "timing")
    return {f"{part}/{path.name}": path.read_bytes() for part in parts for path in (folder / part).iterdir()}


def test_a_model_at_three_tenths_of_real_time_keeps_its_files_and_its_numbers(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = as_run(data, tmp_path / "run", factor=0.3)
    virtual, real = score(data, folder, "virtual"), score(data, folder)
    assert answers_of(folder) == answers_of(folder / "paced")
    assert values(virtual) == values(real) != {}
    assert "all of 2 dialogues in time, with 1 frame of play-out" in capsys.readouterr().out
    keys = [comparison_key(scores.metrics["answered_2s"].signature) for scores in (virtual, real)]
    assert set(differing_parts(*keys)) == {("", "pace:real"), ("", "buffer:1"), ("", f"machine:{MACHINE:08x}")}
    assert (virtual.pace, real.pace, real.machine) == ("", "real", "a machine, 2 cores")


def test_the_same_model_at_factor_1_9_loses_what_comes_too_late(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = as_run(data, tmp_path / "run", factor=1.9)
    virtual, real = values(score(data, folder, "virtual")), values(score(data, folder))
    assert virtual["answered_2s"] > 0.3
    assert real["answered_2s"] <= 0.0
    assert real.get("floor_transfer_offset", 9.0) > virtual["floor_transfer_offset"] + 1
    assert real["rouge_l"] < virtual["rouge_l"]
    told = capsys.readouterr().out
    assert "2 of 2 dialogues late" in told
    for line in (folder / "paced" / "journal.jsonl").read_text().splitlines():
        entry = json.loads(line)
        said, left = (
            json.loads((root / "text" / f"{entry['id']}.json").read_text()) for root in (folder, folder / "paced")
        )
        assert len(left["words"]) + entry["shift"]["words"] == entry["shift"]["words_said"] == len(said["words"])
        assert entry["shift"]["words"] > 0
        # 1.9 frames for each: of 150 frames, 78 still play, the first one aside.
        assert entry["shift"]["face"] == 149 - 78
        assert entry["late"]["face"] == entry["late"]["audio"] == 149 - 78
        face = [np.load(root / "vector" / f"{entry['id']}.npy") for root in (folder, folder / "paced")]
        at = np.arange(1, 78)[np.arange(1, 78) % 10 > 0]
        assert np.array_equal(face[1][1 + np.floor(1.9 * at).astype(int)], face[0][at])
    kept = answers_of(folder / "paced")
    shutil.rmtree(folder / "paced")
    score(data, folder)
    assert answers_of(folder / "paced") == kept


@pytest.mark.parametrize(("lookahead", "late"), [(0.02, 0), (0.04, 1), (0.08, 2)])
def test_a_declared_look_ahead_holds_sound_and_words_back_and_no_face(
    data: Path, tmp_path: Path, lookahead: float, late: int
) -> None:
    """Answers that are ready .3 frames after their frame; the buffer has room for .7 more."""
    model = {"name": "human", "version": "1", "kind": "online", "outputs": ["face", "audio", "words"]}
    folder = as_run(data, tmp_path / "run", 0.3, {"model": model | {"lookahead": lookahead}})
    virtual, real = values(score(data, folder, "virtual")), values(score(data, folder))
    for name in ("first_sound_latency", "last_word_latency"):
        assert real[name] - virtual[name] == pytest.approx(late / FPS)
    before, after = answers_of(folder), answers_of(folder / "paced")
    assert {name.partition(".")[0] for name in before if before[name] != after[name] and "timing" not in name} == {
        f"{part}/{name}" for name in ("a", "b") for part in ("audio", "text") if late
    }
    for line in (folder / "paced" / "journal.jsonl").read_text().splitlines():
        shift = json.loads(line)["shift"]
        assert (shift.get("delay", 0.0), shift.get("face", 0)) == (pytest.approx(late / FPS), 0)
    # Another declaration is another pace of the same answers.
    document = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(document | {"model": model}))
    score(data, folder)
    assert answers_of(folder / "paced") == before


@pytest.mark.parametrize(
    ("run", "times", "reason"),
    [
        ({"workers": 0}, {}, "inside the model's own process"),
        ({"identity": {"batch": 4}}, {}, "4 at a time"),
        ({"model": {"name": "o", "kind": "offline", "outputs": ["words"]}}, {}, "offline"),
        ({"hardware": {"processor": "another"}}, {}, "another machine"),
        ({"condition": "echo-mid"}, {}, "the model hears itself"),
        ({}, {"workers": np.array(2)}, "2 dialogues were played side by side"),
        ({}, {"processor_seconds": None}, "processor time"),
        ({}, {"between_seconds": None}, "between the steps"),
        ({}, {"word_steps": np.zeros(1, np.int64)}, "receipts of 1 words"),
    ],
)
def test_other_times_give_no_number_but_the_reason(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], run: dict, times: dict, reason: str
) -> None:
    folder = as_run(data, tmp_path / "run", 1.9, run, **times)
    scores = score(data, folder)
    assert values(scores) == {}
    assert all(
        isinstance(e, NoNumber) and e.status == "not_paced" and reason in e.reason for e in scores.metrics.values()
    )
    assert "not paced: " in capsys.readouterr().out
    assert find_runs(tmp_path)[0].folder == folder / "paced"


def test_answers_without_a_run_and_paced_ones_are_not_paced(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = as_run(data, tmp_path / "run", 0.3)
    score(data, folder, metrics="rouge_l")
    assert main(["score", str(folder / "paced"), "--data", str(data), "--pace", "real"]) == 2
    assert "holds paced answers" in capsys.readouterr().err
    (folder / "run.json").unlink()
    assert {e.reason for e in score(data, folder).metrics.values()} == {"no run.json says who took the step times"}


def test_rows_of_two_machines_do_not_compare(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from omnibench.system.provenance import machine_number

    other = {"processor": "another", "cores": 9}
    runs = [
        as_run(data, tmp_path / "runs" / "one", 0.3),
        as_run(data, tmp_path / "runs" / "two", 0.3, {"hardware": other}, machine=np.array(machine_number(other))),
    ]
    keys = [comparison_key(score(data, run).metrics["rouge_l"].signature) for run in runs]
    assert [name.partition(":")[0] for name, _ in differing_parts(*keys)] == ["machine"]
    capsys.readouterr()
    assert main(["compare", *(str(run / "paced") for run in runs)]) == 4
    assert "machine:" in capsys.readouterr().err
    found = find_runs(tmp_path / "runs")
    rows = [cells[1] for _, cells in text_table(2, found, paper=False).rows]
    assert [row.partition(", ")[2] for row in rows] == ["paced on a machine, 2 cores", "paced on another, 9 cores"]
    assert set(long_frame(2, found, paper=False)["machine"]) == {"a machine, 2 cores", "another, 9 cores"}


def test_a_run_at_the_real_pace_answers_the_same_and_a_slow_one_plays_late(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model in a process of its own, and the wall's clock: a second of dialogue."""
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=1, modalities=("audio", "vector", "text"))
    given = ["run", "--data", str(data), "--workers", "1", "--no-video", "--no-score", "--model", COUNTING]
    assert main([*given, "--out", str(tmp_path / "virtual"), "--set", "cost=1.9"]) == 0
    assert main([*given, "--out", str(tmp_path / "real"), "--pace", "real"]) == 0
    assert json.loads((tmp_path / "real" / "run.json").read_text())["pace"] == "real"
    for name in ("text/a.json", "audio/a.wav", "vector/a.npy"):
        assert (tmp_path / "virtual" / name).read_bytes() == (tmp_path / "real" / name).read_bytes()
    times = np.load(tmp_path / "real" / "timing" / "a.npz")
    # Nothing is handed over before it is complete.
    assert (times["ready_seconds"] >= np.arange(1, 26) / FPS).all()
    capsys.readouterr()
    assert wall_clock([str(tmp_path / "virtual"), str(tmp_path / "real")]) in (0, 6)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["the same run's times", "the unpaced run's times"]
    assert all("25 answers" in line for line in lines)
    assert wall_clock([str(tmp_path / "real"), str(tmp_path / "virtual")]) == 4
    assert "its clock did not wait" in capsys.readouterr().err
    score(data, tmp_path / "virtual", metrics="late_frames")
    entry = json.loads((tmp_path / "virtual" / "paced" / "journal.jsonl").read_text())
    assert entry["shift"]["face"] >= 10
    assert main([*given, "--out", str(tmp_path / "no"), "--pace", "real", "--workers", "2"]) == 2
