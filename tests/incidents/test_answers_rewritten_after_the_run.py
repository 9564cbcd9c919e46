"""Answers that were not the model's: a listener rewrote ``text/`` while it ran, and the forged words were scored.

The journal has the sha256 of every file as the run wrote it, and nobody compared them when answers were scored. A file
that was changed or added later is not the model's, whoever did it, a disk included; nor does a metric vanish because
the files that it needs are removed. What a run wrote is scored as a run's; what was edited by hand is scored without
``run.json`` and ``journal.jsonl``, as anybody's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.files.score_records import Sample
from omnibench.predictions.folder import Predictions
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.scores import read_samples

IDS = ("a", "b", "c", "d")
CHEAT = """
import json, os
from pathlib import Path
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame, Word

class Writer:
    card = ModelCard("writer", "1", "online", ("words",), "Rewrites what was published before.")

    def open(self, context):
        return self

    def step(self, frame):
        if frame.index == 5:
            for path in Path(os.environ["CHEAT_OUT"]).glob("text/*.json"):
                path.write_text(json.dumps({"text": "forged", "words": [{"text": "forged", "start": 0.5, "end": 0.7}]}))
        return ListenerFrame(words=(Word("yes.", 0.0, 0.04),) if frame.index == 1 else ())

    def close(self):
        pass
"""
FORGER = """
class Forger(Writer):
    card = ModelCard("forger", "1", "online", ("words",), "Rewrites what was published before, hashes and all.")

    def step(self, frame):
        answer = Writer.step(self, frame)
        journal = Path(os.environ["CHEAT_OUT"], "journal.jsonl")
        if frame.index == 5 and journal.is_file():
            import hashlib
            lines = [json.loads(line) for line in journal.read_text().splitlines()]
            for line in lines:
                name = f"text/{line['id']}.json"
                text = Path(os.environ["CHEAT_OUT"], name).read_bytes()
                line["files"][name] = hashlib.sha256(text).hexdigest()
            journal.write_text("".join(json.dumps(line) + "\\n" for line in lines))
        return answer
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS)


@pytest.fixture(scope="module")
def played(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "parrot"
    arguments = ["--data", str(data), "--out", str(out), "--workers", "0", "--no-score", "--protocol", "strict"]
    assert main(["run", "--model", "parrot", *arguments]) == 0
    return out


@pytest.fixture
def run(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "run"))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def append_a_byte(path: Path) -> None:
    with path.open("ab") as handle:
        handle.write(b" ")


def lines(folder: Path) -> dict[str, Sample]:
    return {line.id: line for line in read_samples(folder)}


def test_a_model_that_rewrites_its_answers_is_not_scored_with_them(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "cheat.py").write_text(CHEAT)
    out = tmp_path / "out"
    monkeypatch.setenv("CHEAT_OUT", str(out))
    arguments = ["--data", str(data), "--out", str(out), "--workers", "0", "--protocol", "strict"]
    assert main(["run", "--model", f"{tmp_path / 'cheat.py'}:Writer", *arguments]) == 5
    assert "3 x text/<id>.json is not what the run wrote: sha256 " in capsys.readouterr().out
    found = lines(out)
    assert [found[name].status for name in IDS] == ["infra_failed", "infra_failed", "infra_failed", "ok"]
    assert main(["score", str(out)]) == 5
    assert main(["score", str(out), "--allow-partial"]) == 0
    assert "(1/4 !)" in capsys.readouterr().out


def test_a_model_that_forges_the_journal_too_is_caught_at_the_end(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "cheat.py").write_text(CHEAT + FORGER)
    out = tmp_path / "out"
    monkeypatch.setenv("CHEAT_OUT", str(out))
    arguments = ["--data", str(data), "--out", str(out), "--workers", "0", "--protocol", "strict"]
    assert main(["run", "--model", f"{tmp_path / 'cheat.py'}:Forger", *arguments]) == 4
    said = capsys.readouterr()
    assert "journal.jsonl: the line of a is not what this run wrote" in said.err
    assert "rouge_l" not in said.out
    assert not (out / "scores.json").exists()


@pytest.mark.parametrize("part", ["text", "audio", "vector", "video", "timing"])
@pytest.mark.parametrize("rot", [flip_a_bit, lambda path: path.write_bytes(b""), append_a_byte])
def test_any_file_that_is_not_what_the_run_wrote_costs_its_dialogue(
    run: Path, data: Path, part: str, rot: Callable[[Path], object]
) -> None:
    path = Predictions(run).path(part, "b")  # type: ignore[arg-type]
    rot(path)
    scores = score_predictions(run, open_dataset(str(data)), "test", "strict", ["rouge_l", "late_frames"])
    assert [scores.metrics[name].n_scored for name in ("rouge_l", "late_frames")] == [3, 3]
    row = lines(run)["b"].metrics["rouge_l"]
    assert row.status == "infra_failed"
    assert row.reason.startswith(f"{part}/{path.name} is not what the run wrote")
    assert "without run.json and journal.jsonl" in row.reason
    assert row.value is None


def test_a_file_that_was_added_is_not_the_run_s(run: Path, data: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    arguments = ["--data", str(data), "--out", str(silent), "--workers", "0", "--no-score", "--no-video"]
    assert main(["run", "--model", "silence", *arguments]) == 0
    (silent / "video").mkdir()
    shutil.copy(run / "video" / "c.mp4", silent / "video")
    assert Predictions(silent).status("c") == ("infra_failed", Predictions(silent).status("c")[1])
    assert "video/c.mp4 is not of the run: its journal does not list it" in Predictions(silent).status("c")[1]
    assert Predictions(silent).status("a")[0] == "ok"


def test_a_dialogue_that_the_run_did_not_finish_has_no_answer(run: Path) -> None:
    journal = run / "journal.jsonl"
    journal.write_text("".join(line for line in journal.read_text().splitlines(keepends=True) if '"d"' not in line))
    status, reason = Predictions(run).status("d")
    assert status == "infra_failed"
    assert "its journal does not list it" in reason


def test_a_part_that_was_removed_makes_no_metric_vanish(run: Path, data: Path, capsys: Captured) -> None:
    shutil.rmtree(run / "vector")
    assert main(["score", str(run), "--metrics", "fd,rouge_l"]) == 5
    said = capsys.readouterr().out
    assert "4 x no file of this dialogue in vector/, and the run wrote one: a … d (fd)" in said
    found = json.loads((run / "scores.json").read_text())["metrics"]
    assert found["fd"]["status"] == "not_scored"
    assert (found["rouge_l"]["n_scored"], found["rouge_l"]["n_expected"]) == (4, 4)


def test_one_removed_file_costs_the_metrics_that_need_it(run: Path, data: Path) -> None:
    (run / "text" / "a.json").unlink()
    assert main(["score", str(run), "--metrics", "fd,rouge_l"]) == 5
    found = json.loads((run / "scores.json").read_text())["metrics"]
    assert (found["rouge_l"]["n_scored"], found["fd"]["n_scored"]) == (3, 4)


def test_answers_edited_by_hand_are_scored_without_the_run_s_records(run: Path, data: Path) -> None:
    flip_a_bit(run / "audio" / "a.wav")
    arguments = [str(run), "--data", str(data), "--protocol", "strict", "--metrics", "rouge_l"]
    assert main(["score", *arguments]) == 5
    (run / "run.json").unlink()
    (run / "journal.jsonl").unlink()
    assert main(["score", *arguments]) == 0


def test_an_untouched_run_is_scored_as_it_was(run: Path) -> None:
    assert main(["score", str(run), "--metrics", "rouge_l,fd,late_frames"]) == 0


def test_the_same_command_plays_what_was_changed_again(run: Path, data: Path) -> None:
    flip_a_bit(run / "text" / "b.json")
    arguments = ["--data", str(data), "--out", str(run), "--workers", "0", "--no-score", "--protocol", "strict"]
    assert main(["run", "--model", "parrot", *arguments]) == 0
    assert main(["score", str(run), "--metrics", "rouge_l"]) == 0
