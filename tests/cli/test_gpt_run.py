"""A whole run of a GPT baseline against a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_server import KEY, ChatServer, chatting
from data_factory import write_dataset

from omnibench.audit.causality import audit_causality
from omnibench.audit.request import AuditRequest
from omnibench.cli import main
from omnibench.files.journal import Journal
from omnibench.responder import ModelOptions

pytestmark = pytest.mark.needs("gpt")
IDS = ("a", "b", "c")
QUICK = {"pause": 0.4, "requests_per_minute": 100_000, "backoff": 0.01, "attempts": 2}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "audio", "vector"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ChatServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OMNIBENCH_CACHE", str(tmp_path / "cache"))
    with chatting() as found:
        yield found


def run(server: ChatServer, data: Path, out: Path, *more: str) -> int:
    settings = [word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")]
    return main(["run", "--model", "gpt-4o", "--base-url", server.address, "--data", str(data), "--out", str(out),
                 *settings, *more])  # fmt: skip


def test_text_in_its_place_and_the_papers_dashes_elsewhere(
    server: ChatServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs" / "gpt-4o"
    assert run(server, data, out, "--protocol", "offline", "--workers", "2") == 0
    printed = capsys.readouterr()
    assert f"gpt-4o (offline) on {data.name} test" in printed.out
    assert json.loads((out / "text" / "a.json").read_text())["text"].startswith("So ")
    assert sorted(p.name for p in out.iterdir() if p.is_dir()) == ["text", "timing"]

    manifest = json.loads((out / "run.json").read_text())
    assert manifest["account"]["questions"] == manifest["account"]["requests"] == len(server.requests) == 3
    assert manifest["account"]["cost_usd"] > 0
    metrics = json.loads((out / "scores.json").read_text())["metrics"]
    dashes = {name for name, entry in metrics.items() if entry.get("status") == "not_applicable"}
    assert dashes >= {"lse_d_mini", "dnsmos", "fd", "fvd_mini", "talk_ratio", "answered_2s", "step_p50"}
    assert f"|prompts:{manifest['identity']['fingerprint']['prompts']}" in metrics["rouge_l"]["signature"]

    assert main(["table", "2", "--runs", str(tmp_path / "runs")]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "gpt-4o (offline)" in line)
    # LSE-D, UTMOSv2, FD, FVD; the columns of their stand-ins, of which no row has a number, are left out.
    assert [cell.strip() for cell in row.split("|")][-5:-1] == ["·", "·", "–", "·"]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 8
    assert not any(KEY.encode() in path.read_bytes() for path in written)
    assert KEY not in printed.out + printed.err


def test_the_cap_stops_the_spending_and_a_higher_one_goes_on(
    server: ChatServer, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A question may cost 0.0115 dollars (600 bytes in, 1000 tokens out) and costs 0.0003: a cap of 0.0117 fits one.
    quick = ("--no-score", "--workers", "1", "--set", "max_tokens=1000")
    out = tmp_path / "out"
    assert run(server, data, out, *quick, "--set", "budget=0.0117") == 5
    assert "--set budget" in capsys.readouterr().err
    entries = Journal(out / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["ok", "infra_failed", "infra_failed"]
    assert len(server.requests) == 1
    assert run(server, data, out, *quick, "--set", "budget=1.0") == 0
    assert len(server.requests) == 3
    account = json.loads((out / "run.json").read_text())["account"]
    assert (account["requests"], account["from_cache"]) == (3, 0)
    assert run(server, data, out, *quick, "--fresh") == 0
    assert len(server.requests) == 3


def test_a_server_that_fails_costs_a_dialogue_and_never_becomes_a_number(
    server: ChatServer, data: Path, tmp_path: Path
) -> None:
    server.faults.extend(["500", "malformed"])
    assert run(server, data, tmp_path / "out", "--no-score", "--workers", "1") == 5
    entries = Journal(tmp_path / "out" / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["infra_failed", "ok", "ok"]
    assert "did not answer in 2 attempts; the last one: not a chat completion" in entries["a"].reason


def test_its_answers_are_causal_and_the_audit_asks_nobody(server: ChatServer, data: Path, tmp_path: Path) -> None:
    """Behind its fence no model reaches the network; the answers of a run are in the cache."""
    assert run(server, data, tmp_path / "out", "--no-score") == 0
    asked = len(server.requests)
    settings = {**QUICK, "base_url": server.address}
    request = AuditRequest("gpt-4o", str(data), dialogues=1, cuts=1, options=ModelOptions(settings=settings))
    assert audit_causality(request).findings == ()
    assert len(server.requests) == asked
    nobody = {**settings, "cache": str(tmp_path / "empty")}
    (tmp_path / "empty").mkdir()
    emptied = audit_causality(replace(request, run=tmp_path / "out", options=ModelOptions(settings=nobody)))
    assert {"network", "failed"} <= {finding.kind for finding in emptied.findings}
