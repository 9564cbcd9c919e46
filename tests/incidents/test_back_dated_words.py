"""A model that waited a second and then claimed to have begun at once had the best floor-transfer offset of all.

Only a word's end was bounded, by the present. ``Word("Right.", heard, now)`` said a second after the speaker's last
word began where that word ended: an offset of 0.01 s, against 0.97 s with an honest start, and the tutorial taught it.
The frame in which the clock received a word is kept with the run, and a start counts no earlier than its receipt less
the time that saying it may take.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from hypothesis import given
from hypothesis import strategies as st

from omnibench.cli import main
from omnibench.predictions.folder import Predictions
from omnibench.predictions.receipts import counted_words, plausible_seconds
from omnibench.types import Word

LISTENER = """
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame, Word


class Late:
    card = ModelCard("late", "1", "online", ("words",), "Answers a second after the speaker's last word.")

    def __init__(self, honest=False):
        self.honest = honest

    def open(self, context):
        self.fps, self.heard, self.owes = float(context.fps), 0.0, False
        return self

    def step(self, frame):
        now = (frame.index + 1) / self.fps
        if frame.words:
            self.heard, self.owes = frame.words[-1].end, True
        if self.owes and now - self.heard >= 1.0:
            self.owes = False
            start = now - 0.4 if self.honest else self.heard + 0.01
            return ListenerFrame(words=(Word("Right.", start, now),))
        return ListenerFrame()

    def close(self):
        pass
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(
        tmp_path_factory.mktemp("data"), ids=("a", "b", "c"), seconds=6.0, modalities=("audio", "vector", "text")
    )


def offset(data: Path, folder: Path, *more: str) -> dict[str, object]:
    model = folder / "late.py"
    model.write_text(LISTENER, encoding="utf-8")
    arguments = ["run", "--model", f"{model}:Late", "--data", str(data), "--protocol", "offline", *more]
    assert main([*arguments, "--out", str(folder / "out")]) == 0
    return json.loads((folder / "out" / "scores.json").read_text())["metrics"]["floor_transfer_offset"]


def test_a_claim_gains_nothing(data: Path, tmp_path: Path) -> None:
    claimed = offset(data, tmp_path)
    assert claimed["value"] > 0.5
    assert "times:claimed" not in claimed["signature"]
    received = Predictions(tmp_path / "out")
    for name in received.ids:
        assert len(received.word_steps(name)) == len(received.words(name))


def test_an_honest_start_keeps_its_place(data: Path, tmp_path: Path) -> None:
    honest = offset(data, tmp_path, "--set", "honest=true")["value"]
    assert 0.5 < honest < 0.7


def test_the_human_listener_is_hardly_worse_than_itself(data: Path, tmp_path: Path) -> None:
    """Words that last longer than their letters may begin where they did, as long as they begin no turn: with each word
    moved, the ground truth's own backchannels were 84 % right.
    """
    out = tmp_path / "out"
    arguments = ["run", "--model", "ground_truth", "--data", str(data), "--protocol", "offline", "--no-video"]
    assert main([*arguments, "--out", str(out)]) == 0
    metrics = json.loads((out / "scores.json").read_text())["metrics"]
    assert metrics["fto_wasserstein"]["value"] <= 0.05
    lines = [json.loads(line) for line in (out / "samples.jsonl").read_text().splitlines()]
    counts = [line["metrics"]["answered_2s"]["statistics"] for line in lines]
    assert sum(found["answered"] for found in counts) == sum(found["turns"] for found in counts) > 0
    texts = [word.text for name in ("a", "b", "c") for word in Predictions(out).words(name)]
    assert any(plausible_seconds(text) < 0.3 for text in texts), "words that take longer than their letters may"


def test_a_folder_without_receipts_is_marked(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offset(data, tmp_path)
    out = tmp_path / "out"
    for name in ("timing", "run.json", "journal.jsonl"):
        (out / name).rename(tmp_path / name)
    found = tmp_path / "found.json"
    arguments = ["score", str(out), "--data", str(data), "--protocol", "offline", "--json", str(found)]
    assert main([*arguments, "--metrics", "floor_transfer_offset,talk_ratio"]) == 0
    metrics = json.loads(found.read_text())["metrics"]
    assert "times:" not in metrics["talk_ratio"]["signature"]
    entry = metrics["floor_transfer_offset"]
    assert entry["value"] < 0.05
    assert "|times:claimed" in entry["signature"]
    said = capsys.readouterr().out
    assert "times as claimed, since nobody kept when the words came: floor_transfer_offset\n" in said


def test_a_receipt_for_each_word(data: Path, tmp_path: Path) -> None:
    offset(data, tmp_path)
    timing = tmp_path / "out" / "timing" / "a.npz"
    with np.load(timing) as stored:
        np.savez(timing, **{**stored, "word_steps": np.zeros(9, np.int64)})
    answer = Predictions(tmp_path / "out").sample("a", Fraction(25))
    with pytest.raises(Exception, match="9 receipts of words, expected 1"):
        assert answer.timed_words(0.5)


@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    claimed=st.floats(0, 10),
    length=st.floats(0, 5),
    waited=st.integers(0, 200),
)
def test_no_claim_counts_from_earlier_than_its_receipt_allows(
    text: str, claimed: float, length: float, waited: int
) -> None:
    fps = Fraction(30000, 1001)
    end = claimed + length
    step = int(end * fps) + waited
    (counted,) = counted_words([Word(text, claimed, end)], [step], fps, 0.5)
    receipt = float((step + 1) / fps)
    assert counted.start >= max(claimed, receipt - plausible_seconds(text)) - 1e-9
    assert counted.start <= counted.end <= receipt + 1e-9
