"""A folder of one's own data under its default protocol, ``paper``, on a machine without the paper's networks.

The table held five lines "unavailable", each with another fetch, and nobody said that `--protocol offline` measures at
once. ``--model all`` called a model that was trained on other data "failed", after all the others had run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.errors import InputError, MissingError, OmnibenchError
from omnibench.files.score_records import NoNumber
from omnibench.runner.everyone import Ending, format_endings, raise_for_failures, run_everyone
from omnibench.scoring.readiness import networks_line, without_network

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = ("audio", "vector", "text")
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b"), seconds=1.2, modalities=parts)


@pytest.fixture(autouse=True)
def _no_networks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))


def test_which_networks_are_not_here() -> None:
    absent_here = NoNumber(status="unavailable", reason="not on this machine")
    entries = dict.fromkeys(("bertscore_f1", "lse_d", "utmosv2", "fvd", "bertscore_minilm"), absent_here)
    absent = without_network("paper", {**entries, "meteor": NoNumber(status="withheld", reason="one failed")})
    assert set(absent) == {"bertscore_f1", "lse_d", "utmosv2", "fvd"}
    assert {asset.group for asset in absent["lse_d"]} == {"s3fd", "syncnet_v2"}
    assert not without_network("offline", entries)  # missing for another reason, which keeps its own line
    assert networks_line("offline", entries, "") == ""


def test_run_and_score_say_it_in_one_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["run", "--model", "silence", "--data", str(data), "--out", str(out), "--workers", "0"]) == 0
    run = capsys.readouterr().out
    assert main(["score", str(out), "--data", str(data)]) == 0
    for said in (run, capsys.readouterr().out):
        assert sum("assets fetch" in line for line in said.splitlines()) == 1
        assert "unavailable" not in said
        assert "--protocol offline" in said
        assert "meteor" in said
    assert f"omnibench score {out} --protocol offline" in run
    assert main(["score", str(out), "--data", str(data), "--protocol", "offline", "--allow-partial"]) == 0
    assert "assets fetch" not in capsys.readouterr().out


def test_a_model_of_other_data_is_refused_before_any_runs(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--data", str(data), "--out", str(tmp_path), "--workers", "1", "--no-score", "--no-video"]
    assert main(["run", "--model", f"silence,{LISTENERS}:Homebound", *common]) == 0
    printed = capsys.readouterr()
    said = printed.err.splitlines()
    assert "Homebound does not run, refused: homebound was trained on mini only" in said[0]
    assert "silence on" in said[1]
    assert f"{LISTENERS}:Homebound  refused" in printed.out
    assert not (tmp_path / "homebound").exists()

    assert main(["run", "--model", f"{LISTENERS}:Homebound,silence", *common, "--allow-transfer"]) == 0
    assert main(["run", "--model", f"{LISTENERS}:Homebound", *common, "--fresh"]) == 4


@pytest.mark.parametrize("name", ["data", "nowhere/data", "./data"])
@pytest.mark.parametrize(
    "command", [("run", "--model", "silence"), ("run", "--model", "silence,parrot"), ("data", "verify"), ("score", ".")]
)
def test_a_folder_that_is_not_there_is_bad_input_everywhere(
    command: tuple[str, ...], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    option = () if command[0] == "data" else ("--data",)
    assert main([*command, *option, name]) == 4


def test_where_none_runs_the_first_reason_is_the_commands() -> None:
    def refuse(model: str) -> None:
        if model == "homebound":
            raise InputError("trained elsewhere")

    ran: list[str] = []
    lines = {"keyless": "export KEY=…"}
    endings = run_everyone(["homebound", "keyless"], lambda m: lines.get(m, ""), refuse, ran.append)
    assert [ending.state for ending in endings] == ["refused", "missing"]
    assert not ran
    assert "refused" in format_endings(endings)
    for order, kind in ((endings, InputError), (endings[::-1], MissingError)):
        with pytest.raises(OmnibenchError) as caught:
            raise_for_failures(order)
        assert type(caught.value) is kind
    raise_for_failures([*endings, Ending("silence", "done")])
