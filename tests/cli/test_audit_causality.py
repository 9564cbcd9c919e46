"""The causality audit: cheaters are caught, each for what it did, and honest listeners pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.audit.causality import AuditRequest, CausalityReport, audit_causality, choose_cuts
from omnibench.cli import main
from omnibench.errors import MismatchError, UsageError
from omnibench.responder import ModelOptions

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("audited"), ids=("a", "b"), seconds=1.6)


@pytest.fixture(autouse=True)
def _tests_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TESTS))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


def audit(data: Path, listener: str, file: str = "cheaters", batch: int = 1, **settings: str) -> CausalityReport:
    model = f"{TESTS / file}.py:{listener}"
    options = ModelOptions(settings=settings)
    return audit_causality(AuditRequest(model, str(data), "test", batch, 1, 2, options=options, batch=batch))


def kinds(report: CausalityReport) -> set[str]:
    return {violation.kind for violation in report.violations}


@pytest.mark.parametrize(("listener", "file"), [("Echo", "listeners"), ("Watcher", "cheaters")])
def test_honest_listeners_pass(data: Path, listener: str, file: str) -> None:
    report = audit(data, listener, file)
    assert report.violations == ()
    assert len(report.probes) == 1
    assert report.probes[0].compared == report.probes[0].cut + 1
    report.raise_for_violations()


@pytest.mark.parametrize("listener", ["Peeker", "Normaliser"])
def test_answers_that_depend_on_the_future_are_caught(data: Path, listener: str) -> None:
    """One reads a frame ahead in the harness's buffer, the other normalises over the whole clip."""
    report = audit(data, listener)
    assert kinds(report) == {"future"}
    assert report.violations[0].what.startswith("face of step")
    with pytest.raises(MismatchError, match="not causal"):
        report.raise_for_violations()


def test_dialogues_in_lock_step_are_heard_to_the_end_of_the_last(data: Path) -> None:
    """One that answers with what another dialogue's speaker does sees that one's future."""
    assert audit(data, "Choir", "listeners", batch=2).violations == ()
    assert kinds(audit(data, "Gossip", batch=2)) == {"future"}


@pytest.mark.parametrize("listener", ["FileFinder", "ThreadedFinder", "Early"])
def test_opening_the_data_set_is_caught(data: Path, listener: str) -> None:
    report = audit(data, listener, root=str(data))
    assert "file" in kinds(report)
    assert any(str(data) in violation.what for violation in report.violations)


def test_reading_the_data_set_beneath_python_is_caught(data: Path) -> None:
    """The original is mounted over with the copy, so that even a C library reads another future there."""
    report = audit(data, "QuietFileFinder", path=str(data / "test" / "audio" / "speaker" / "a.wav"))
    if not report.hidden:
        pytest.skip("this system grants no mount namespace")
    assert kinds(report) == {"future"}


def test_asking_another_process_is_caught(data: Path) -> None:
    assert kinds(audit(data, "Outsourcer")) == {"process"}


def test_answers_that_do_not_repeat_are_a_kind_of_their_own(data: Path) -> None:
    assert "determinism" in kinds(audit(data, "Dice"))


def test_a_listener_that_fails_is_not_certified(data: Path) -> None:
    model = f"{TESTS / 'listeners.py'}:Failing"
    options = ModelOptions(settings={"at": 1})
    report = audit_causality(AuditRequest(model, str(data), dialogues=2, cuts=1, seed=2, options=options))
    assert kinds(report) == {"failed"}
    assert "no idea what to say" in report.violations[0].what


def test_controls_with_an_oracle_are_refused(data: Path) -> None:
    with pytest.raises(UsageError, match="nothing to audit"):
        audit_causality(AuditRequest("ground_truth", str(data)))


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
    assert main([*arguments, "--model", f"{TESTS / 'cheaters.py'}:Peeker"]) == 6
    shown = capsys.readouterr()
    assert "violation, future: " in shown.out
    assert "DIFFERS" in shown.out
    assert shown.err.startswith("omnibench: listener is not causal")
