"""``omnibench run``: what it writes, what it says, how it goes on."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.files.journal import Journal
from omnibench.media.video import video_info
from omnibench.predictions.folder import Predictions
from omnibench.system.progress import Progress

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"
IDS = ("a", "b", "c")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, seconds=1.2)


def run(data: Path, out: Path, model: str = "Echo", *more: str) -> int:
    name = f"{LISTENERS}:{model}" if model[0].isupper() else model
    return main(["run", "--model", name, "--data", str(data), "--out", str(out), "--workers", "0", "--no-score", *more])


def answers(out: Path) -> dict[str, str]:
    parts = ("text", "audio", "vector", "video")
    files = [path for part in parts for path in sorted((out / part).glob("*"))]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_files_are_those_of_the_official_scripts(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "out") == 0
    out = tmp_path / "out"
    found = Predictions(out)
    assert found.ids == IDS
    for name in IDS:
        dialogue = open_dataset(str(data)).dialogue("test", name)
        assert found.vector(name).shape == (dialogue.frames, 64)
        wav = soundfile.info(str(found.path("audio", name)))
        assert (wav.subtype, wav.samplerate, wav.channels) == ("PCM_16", 16_000, 1)
        assert wav.frames == round(dialogue.frames * 16_000 / dialogue.fps)
        assert found.words(name) == dialogue.speaker.words
        assert found.text(name) == " ".join(word.text for word in dialogue.speaker.words)
        video = video_info(found.path("video", name))
        assert (video.frames, video.fps) == (dialogue.frames, dialogue.fps)
        assert (found.timing(name) >= 0).all()
        assert len(found.timing(name)) == dialogue.frames
    assert np.load(out / "vector" / "a.npy").dtype == np.float32
    assert sorted(p.name for p in out.iterdir()) == [
        ".lock", "audio", "journal.jsonl", "run.json", "text", "timing", "vector", "video",
    ]  # fmt: skip


def test_run_json_says_what_ran(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path, "Echo", "--seed", "7", "--transcript", "delayed:200", "--no-video") == 0
    manifest = json.loads((tmp_path / "run.json").read_text())
    assert manifest["model"]["name"] == "chorus"
    assert manifest["data"]["manifest"] == open_dataset(str(data)).manifest_hash("test")
    assert (manifest["seed"], manifest["transcript"], manifest["renderer"]) == (7, "delayed:200", "")
    assert {"numpy", "python", "omnibench"} <= set(manifest["packages"])
    assert manifest["timings"]["steps"] == 3 * 30
    assert manifest["hardware"]["cores"] > 0
    assert Predictions(tmp_path).conditions() == {"transcript": "delayed:200"}
    assert not (tmp_path / "video").exists()


def test_answers_do_not_depend_on_the_number_of_workers(data: Path, tmp_path: Path) -> None:
    for workers in ("0", "1", "3"):
        assert run(data, tmp_path / workers, "Echo", "--workers", workers) == 0
    assert answers(tmp_path / "0") == answers(tmp_path / "1") == answers(tmp_path / "3")
    assert len(answers(tmp_path / "0")) == 12


def test_lock_step_gives_the_same_answers(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "one") == 0
    assert run(data, tmp_path / "two", "Echo", "--batch", "2") == 0
    assert answers(tmp_path / "one") == answers(tmp_path / "two")


def test_dialogues_are_opened_together_where_the_model_can(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "two", "Chorus", "--batch", "2") == 0
    assert [Predictions(tmp_path / "two").text(name) for name in IDS] == ["2", "2", "1"]
    assert run(data, tmp_path / "one", "Chorus") == 0
    assert [Predictions(tmp_path / "one").text(name) for name in IDS] == ["1", "1", "1"]


def test_one_call_steps_all_dialogues_where_the_model_can(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "one") == 0
    assert run(data, tmp_path / "two", "Choir", "--batch", "2") == 0
    assert answers(tmp_path / "one") == answers(tmp_path / "two")


def test_what_fails_in_lock_step_fails_for_those_who_were_in_it(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "broken", "Choir", "--batch", "2", "--set", "breaks=5") == 5
    entries = Journal(tmp_path / "broken" / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["model_failed", "model_failed", "ok"]
    assert entries["a"].reason == "step 5, in lock-step with 1 others, raised ValueError: out of tune"
    assert run(data, tmp_path / "refused", "Choir", "--batch", "3", "--set", "refuses=1") == 5
    entries = Journal(tmp_path / "refused" / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["ok", "model_failed", "ok"]
    assert "does not sing number 1" in entries["b"].reason


@pytest.mark.parametrize("workers", ["0", "1"])
def test_who_cannot_say_what_it_cost_fails_that_dialogue_alone(data: Path, tmp_path: Path, workers: str) -> None:
    assert run(data, tmp_path, "Spender", "--workers", workers) == 5
    entries = Journal(tmp_path / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["ok", "model_failed", "ok"]
    assert entries["b"].reason == "account raised ValueError: where is the receipt?"


def test_another_seed_gives_other_answers(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "0") == run(data, tmp_path / "1", "Echo", "--seed", "1") == 0
    assert answers(tmp_path / "0")["vector/a.npy"] != answers(tmp_path / "1")["vector/a.npy"]


def test_a_finished_run_is_left_alone_and_a_damaged_file_redone(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path) == 0
    before, lines = answers(tmp_path), (tmp_path / "journal.jsonl").read_bytes()
    assert run(data, tmp_path) == 0
    assert (tmp_path / "journal.jsonl").read_bytes() == lines
    (tmp_path / "vector" / "b.npy").write_bytes(b"torn")
    (tmp_path / "text" / "c.json").unlink()
    assert run(data, tmp_path) == 0
    assert answers(tmp_path) == before
    assert (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 5


@pytest.mark.parametrize(
    ("change", "named"),
    [(("--seed", "1"), "seed was 0, now 1"), (("--set", "sleep=0.001"), "settings"), (("--no-video",), "render"),
     (("--transcript", "delayed:40"), "transcript was oracle, now delayed:40")],
)  # fmt: skip
def test_answers_of_another_run_are_never_mixed(
    data: Path, tmp_path: Path, change: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path) == 0
    before = answers(tmp_path)
    assert run(data, tmp_path, "Echo", *change) == 2
    message = capsys.readouterr().err
    assert named in message
    assert "--fresh" in message
    assert answers(tmp_path) == before
    assert run(data, tmp_path, "Echo", *change, "--fresh") == 0


def test_fresh_never_clears_a_folder_that_is_no_run(data: Path, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "thesis.txt").write_text("years of work")
    assert run(data, tmp_path, "Echo", "--fresh") == 2
    assert (tmp_path / "text" / "thesis.txt").read_text() == "years of work"


def test_two_runs_cannot_share_a_folder(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run(data, tmp_path) == 2
    assert "another omnibench is writing there" in capsys.readouterr().err


def test_one_failing_dialogue_does_not_stop_the_others(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path, "Failing") == 5
    message = capsys.readouterr().err
    assert "1 of 3 dialogues have no answer" in message
    assert "step 20 raised RuntimeError: no idea what to say" in message
    assert "Traceback" not in message
    entries = Journal(tmp_path / "journal.jsonl").entries()
    assert {name: entry.status for name, entry in entries.items()} == {"a": "ok", "b": "model_failed", "c": "ok"}
    assert "RuntimeError: no idea what to say" in entries["b"].traceback
    assert Predictions(tmp_path).status("b")[0] == "model_failed"
    assert run(data, tmp_path, "Failing", "--allow-partial") == 0
    assert Journal(tmp_path / "journal.jsonl").entries()["b"].status == "ok"


def test_a_part_of_the_split_is_not_the_split(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path, "Echo", "--limit", "1") == 0
    assert run(data, tmp_path, "Echo", "--ids", "c") == 0
    assert list(Journal(tmp_path / "journal.jsonl").entries()) == ["a", "c"]
    assert run(data, tmp_path) == 0
    assert list(Journal(tmp_path / "journal.jsonl").entries()) == ["a", "c", "b"]


def test_stderr_off_a_terminal_is_two_lines(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data, tmp_path, "Echo", "--workers", "2") == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(": 3 dialogues, 90 frames to play")
    assert "3/3 dialogues in" in lines[1]


def test_a_terminal_sees_dialogues_and_frames_move() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    with Progress("echo on data-test", 3, 1, 60, screen) as progress:
        progress.frames(30)
        progress.dialogues(1)
    assert "echo on data-test · dialogue 2/3" in screen.getvalue()
    assert "30/60" in screen.getvalue()


def test_a_run_ends_with_its_scores(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["run", "--model", "silence", "--data", str(data), "--out", str(tmp_path), "--no-video"]
    assert main([*arguments, "--workers", "0", "--protocol", "strict"]) == 0
    assert "rouge_l" in capsys.readouterr().out
    assert json.loads((tmp_path / "scores.json").read_text())["protocol"] == "strict"


def test_a_checkpoint_that_does_not_transfer_refuses_other_data(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path, "Homebound") == 4
    assert "--allow-transfer" in capsys.readouterr().err
    assert run(data, tmp_path, "Homebound", "--allow-transfer") == 0
    assert json.loads((tmp_path / "run.json").read_text())["model"]["transferred"] is True


def test_models_lists_every_model_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert {"omniresponse", "silence", "ground_truth", "parrot"} <= set(listed)
    assert len(set(listed)) == len(listed)
