"""What a person meets who names a configuration, a checkpoint or a frame rate that do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_factory import write_dataset

from baselines.omniresponse import WEIGHTS
from baselines.omniresponse import entry as omniresponse
from omnibench.audit.causality import AuditRequest, audit_causality
from omnibench.cli import main
from omnibench.responder import ModelOptions

SUPPORT = Path(__file__).parents[1] / "support"
RUN = ["run", "--model", "omniresponse", "--limit", "1", "--workers", "0", "--no-score", "--no-video"]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_a_configuration_without_a_checkpoint_names_its_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RUN, "--out", str(tmp_path), "--config", "smollm2"]) == 3
    assert "omnibench train omniresponse --config smollm2" in said(capsys)


def test_an_unknown_configuration_lists_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--out", str(tmp_path), "--config", "phi4"]) == 4
    error = said(capsys)
    assert "--config phi4" in error
    assert "phi3.5, smollm2, tiny" in error


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--out", str(tmp_path), "--config", "smollm2", "--checkpoint", str(WEIGHTS)]) == 4
    assert 'is a checkpoint of the configuration "tiny", expected "smollm2"' in said(capsys)


def test_a_truncated_checkpoint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(WEIGHTS.read_bytes()[:100_000])
    assert main([*RUN, "--out", str(tmp_path / "run"), "--checkpoint", str(cut)]) == 4
    assert "not a whole safetensors file" in said(capsys)


def test_a_frame_rate_beyond_the_codec_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "omniresponse", "--fps", "60", "--minutes", "0.01"]) == 4
    assert "at most 50, the audio tokens of its codec a second" in said(capsys)


def test_mini_s_checkpoint_refuses_other_data(
    synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RUN, "--data", str(synthetic), "--out", str(tmp_path)]) == 4
    assert "--allow-transfer" in said(capsys)


def test_answers_on_a_pretrained_llm_do_not_know_the_future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hops included: 40 frames, of which 24 fit into the window."""
    monkeypatch.syspath_prepend(str(SUPPORT))
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    data = write_dataset(tmp_path, ids=("a", "b"), seconds=1.6)
    model = f"{SUPPORT / 'backbone_listeners.py'}:SmallLlama"
    report = audit_causality(AuditRequest(model, str(data), dialogues=1, cuts=1, seed=2))
    assert report.violations == ()
    assert report.probes[0].compared == report.probes[0].cut + 1


def test_a_configuration_without_a_checkpoint_is_measured_under_a_name_that_a_card_may_have() -> None:
    untrained = omniresponse.build_for_measuring(ModelOptions(settings={"name": "untrained-elsewhere"}))
    assert untrained.card.name == "omniresponse-untrained"
    assert "random weights" in untrained.card.summary
