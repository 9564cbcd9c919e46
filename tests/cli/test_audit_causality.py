"""The causality audit: cheaters are caught, each for what it did, and honest listeners pass."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.audit.causality import (
    CausalityReport,
    Finding,
    audit_causality,
    choose_cuts,
    moved_with_the_future,
)
from omnibench.audit.listen import Heard, PassResult
from omnibench.audit.request import AuditRequest
from omnibench.cli import main
from omnibench.errors import InputError, MismatchError, UsageError
from omnibench.responder import ModelOptions

SUPPORT = Path(__file__).parents[1] / "support"
FACES = "vector/speaker/a.npy"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("recorded"), ids=("a", "b"), seconds=1.6)


@pytest.fixture(autouse=True)
def _tests_are_importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path) -> None:
    monkeypatch.syspath_prepend(str(SUPPORT))
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    monkeypatch.setenv("CHEATERS_DATA", str(data))
    monkeypatch.chdir(tmp_path)


def model_of(listener: str, file: str = "cheaters") -> str:
    return f"{SUPPORT / file}.py:{listener}"


def audit(data: Path, listener: str, file: str = "cheaters", batch: int = 1, **settings: object) -> CausalityReport:
    options = ModelOptions(settings=settings)
    return audit_causality(
        AuditRequest(model_of(listener, file), str(data), "test", batch, 1, 2, options=options, batch=batch)
    )


def kinds(report: CausalityReport) -> set[str]:
    return {finding.kind for finding in report.findings}


def test_an_honest_listener_passes(data: Path) -> None:
    report = audit(data, "Echo", "listeners")
    assert report.findings == ()
    assert len(report.probes) == 1
    assert report.probes[0].compared == report.probes[0].cut + 1
    report.raise_for_findings()


def test_looking_at_pictures_is_honest(data: Path) -> None:
    """The copy's pictures are the recording's, pixel by pixel, though its video is another file."""
    assert audit(data, "Watcher", "honest").findings == ()


def test_weights_that_a_setting_names_are_honest_and_part_of_the_run(data: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.npy"
    np.save(weights, np.ones(64, np.float32))
    assert audit(data, "Weighted", "honest", weights=str(weights)).findings == ()
    out = str(tmp_path / "out")
    run = ["run", "--model", model_of("Weighted", "honest"), "--data", str(data), "--no-score", "--out", out]
    assert main([*run, "--set", f"weights={weights}"]) == 0
    np.save(weights, np.zeros(64, np.float32))
    assert main([*run, "--set", f"weights={weights}"]) == 2


def test_a_temporary_folder_below_another_is_there(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a batch system sets TMPDIR. The honest model writes a temporary file."""
    np.save(tmp_path / "weights.npy", np.ones(64, np.float32))
    with tempfile.TemporaryDirectory(dir="/tmp") as own:
        monkeypatch.setenv("TMPDIR", own)
        monkeypatch.setattr(tempfile, "tempdir", None)
        assert audit(data, "Weighted", "honest", weights=str(tmp_path / "weights.npy")).findings == ()


def test_a_log_is_honest(data: Path) -> None:
    assert audit(data, "Chatty", "honest").findings == ()


def test_a_model_that_heeds_none_but_its_own_dialogue_passes_in_lock_step(data: Path) -> None:
    assert audit(data, "Choir", "listeners", batch=2).findings == ()


def test_dialogues_in_lock_step_are_heard_to_the_end_of_the_last(data: Path) -> None:
    """One that answers with what another dialogue's speaker does sees that one's future."""
    assert "future" in kinds(audit(data, "Gossip", batch=2))


@pytest.mark.parametrize("listener", ["Peeker", "Normaliser", "Lazy"])
def test_what_looks_for_the_future_in_its_own_process_finds_none(data: Path, listener: str, tmp_path: Path) -> None:
    """One searches the harness's buffer, one its tracks, one answers with objects that are read later: no such buffer
    or track is there, and answers are read at once. Their answers are those of an honest one.
    """
    report = audit(data, listener)
    assert report.findings == ()
    for name in (listener, "Listener"):
        arguments = ["run", "--model", model_of(name), "--data", str(data), "--no-score", "--no-video"]
        assert main([*arguments, "--out", str(tmp_path / name)]) == 0
    found = [(tmp_path / name / "vector" / "a.npy").read_bytes() for name in (listener, "Listener")]
    assert found[0] == found[1]


@pytest.mark.parametrize("listener", ["SecondAhead", "FrameAhead", "FileFinder", "ThreadedFinder", "Early"])
def test_opening_the_data_set_is_a_violation(data: Path, listener: str) -> None:
    report = audit(data, listener, root=str(data))
    assert "file" in kinds(report)
    assert any(str(data) in finding.what for finding in report.violations)
    with pytest.raises(MismatchError, match="not causal"):
        report.raise_for_findings()


def test_where_the_environment_says_it_lies_too(data: Path) -> None:
    assert "file" in kinds(audit(data, "Told"))


def test_reading_the_data_set_beneath_python_is_caught(data: Path) -> None:
    """The original is mounted over with the copy, so that even a C library reads another future there."""
    report = audit(data, "QuietFileFinder", path=str(data / "test" / "audio" / "speaker" / "a.wav"))
    if not report.hidden:
        pytest.skip("this system grants no mount namespace")
    assert {"future"} <= kinds(report)


def test_who_behaves_only_when_watched_cannot_be_certified(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It looks for every sign of an audit, and into the data where it finds none: in the run before the audit, and in
    a run of last week, which may as well be a run of another processor.
    """
    report = audit(data, "Wary")
    assert "unreproduced" in kinds(report)
    assert not any("processor" in finding.what for finding in report.findings)
    with pytest.raises(MismatchError):
        report.raise_for_findings()
    run = ["run", "--model", model_of("Wary"), "--data", str(data), "--no-score", "--no-video"]
    assert main([*run, "--out", str(tmp_path / "run")]) == 0
    arguments = ["audit", "causality", "--run", str(tmp_path / "run"), "--model", model_of("Wary"), "--data", str(data)]
    assert main([*arguments, "--cuts", "1"]) == 6
    assert "not as in the run; last bits differ between processors" in capsys.readouterr().out


@pytest.mark.parametrize("listener", ["Remembering", "BesideItself", "Neighbour"])
def test_what_a_run_left_for_the_next_is_out_of_reach(data: Path, listener: str, tmp_path: Path) -> None:
    """The first run is honest and keeps what it hears; the second knows the future. Neither a temporary file, nor one
    beside the model, nor shared memory is there in the audit.
    """
    kept = [Path("/tmp/cheaters-remember.json"), SUPPORT / "remembered.json", Path("/dev/shm/cheaters-remember.json")]  # noqa: S108
    run = ["run", "--model", model_of(listener), "--data", str(data), "--no-score", "--no-video", "--workers", "1"]
    audited = ["audit", "causality", "--model", model_of(listener), "--data", str(data), "--cuts", "1"]
    try:
        for name in ("first", "second"):
            assert main([*run, "--out", str(tmp_path / name)]) == 0
        vectors = [(tmp_path / name / "vector" / "a.npy").read_bytes() for name in ("first", "second")]
        assert vectors[0] != vectors[1], "the cheat works"
        assert main([*audited, "--run", str(tmp_path / "second")]) == 6
        assert main(audited) == 6
    finally:
        for path in kept:
            path.unlink(missing_ok=True)


def test_shared_memory_of_others_is_out_of_reach(data: Path) -> None:
    faces = np.load(data / "test" / FACES).astype(np.float32)
    block = SharedMemory(create=True, size=faces.nbytes)
    try:
        np.frombuffer(block.buf, np.float32)[:] = faces.ravel()
        report = audit(data, "Attached", block=block.name)
    finally:
        block.close()
        block.unlink()
    if not report.hidden:
        pytest.skip("this system grants no mount namespace")
    assert "unreproduced" in kinds(report)


@pytest.fixture
def informer(data: Path) -> Iterator[int]:
    """A server that tells everybody the speaker's faces; its port."""
    faces = np.load(data / "test" / FACES).astype(np.float32).tobytes()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.sendall(faces)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def test_asking_somebody_over_the_network_is_refused(data: Path, informer: int) -> None:
    assert kinds(audit(data, "Caller", port=informer)) == {"network", "unreproduced"}


def test_the_parents_open_files_are_those_of_the_copy(data: Path) -> None:
    report = audit(data, "Eavesdropper")
    assert kinds(report) & {"file", "future", "unreproduced"}


def test_asking_another_process_is_refused(data: Path) -> None:
    report = audit(data, "Outsourcer")
    assert kinds(report) == {"process"}
    assert report.violations == ()


def test_a_model_that_cannot_repeat_itself_is_not_certified_and_not_accused(data: Path) -> None:
    report = audit(data, "Dice")
    assert kinds(report) == {"unreproduced"}
    assert report.violations == ()
    with pytest.raises(MismatchError, match="cannot be certified"):
        report.raise_for_findings()


def test_one_that_repeats_itself_mostly_is_not_accused_either() -> None:
    """It gave the run's answers again by luck, others before the cut, and others again when it was asked once more."""

    def answers(*steps: str) -> PassResult:
        return PassResult({"a": Heard([(step,) for step in steps])}, [], True)

    moved = [Finding("future", "face of step 1", "a", 1)]
    steady = [(answers("x", "y"), answers("x", "y")), (answers("x", "z"), answers("x", "z"))]
    assert moved_with_the_future(moved, steady, []) == moved
    unsteady = [steady[0], (answers("x", "z"), answers("x", "y"))]
    assert [finding.kind for finding in moved_with_the_future(moved, unsteady, [])] == ["unreproduced"]
    assert moved_with_the_future(moved, steady, [Finding("unreproduced", "vector", "a")]) == []


def test_a_listener_that_fails_is_not_certified(data: Path) -> None:
    options = ModelOptions(settings={"at": 1})
    model = f"{SUPPORT / 'listeners.py'}:Failing"
    report = audit_causality(AuditRequest(model, str(data), dialogues=2, cuts=1, seed=2, options=options))
    assert kinds(report) == {"failed"}
    assert "no idea what to say" in report.findings[0].what


def test_controls_with_an_oracle_are_refused(data: Path) -> None:
    with pytest.raises(UsageError, match="nothing to audit"):
        audit_causality(AuditRequest("ground_truth", str(data)))


def test_another_models_run_is_refused(data: Path, tmp_path: Path) -> None:
    run = ["run", "--model", model_of("Listener"), "--data", str(data), "--no-score", "--no-video", "--seed", "5"]
    assert main([*run, "--out", str(tmp_path / "run")]) == 0
    request = AuditRequest(model_of("Lazy"), str(data), run=tmp_path / "run", seed=4)
    with pytest.raises(InputError, match=r"another run: seed differ"):
        audit_causality(request)
    with pytest.raises(InputError, match=r"no run\.json"):
        audit_causality(AuditRequest(model_of("Lazy"), str(data), run=tmp_path / "nothing"))


def test_cuts_are_spread_and_leave_a_future() -> None:
    for frames in (5, 40, 1000):
        cuts = choose_cuts(frames, 3, np.random.default_rng(0))
        assert cuts == sorted(cuts)
        assert cuts[0] >= 0
        assert cuts[-1] <= frames - 2


def test_the_command_prints_probes_and_exits_6(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["audit", "causality", "--data", str(data), "--dialogues", "1", "--cuts", "1"]
    assert main([*arguments, "--model", "parrot"]) == 0
    assert "1 probes" in capsys.readouterr().out
    assert main([*arguments, "--model", model_of("SecondAhead"), "--set", f"root={data}"]) == 6
    shown = capsys.readouterr()
    assert "violation, file: " in shown.out
    assert "NOT CAUSAL" in shown.out
    assert shown.err.splitlines()[-1].startswith("omnibench: listener is not causal")


def test_a_run_says_how_it_was_made(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["run", "--model", "parrot", "--data", str(data), "--no-score", "--no-video", "--seed", "5", "--transcript",
           "delayed:200", "--out", str(tmp_path / "run")]  # fmt: skip
    assert main(run) == 0
    assert main(["audit", "causality", "--run", str(tmp_path / "run"), "--data", str(data), "--cuts", "1"]) == 0
    assert "seed 5; reproduced: " in capsys.readouterr().out
    assert main(["audit", "causality"]) == 2


def test_a_package_that_is_installed_as_a_link_is_in_reach(data: Path, tmp_path: Path) -> None:
    """An editable package lies on no path of Python's; a model file that imports one could not be read in the audit."""
    model = tmp_path / "mine.py"
    model.write_text(
        "from baselines.controls.parrot import entry\nfrom honest import Chatty as Mine\n", encoding="utf-8"
    )
    line = [sys.executable, "-P", "-m", "omnibench", "audit", "causality", "--model", f"{model}:Mine"]
    done = subprocess.run([*line, "--data", str(data), "--cuts", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
