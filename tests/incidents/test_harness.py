"""One test for each way in which a harness has been known to lie; the story is in the docstring."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.files.hashing import file_sha256
from omnibench.files.journal import Journal
from omnibench.files.records import JournalLine
from omnibench.predictions.folder import Predictions
from omnibench.responder import ModelCard
from omnibench.runner.clock import PlayedFrame, Player
from omnibench.runner.context import make_context
from omnibench.runner.folder import RunFolder
from omnibench.runner.recorder import Kept
from omnibench.types import Dialogue, ListenerFrame, SpeakerFrame

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"


def recording(folder: Path, seconds: float = 1.0) -> Dialogue:
    root = write_dataset(folder / "data", ids=("a",), fps=Fraction(30), seconds=seconds)
    return open_dataset(str(root)).dialogue("test", "a")


def test_a_failed_row_is_not_a_finished_one(tmp_path: Path) -> None:
    """A resumed run took every row of its log for done, failures included, and reported the mean of the rest."""
    folder = RunFolder(tmp_path / "out")
    with folder.open({}, fresh=False):
        staged = tmp_path / "text.json"
        for name, status in (("a", "ok"), ("b", "model_failed"), ("c", "infra_failed")):
            staged.write_text("{}")
            kept = {"text": Kept(staged, file_sha256(staged))} if status == "ok" else {}
            folder.publish(JournalLine(id=name, status=status), kept)
        assert folder.done() == {"a"}


def test_a_journal_line_without_its_files_is_not_done(tmp_path: Path) -> None:
    """The log survived a power cut, the answer that it spoke of did not."""
    folder = RunFolder(tmp_path)
    with folder.open({}, fresh=False):
        Journal(tmp_path / "journal.jsonl").append(JournalLine(id="a", status="ok", files={"text/a.json": "0" * 64}))
        assert folder.done() == set()
        (tmp_path / "text").mkdir()
        (tmp_path / "text" / "a.json").write_text("half")
        assert folder.done() == set()


def test_answers_are_copied_when_they_are_given(tmp_path: Path) -> None:
    """A model answered with views of one buffer and normalised the buffer once it had seen the whole clip."""
    dialogue, played = recording(tmp_path), []
    whole = np.zeros((dialogue.frames, 64), np.float32)

    def step(frame: SpeakerFrame) -> ListenerFrame:
        whole[frame.index] = 1 + frame.index
        if frame.index == dialogue.frames - 1:
            whole[:] = 1000.0
        return ListenerFrame(face=whole[frame.index])

    play(dialogue, step, played)
    assert [float(frame.face[0]) for frame in played[1:]] == [float(i) for i in range(1, dialogue.frames)]


def test_input_arrays_have_no_future_behind_them(tmp_path: Path) -> None:
    """A frame was a view of the decoded clip, so that ``frame.audio.base`` was the clip."""
    for frame in speaker_frames(recording(tmp_path), Transcript(), images=True):
        assert frame.face.base is None
        assert frame.audio.base is None
        assert frame.image is not None
        assert frame.image.base is None


def test_a_model_that_spoils_its_input_spoils_nobody_elses(tmp_path: Path) -> None:
    """A model normalised its input in place, and the next frame, held over a lost face, was the spoilt one."""
    dialogue, played = recording(tmp_path), []
    file = tmp_path / "data/test/vector/speaker/a.npy"
    lost = np.load(file)
    lost[5:] = np.nan
    np.save(file, lost)
    held = dialogue.speaker.face(4, 5)[0]

    def step(frame: SpeakerFrame) -> ListenerFrame:
        answer = frame.face.copy()
        frame.face[:] = 9.0
        return ListenerFrame(face=answer)

    play(dialogue, step, played)
    np.testing.assert_array_equal(played[-1].face, held)


def test_no_descriptor_of_the_models_process_leads_to_the_data(tmp_path: Path) -> None:
    """The harness kept the speaker's recording open, and every descriptor of the process was the model's as well."""
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=1.0)
    arguments = ["run", "--model", f"{LISTENERS}:Inventory", "--data", str(data), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--no-score", "--no-video"]) == 0
    names = [word.text for word in Predictions(tmp_path / "out").words("a")]
    assert any(name.startswith("socket:") for name in names), "the way to the harness"
    assert not [name for name in names if name.startswith(str(tmp_path))]


def test_failures_stay_in_the_denominator(tmp_path: Path) -> None:
    """80 of 100 with 10 errors read as 88.9 %: the failures had left the denominator."""
    data = write_dataset(tmp_path / "data", ids=("a", "b", "c"), seconds=1.0, modalities=("text", "audio", "vector"))
    out = tmp_path / "out"
    arguments = ["run", "--model", f"{LISTENERS}:Failing", "--data", str(data), "--out", str(out), "--workers", "0"]
    assert main([*arguments, "--protocol", "strict", "--no-video"]) == 5
    rouge = json.loads((out / "scores.json").read_text())["metrics"]["rouge_l"]
    assert rouge["n_expected"] == 3


def play(dialogue: Dialogue, step: object, played: list[PlayedFrame]) -> None:
    dataset = open_dataset(str(dialogue.speaker.path("vector").parents[3]))
    context = make_context(dataset, "test", dialogue, 0)
    card = ModelCard("test", "1", "online", ("face",), "")
    player = Player(dialogue, context, card, Transcript(), played.append)
    while player.advance(step):
        pass
