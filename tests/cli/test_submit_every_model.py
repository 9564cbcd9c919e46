"""From the command that runs a model to an entry that the project's CI accepts, for every model of the package.

The README's main job could not be submitted: its own ``run.json`` holds a description of 217 characters, and the
leaderboard allowed 200. Every model goes the whole way here, on a data set of one short dialogue; `omniresponse` on the
whole of mini takes the same way and minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from chat_server import KEY, ChatServer, chatting
from data_factory import write_dataset

from baselines.moshi import MoshiEntry
from baselines.moshi import entry as moshi
from baselines.moshi.files import PUBLISHED
from leaderboard.entry.entries import read_entries
from leaderboard.entry.records import RunManifest
from leaderboard.entry.schema import Entry, Number
from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.responder import MODELS, ModelOptions
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.play import PlaySpec
from omnibench.runner.request import RunRequest

HERE = ("omniresponse", "omniresponse-no-chrono", "omniresponse-no-tempovoice", "omniresponse-neither", "vico",
        "reactface")  # fmt: skip
HEARD = ("lstm", "av_llm")
"""Their words are recognised from their own voice."""

ASKING = {"gpt-4o": (), "gpt-4": (), "o1": (), "gpt": ("--set", f"model=hf.co/{'long-' * 40}name:Q4_K_M")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data") / "tiny", ids=("a",), seconds=2)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ChatServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OMNIBENCH_CACHE", str(tmp_path / "cache"))
    with chatting() as found:
        yield found


def test_every_model_of_the_package_is_here() -> None:
    competing = {name for name in MODELS.names() if MODELS.get(name).card.kind != "control"}
    assert competing == {*HERE, *HEARD, *ASKING, "moshi"}


@pytest.mark.parametrize("model", HERE)
def test_a_run_becomes_an_entry(model: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _from_run_to_entry(model, data, tmp_path, monkeypatch)


@pytest.mark.needs("recogniser")
@pytest.mark.parametrize("model", HEARD)
def test_a_run_that_is_listened_to_becomes_an_entry(
    model: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _from_run_to_entry(model, data, tmp_path, monkeypatch)


def test_all_protocols_and_a_second_look_become_an_entry(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent under each protocol is accepted, and so is what a maintainer recomputes of it."""
    protocols = ("strict", "paper")
    found = _from_run_to_entry("omniresponse-neither", data, tmp_path, monkeypatch, protocols=protocols)
    assert set(found.scores) == {"offline", *protocols}
    rescore = ["leaderboard", "rescore", "sent.zip", "--by", "a maintainer", "--root", "board", "--data", str(data)]
    assert main([*rescore, "--protocol", "strict"]) == 0
    assert main(["leaderboard", "check", "board"]) == 0
    entry = read_entries(tmp_path / "board" / "submissions")[0].entry
    assert entry.badge == "re-scored"
    assert entry.verification is not None
    assert entry.verification.differences == []


@pytest.mark.needs("gpt")
@pytest.mark.parametrize("model", ASKING)
def test_a_run_at_an_endpoint_becomes_an_entry(
    model: str, server: ChatServer, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ("--base-url", server.address, "--set", "requests_per_minute=100000", *ASKING[model])
    _from_run_to_entry(model, data, tmp_path, monkeypatch, *more)


def test_what_moshi_says_of_its_run_is_accepted(data: Path, tmp_path: Path) -> None:
    """Its weights are not here; what defines its answers is, and goes through the same schema."""
    folder = tmp_path / "moshi"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.model"):
        (folder / name).write_text(name)

    class WithoutWeights(MoshiEntry):
        def fingerprint(self, options: ModelOptions) -> dict[str, str]:
            return {"moshi": "0.2.13", **{name: "ab" * 32 for name in PUBLISHED}}

    for checkpoint in (None, folder):
        play = PlaySpec(ModelSpec("moshi", checkpoint=checkpoint), open_dataset(str(data)), "test")
        identity = RunRequest(play, tmp_path / "out").identity(WithoutWeights())
        document = {"model": _card(moshi), "data": _data(data), "identity": identity.document()}
        run = RunManifest.model_validate(document).run()
        assert run.checkpoint_sha256 is None if checkpoint is None else len(str(run.checkpoint_sha256)) == 64


def _from_run_to_entry(
    model: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *more: str, protocols: Sequence[str] = ()
) -> Entry:
    monkeypatch.chdir(tmp_path)
    run = ["run", "--model", model, "--data", str(data), "--protocol", "offline", "--workers", "0", "--out", "answers"]
    assert main([*run, "--allow-transfer", *more]) == 0
    for protocol in protocols:
        assert main(["score", "answers", "--data", str(data), "--protocol", protocol]) in (0, 5)
    submit = ["submit", "answers", "--team", "Example Lab", "--contact", "lab@example.org", "--data", str(data)]
    entry = ["--out", "sent.zip", "--entry", "board/submissions", "--url", "https://example.org/sent.zip"]
    assert main([*submit, *entry]) == 0
    assert main(["leaderboard", "check", "board"]) == 0
    found = read_entries(tmp_path / "board" / "submissions")[0].entry
    for protocol, sent in found.scores.items():
        written = json.loads((tmp_path / "answers" / f"scores.{protocol}.json").read_text())["metrics"]
        assert {name: number.value for name, number in sent.metrics.items() if isinstance(number, Number)} == {
            name: metric["value"] for name, metric in written.items() if "value" in metric
        }
    return found


def _card(entry: MoshiEntry) -> dict[str, object]:
    from dataclasses import asdict

    return {**json.loads(json.dumps(asdict(entry.card))), "transferred": False}


def _data(folder: Path) -> dict[str, object]:
    data = open_dataset(str(folder))
    return {"name": data.name, "version": data.version, "split": "test", "manifest": data.manifest_hash("test")}
