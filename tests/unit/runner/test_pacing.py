"""Real time: a clock that waits against the arithmetic, what a model does when it is not asked, and what is charged."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from slowed import Counting
from test_clock import ArrayTrack

from omnibench.datasets.transcript import Transcript
from omnibench.predictions.pace import first_frames, ready_frames
from omnibench.responder import ModelCard
from omnibench.runner import clock, remote, stopwatch
from omnibench.runner.clock import Player
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.paceable import charged, charges
from omnibench.runner.remote import RemoteModel
from omnibench.system.process_tree import Spent, adopt_orphans, own_children, times_put_off
from omnibench.system.spawning import spawn
from omnibench.types import Dialogue, DialogueContext, SpeakerFrame

SLOWED = Path(__file__).parents[2] / "support" / "slowed.py"
CONTEXT = DialogueContext("d", Fraction(25), 8000, 0)
CARD = ModelCard("counting", "1", "online", ("face", "audio", "words"), "of these tests")


class Wall:
    """A wall clock that goes on only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 100.0

    def spend(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    faked = SimpleNamespace(perf_counter=lambda: wall.now, sleep=wall.spend)
    for module in (clock, stopwatch):
        monkeypatch.setattr(module, "time", faked)
    return wall


def test_a_clock_that_waits_gets_the_answers_when_the_arithmetic_says(wall: Wall) -> None:
    """Steps of all lengths, an opening of .2 s, and work between the steps, 12 s of dialogue: each answer is there in
    the frame that follows from the times that were kept.
    """
    rng = np.random.default_rng(3)
    frames = 300
    steps = rng.choice([0.002, 0.03, 0.09, 0.4], frames, p=[0.6, 0.3, 0.08, 0.02])
    between = rng.choice([0.0, 0.01], frames)
    busy = 0.0

    def spent() -> Spent:
        return Spent(busy, 0.0)

    track = ArrayTrack(frames, frames * 320)
    dialogue = Dialogue("d", Fraction(25), 8000, track, track)
    player = Player(dialogue, CONTEXT, CARD, Transcript(), lambda _: None, spent, waits=True)
    model = Counting().open(CONTEXT)
    begin = wall.now
    wall.spend(0.2)
    busy += 0.2
    player.opened(begin, wall.now, Spent(0.0, 0.0))

    def step(frame):
        nonlocal busy
        wall.spend(steps[frame.index])
        busy += steps[frame.index]
        return model.step(frame)

    for index in range(frames):
        wall.spend(between[index])
        busy += between[index]
        # The harness's own work costs no model anything.
        wall.spend(0.003)
        assert player.advance(step)
    times = player.timing(0.2, (0.0, 0.0))
    cost = charges({**times, "open_seconds": np.array(0.2)}, elsewhere=False)
    ready = ready_frames(cost.steps, cost.between, cost.opening, Fraction(25))
    waited = times["ready_seconds"] * 25
    assert np.abs(ready - waited).max() < 1e-6
    assert np.array_equal(first_frames(ready + 1e-9), first_frames(waited + 1e-9))
    assert (first_frames(ready) > np.arange(frames) + 1).any()
    # The answers are those of virtual time all the same.
    assert times["handed_face"].tolist() == [1] * frames


def test_what_others_did_with_the_processor_is_not_charged_but_own_work_is() -> None:
    wall, processor = np.array([0.5, 0.5, 0.5, 0.01]), np.array([0.02, 0.02, 0.45, 0.2])
    waited = np.array([0.0, 0.45, 0.45, 0.2])
    assert charged(wall, processor, waited).round(6).tolist() == [0.5, 0.05, 0.45, 0.01]


def test_on_an_accelerator_or_a_server_all_that_passes_is_the_models() -> None:
    each = {"step_seconds": 0.1, "processor_seconds": 0.001, "waited_seconds": 0.09, "between_seconds": 0.0}
    times = {name: np.array([value]) for name, value in {**each, "gap_seconds": 0.03}.items()}
    times |= {name: np.array(0.2) for name in ("open_seconds", "open_processor", "open_waited")}
    assert charges(times, elsewhere=True).between.tolist() == [0.03]
    assert charges(times, elsewhere=True).steps.tolist() == [0.1]
    assert charges(times, elsewhere=False).steps.round(6).tolist() == [0.01]


def until(done, seconds: float = 120.0) -> bool:
    """Whether it comes to that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux alone tells of children and of waiting")
def test_work_in_a_thread_a_child_or_a_daemon_is_counted_and_children_without_a_trace_are_refused() -> None:
    """Each answers at once and works .1 s where it is not asked."""
    process, connection = spawn(_hidden)
    try:
        assert connection.recv() == dict.fromkeys(("thread", "child", "daemon", "traceless"), True)
    finally:
        process.kill()
        process.join()


def _hidden(connection: Connection) -> None:
    """As a worker does, which alone adopts what a daemon's parent leaves."""
    adopt_orphans()
    model = RemoteModel(ModelSpec(f"{SLOWED}:Hiding", settings={"cost": 2.5}))
    frame = SpeakerFrame(0, np.zeros(64, np.float32), np.zeros(320, np.float32), ())
    found = {}
    try:
        for way in ("thread", "child", "daemon"):
            (session,) = model.open([CONTEXT])
            session.step(frame)
            before = model.spent().processor
            counted = until(lambda: model.spent().processor - before > 0.05)  # noqa: B023
            found[way] = counted and until(lambda: _rests(model))
        (session,) = model.open([CONTEXT])
        session.step(frame)
        found["traceless"] = until(lambda: np.isnan(model.spent().processor))
        connection.send(found)
    finally:
        model.close()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux alone tells of children and of waiting")
def test_who_waits_for_its_own_children_and_threads_is_charged_for_both() -> None:
    """Each step waits .25 s for something elsewhere, and for a processor that the model itself keeps busy: charged is
    all of both, whatever other programs do at the time.
    """
    process, connection = spawn(_crowding)
    try:
        for way, (step, processor, raw) in connection.recv().items():
            assert step >= 0.25 + 0.95 * processor, way
            # What it had hoped for.
            assert raw > 0.02, way
    finally:
        process.kill()
        process.join()


def _crowding(connection: Connection) -> None:
    adopt_orphans()
    model = RemoteModel(ModelSpec(f"{SLOWED}:Crowding", settings={"cost": 12.5}))
    frame = SpeakerFrame(0, np.zeros(64, np.float32), np.zeros(320, np.float32), ())
    found = {}
    try:
        for way in ("child", "thread"):
            (session,) = model.open([CONTEXT])
            before, begin = model.spent(), time.perf_counter()
            session.step(frame)
            wall, after = time.perf_counter() - begin, model.spent()
            spent = after.since(before)
            step = charged(*map(np.array, (wall, spent.processor, spent.waited)))
            hoped = wall - charged(*map(np.array, (wall, spent.processor, after.waited - before.waited)))
            found[way] = float(step), spent.processor, float(hoped)
        connection.send(found)
    finally:
        model.close()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux alone tells of children and of waiting")
def test_a_users_own_process_adopts_nobody() -> None:
    """A process that another one leaves behind goes to the system, which waits for it, not to this one, which does not.
    Incident: workers of a run that had been killed stayed as zombies of whatever process had once played a model.
    """
    model = RemoteModel(ModelSpec(f"{SLOWED}:Counting"))
    model.close()
    before = own_children()
    leaving = "import os, time; os.fork() or (time.sleep(1), os._exit(0)); os._exit(0)"
    subprocess.run([sys.executable, "-c", leaving], check=True)
    assert own_children() == before


@pytest.mark.parametrize(("put_off", "forgiven"), [([0, 0], 0.75), ([0, 1], 0.25)])
def test_who_is_put_off_its_processor_while_the_model_is_at_work_is_forgiven_none_of_it(
    put_off: list[int], forgiven: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness has waited .5 s when the answer is there, and .25 s more when it has read it. Incident: with 25
    programs on two cores a listener's steps of 1.9 frames were charged as .7.
    """
    model = RemoteModel(ModelSpec(f"{SLOWED}:Counting"))
    try:
        (session,) = model.open([CONTEXT])
        waits, times = iter([10.0, 10.5, 10.75]), iter(put_off)
        with monkeypatch.context() as patch:
            patch.setattr(remote, "waited_seconds", lambda _: next(waits))
            patch.setattr(remote, "times_put_off", lambda: next(times))
            patch.setattr(remote, "tree_spent", lambda *_: Spent(0.0, 0.0))
            before = model.spent().waited
            session.step(SpeakerFrame(0, np.zeros(64, np.float32), np.zeros(320, np.float32), ()))
            assert model.spent().waited - before == pytest.approx(forgiven)
    finally:
        model.close()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux alone tells of children and of waiting")
def test_who_shares_a_processor_is_put_off() -> None:
    process, connection = spawn(_sharing)
    try:
        assert connection.recv()
    finally:
        process.kill()
        process.join()


def _sharing(connection: Connection) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    before = times_put_off()

    def worked() -> bool:
        sum(range(1_000_000))
        return times_put_off() > before

    try:
        connection.send(until(worked))
    finally:
        other.kill()
        other.wait()


def _rests(model: RemoteModel) -> bool:
    before = model.spent().processor
    time.sleep(0.2)
    return model.spent().processor - before < 0.02
