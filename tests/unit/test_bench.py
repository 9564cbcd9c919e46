"""The bench: a speaker of known frames, models of known cost, and the command's figures."""

import json
import time
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from omnibench.benchmark.speaker import SAMPLE_RATE, bench_context, speaker_frames, voice
from omnibench.benchmark.stepping import bench_model
from omnibench.cli import main
from omnibench.errors import UsageError
from omnibench.responder import ModelCard
from omnibench.runner.answers import ModelFailure
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

HOP_SECONDS = 0.02


class Hopper:
    """Hops every 10 steps and takes its time over it; keeps ``ballast`` bytes a step."""

    card = ModelCard("hopper", "1", "online", ("face",), "for tests", inputs=("face", "image"))

    def __init__(self, ballast: int = 0) -> None:
        self.ballast = ballast

    def open(self, context: DialogueContext) -> "HopperSession":
        return HopperSession(self.ballast)


class HopperSession:
    def __init__(self, ballast: int) -> None:
        self.hop_steps, self.closed, self.ballast, self.kept = 0, False, ballast, []

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        assert frame.image is not None
        if frame.index and frame.index % 10 == 0:
            self.hop_steps += 1
            time.sleep(HOP_SECONDS)
        self.kept.append(np.ones(self.ballast, np.uint8))
        return ListenerFrame(face=frame.face)

    def close(self) -> None:
        self.closed = True


class Breaks(Hopper):
    def open(self, context: DialogueContext) -> "HopperSession":
        class Broken(HopperSession):
            def step(self, frame: SpeakerFrame) -> ListenerFrame:
                raise ZeroDivisionError("at frame 0")

        return Broken(0)


def test_hop_steps_are_told_from_ordinary_ones() -> None:
    report = bench_model(Hopper, 0.1, Fraction(25), 0, lambda _: None)
    assert report.hop is not None
    assert report.ordinary is not None
    assert (report.hop.steps, report.ordinary.steps) == (14, 150 - 1 - 14)
    assert report.hop.p50_ms >= 1000 * HOP_SECONDS
    assert report.ordinary.p90_ms < 1000 * HOP_SECONDS
    assert report.real_time_factor >= 14 * HOP_SECONDS / 6.0


def test_memory_that_a_session_keeps_shows_as_growth() -> None:
    kept = bench_model(lambda: Hopper(ballast=2_000_000), 0.1, Fraction(25), 0, lambda _: None)
    assert kept.growth_mib > 150  # 150 * 1.9 MiB, less what the allocator had at hand


def test_a_model_that_breaks_is_named_with_its_step() -> None:
    with pytest.raises(ModelFailure, match="step 0 raised ZeroDivisionError"):
        bench_model(Breaks, 0.1, Fraction(25), 0, lambda _: None)


def test_controls_that_replay_the_human_are_refused() -> None:
    class Replay:
        card = ModelCard("replay", "1", "control", ("face",), "for tests")

    with pytest.raises(UsageError, match="omnibench models"):
        bench_model(Replay, 0.1, Fraction(25), 0, lambda _: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001)])
def test_the_speaker_plays_exact_frames_and_each_word_once_at_its_end(fps: Fraction) -> None:
    context = bench_context(fps, 0)
    frames = list(islice(speaker_frames(context, images=False), round(20 * fps)))
    samples = np.concatenate([frame.audio for frame in frames])
    assert len(samples) == context.samples_before(len(frames))
    assert np.array_equal(samples, voice(0, len(samples), SAMPLE_RATE))
    words = [(frame, word) for frame in frames for word in frame.words]
    assert len(words) == len({word.start for _, word in words}) >= 30
    assert all(f.index / fps < w.end <= (f.index + 1) / fps + 1e-9 for f, w in words)
    assert all(a.end <= b.start + 1e-9 for (_, a), (_, b) in pairwise(words))


MODEL = """
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame

class Echo:
    card = ModelCard("echo", "1", "online", ("face",), "for tests")
    def open(self, context):
        return self
    def step(self, frame):
        return ListenerFrame(face=frame.face)
    def close(self):
        pass
"""


def test_the_command_prints_a_table_and_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, figures = tmp_path / "echo.py", tmp_path / "bench.json"
    model.write_text(MODEL, encoding="utf-8")
    assert main(["bench", f"{model}:Echo", "--minutes", "0.05", "--json", str(figures)]) == 0
    printed = capsys.readouterr().out
    assert "ordinary steps" in printed
    assert "real-time factor" in printed
    assert "hop steps" not in printed
    document = json.loads(figures.read_text(encoding="utf-8"))
    assert document["ordinary"]["steps"] == 74
    assert document["model"] == "echo"
    assert "hop" not in document


@pytest.mark.parametrize("fps", ["0", "1/0", "fast"])
def test_a_frame_rate_that_is_none_is_a_usage_error(fps: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "silence", "--fps", fps]) == 2
    assert "--fps" in capsys.readouterr().err
