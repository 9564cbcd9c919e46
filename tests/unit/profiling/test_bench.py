"""The bench: a speaker of known frames, models of known cost, and the command's figures."""

import json
import mmap
import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from omnibench.cli import main
from omnibench.errors import ModelFailure, UsageError
from omnibench.profiling.plot import draw_curve
from omnibench.profiling.report import format_curve
from omnibench.profiling.speaker import SAMPLE_RATE, bench_context, speaker_frames, voice
from omnibench.profiling.stepping import bench_model
from omnibench.responder import ModelCard
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
        if self.ballast:  # from the system itself: an allocator may have as much at hand from earlier tests
            self.kept.append(mmap.mmap(-1, self.ballast))
            self.kept[-1].write(b"1" * self.ballast)
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


class HopperBatch(list[HopperSession]):
    """Lock-step that takes as long as one."""

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        answer = self[0].step(frames[0])  # type: ignore[arg-type]
        return [answer] * len(frames)


class Hoppers(Hopper):
    def open_batch(self, contexts: Sequence[DialogueContext]) -> HopperBatch:
        assert len({context.dialogue for context in contexts}) == len(contexts)
        return HopperBatch(self.open(context) for context in contexts)

    def conditions(self, fps: Fraction) -> dict[str, str]:
        return {"window": f"10 frames at {fps}"}


def test_throughput_compares_lock_step_with_one_alone() -> None:
    report = bench_model(Hoppers, 0.1, Fraction(25), 0, lambda _: None, batch=8)
    assert report.throughput is not None
    assert 4 < report.throughput.gain < 16
    assert report.title == "hopper, 25 fps, window 10 frames at 25, 8 dialogues in lock-step"
    with pytest.raises(UsageError, match="--batch"):
        bench_model(Hopper, 0.1, Fraction(25), 0, lambda _: None, batch=2)


def test_curves_have_a_row_a_minute(tmp_path: Path) -> None:
    report = bench_model(Hopper, 1.1, Fraction(2), 0, lambda _: None)
    header, *rows = format_curve(report).splitlines()
    assert header.startswith("minute,ordinary_p50_ms,")
    assert [row.split(",")[0] for row in rows] == ["1", "2"]
    assert report.curve[0].ordinary.steps + report.curve[0].hop.steps == 120 - 1  # type: ignore[union-attr]
    assert sum(minute.hop.steps for minute in report.curve if minute.hop) == report.hop.steps  # type: ignore[union-attr]
    draw_curve(report, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_memory_that_a_session_keeps_shows_as_growth() -> None:
    kept = bench_model(lambda: Hopper(ballast=2_000_000), 0.1, Fraction(25), 0, lambda _: None)
    assert kept.growth_mib > 150  # 150 * 1.9 MiB, less what is given back meanwhile


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
    curve = tmp_path / "curve.csv"
    command = ["bench", f"{model}:Echo", "--minutes", "0.05"]
    assert main([*command, "--json", str(figures), "--curve", str(curve)]) == 0
    printed = capsys.readouterr().out
    assert "ordinary steps" in printed
    assert "real-time factor" in printed
    assert "hop steps" not in printed
    document = json.loads(figures.read_text(encoding="utf-8"))
    assert document["ordinary"]["steps"] == 74
    assert document["model"] == "echo"
    assert "hop" not in document
    assert len(curve.read_text(encoding="utf-8").splitlines()) == 2
    assert main([*command, "--curve", str(tmp_path / "curve.gif")]) == 2
    assert main([*command, "--batch", "2"]) == 2


@pytest.mark.parametrize("fps", ["0", "1/0", "fast"])
def test_a_frame_rate_that_is_none_is_a_usage_error(fps: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "silence", "--fps", fps]) == 2
    assert "--fps" in capsys.readouterr().err
