"""The metric and the protocol of ``docs/adding.md``, done as it says: their files are taken from its text, installed,
and used by every command that ours are used by.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from leaderboard.archive.sending import as_sent
from omnibench.cli import main
from omnibench.metrics import protocol as protocols
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import OWN_PROTOCOLS, PROTOCOLS

GUIDE = (Path(__file__).parents[2] / "docs" / "adding.md").read_text(encoding="utf-8")
_, METRIC_TEXT = GUIDE.split("## A metric\n")
METRIC_TEXT, PROTOCOL_TEXT = METRIC_TEXT.split("## A protocol\n")


def block(text: str, kind: str) -> str:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)[0]


METRIC, PROJECT = block(METRIC_TEXT, "python"), block(METRIC_TEXT, "toml")
GENTLE, REGISTERED = block(PROTOCOL_TEXT, "toml"), block(PROTOCOL_TEXT, "python")
FULL_NAME = f"gentle@{sha256(GENTLE.encode()).hexdigest()[:8]}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed; its dependency is omnibench, which is here, so nothing is fetched."""
    folder = tmp_path_factory.mktemp("package")
    project, site = folder / "project", folder / "site"
    project.mkdir()
    (project / "filler_rate.py").write_text(METRIC, encoding="utf-8")
    (project / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(project)], check=True, timeout=240)
    return site


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Puts a folder of packages on the path of this process, until the test is over."""

    def forget() -> None:
        for registry in (METRICS, OWN_PROTOCOLS):
            registry.__dict__.pop("_entries", None)

    def add(folder: Path) -> None:
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(protocols, "_OPENED", {})
        forget()

    yield add  # type: ignore[misc]
    monkeypatch.undo()
    sys.modules.pop("filler_rate", None)
    forget()


@pytest.fixture
def answers(synthetic: Path, tmp_path: Path) -> Path:
    """The human listeners' own words, and "um" in every answer."""
    folder = tmp_path / "runs" / "mine"
    shutil.copytree(synthetic / "test" / "text" / "listener", folder / "text")
    for path in (folder / "text").glob("*.json"):
        document = json.loads(path.read_text())
        path.write_text(json.dumps({**document, "text": f"Um, {document['text']}"}))
    return folder


def registering(folder: Path, group: str, line: str, name: str = "theirs") -> Path:
    """A folder with the metadata of an installed package."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{line}\n")
    return folder


def test_a_metric_is_25_lines() -> None:
    assert len(METRIC.splitlines()) <= 25


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_is_scored_under_every_protocol_with_a_signature(
    protocol: str,
    site: Path,
    fresh: Callable[[Path], None],
    synthetic: Path,
    answers: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fresh(site)
    command = ["score", str(answers), "--data", str(synthetic), "--protocol", protocol]
    assert main([*command, "--metrics", "filler_rate,distinct_2"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"filler_rate +0\.\d{3} +\[", shown)
    scores = json.loads((answers / "scores.json").read_text())
    assert list(scores["metrics"])[-1] == "filler_rate"
    own = scores["metrics"]["filler_rate"]
    assert own["signature"].startswith(f"Fillers|proto:{protocol}|fillers:uh,um,er,hmm|data:")
    assert own["interval"]["low"] <= own["value"] <= own["interval"]["high"]
    lines = [json.loads(line) for line in (answers / "samples.jsonl").read_text().splitlines()]
    assert all(line["metrics"]["filler_rate"]["statistics"]["fillers"] == 1.0 for line in lines)


def test_the_pages_explain_it(
    site: Path, fresh: Callable[[Path], None], synthetic: Path, answers: Path, tmp_path: Path
) -> None:
    fresh(site)
    chosen = ("--protocol", "offline", "--metrics", "filler_rate,distinct_2")
    assert main(["score", str(answers), "--data", str(synthetic), *chosen]) == 0
    assert main(["report", str(answers), "--data", str(synthetic), "--out", str(tmp_path / "report.html")]) == 0
    assert main(["leaderboard", "build", "--runs", str(answers.parent), "--out", str(tmp_path / "site")]) == 0
    for page in (tmp_path / "report.html", tmp_path / "site" / "assets" / "metrics.js"):
        text = page.read_text(encoding="utf-8")
        assert '"Fillers"' in text
        assert "share of fillers among the answers' words" in text


def test_it_is_listed_audited_and_compared_from_a_shell(
    site: Path, synthetic: Path, answers: Path, tmp_path: Path
) -> None:
    def omnibench(*arguments: str) -> str:
        command = [sys.executable, "-m", "omnibench", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(site)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = omnibench("metrics")
    assert re.search(r"filler_rate +p s o +Fillers: share of fillers", listed)
    assert listed.index("ead_2") < listed.index("filler_rate") < listed.index("How the voice sounds")
    audited = omnibench("audit", "metrics", "--data", str(synthetic), "--metrics", "filler_rate")
    assert re.search(r"filler_rate .* b", audited)
    assert "0 broken, 0 not in the matrix" in audited
    other = shutil.copytree(answers, tmp_path / "other")
    for folder in (answers, other):
        omnibench("score", str(folder), "--data", str(synthetic), "--protocol", "strict", "--metrics", "filler_rate")
    assert re.search(r"filler_rate .*equal", omnibench("compare", str(answers), str(other)))


def test_a_name_means_one_thing(
    site: Path, fresh: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh(registering(tmp_path, "omnibench.metrics", "filler_rate = their_fillers:rate"))
    fresh(site)
    assert main(["metrics"]) == 2
    assert 'The metric name "filler_rate" is registered 2 times' in capsys.readouterr().err


def test_one_that_cannot_be_used_leaves_the_others(
    fresh: Callable[[Path], None],
    synthetic: Path,
    answers: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fresh(registering(tmp_path / "broken", "omnibench.metrics", "theirs = no_such_module:rate"))
    command = ["score", str(answers), "--data", str(synthetic), "--protocol", "strict", "--metrics"]
    assert main([*command, "distinct_2"]) == 0
    assert "left out: the metric theirs cannot be used (ModuleNotFoundError" in capsys.readouterr().err
    assert main([*command, "theirs"]) == 2
    assert "The metric theirs of no_such_module cannot be used" in capsys.readouterr().err


def test_a_protocol_of_ones_own_is_a_file(
    synthetic: Path, answers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(protocols, "_OPENED", {})
    Path("gentle.toml").write_text(GENTLE, encoding="utf-8")
    assert main(["metrics", "--protocol", "gentle.toml", "--json", "-"]) == 0
    rows = {row["name"]: row["protocols"][FULL_NAME] for row in json.loads(capsys.readouterr().out)}
    assert rows["answered_2s"]["within"] == 3.0
    assert rows["answered_2s"]["lead"] == 1.0
    assert "fvd" not in rows
    assert main(["score", str(answers), "--data", str(synthetic), "--protocol", "gentle.toml"]) == 0
    assert f"protocol {FULL_NAME}" in capsys.readouterr().out
    entries = json.loads((answers / f"scores.{FULL_NAME}.json").read_text())["metrics"]
    assert f"|proto:{FULL_NAME}|" in entries["answered_2s"]["signature"]
    assert "|within:3.0|" in entries["answered_2s"]["signature"]
    assert main(["table", "--protocol", "gentle.toml"]) == 0
    assert FULL_NAME in capsys.readouterr().out
    # Nobody needs the file again: it lies with the scores.
    Path("gentle.toml").unlink()
    monkeypatch.setattr(protocols, "_OPENED", {})
    other = shutil.copytree(answers, tmp_path / "runs" / "other")
    assert main(["compare", str(answers), str(other)]) == 0
    assert re.search(r"answered_2s .*equal", capsys.readouterr().out)
    # Nor does it pass for another's.
    monkeypatch.setattr(protocols, "_OPENED", {})
    kept = answers / f"protocol.{FULL_NAME}.toml"
    kept.write_text(kept.read_text().replace("3.0", "4.0"))
    assert main(["compare", str(answers), str(other)]) == 4
    assert "it was changed" in capsys.readouterr().err


def test_a_run_keeps_the_protocol_that_it_was_asked_for(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(protocols, "_OPENED", {})
    Path("gentle.toml").write_text(GENTLE, encoding="utf-8")
    command = ["run", "--model", "silence", "--data", str(synthetic), "--workers", "0", "--no-video", "--out", "out"]
    assert main([*command, "--protocol", "gentle.toml", "--no-score"]) == 0
    assert json.loads(Path("out/run.json").read_text())["protocol"] == FULL_NAME
    Path("gentle.toml").unlink()
    monkeypatch.setattr(protocols, "_OPENED", {})
    capsys.readouterr()
    assert main(["score", "out"]) == 0
    assert f"protocol {FULL_NAME}" in capsys.readouterr().out


def test_a_protocol_is_registered_by_a_package(
    fresh: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = registering(tmp_path, "omnibench.protocols", "gentle = my_protocols:gentle", "my-protocols")
    (lab / "my_protocols.py").write_text(REGISTERED, encoding="utf-8")
    (lab / "gentle.toml").write_text(GENTLE, encoding="utf-8")
    fresh(lab)
    assert main(["metrics", "--protocol", "gentle", "--json", "-"]) == 0
    assert all(set(row["protocols"]) == {FULL_NAME} for row in json.loads(capsys.readouterr().out))
    registering(tmp_path / "more", "omnibench.protocols", "strict = my_protocols:gentle", "more")
    fresh(tmp_path / "more")
    assert main(["metrics", "--protocol", "strict"]) == 2
    assert 'The protocol name "strict" is omnibench\'s own' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("gentle.toml", None, 4, "gentle.toml: not readable"),
        ("gentle.toml", "extends = 3", 4, "gentle.toml: extends: 3; expected 'paper', 'strict' or 'offline'"),
        (
            "gentle.toml",
            'extends = "strict"\n[metrics.meteor]\nalhpa = 1',
            4,
            "metrics.meteor.alhpa: no parameter of it",
        ),
        ("gen tle.toml", "", 4, 'the name "gen tle" goes into signatures'),
        ("gentle", None, 2, 'Unknown protocol "gentle"'),
        ("gentle@0123abcd", None, 4, "give it: --protocol FILE.toml"),
    ],
)
def test_a_mistake_is_one_sentence(
    name: str,
    text: str | None,
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    assert main(["metrics", "--protocol", name]) == code
    err = capsys.readouterr().err
    assert says in err
    assert len(err.splitlines()) == 1


def test_the_leaderboard_refuses_it(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gentle.toml").write_text(GENTLE, encoding="utf-8")
    command = ["run", "--model", "silence", "--data", str(synthetic), "--workers", "0", "--no-video", "--out", "out"]
    assert main([*command, "--protocol", "gentle.toml"]) == 0
    capsys.readouterr()
    assert main(["submit", "out", "--team", "us", "--contact", "us@example.org"]) == 4
    refused = (
        f"out: scored under {FULL_NAME}, a protocol of somebody's own; the leaderboard takes paper, strict and "
        f"offline. Run `omnibench score out --protocol strict` first."
    )
    assert capsys.readouterr().err.splitlines() == [f"omnibench: {refused}"]
    assert main(["leaderboard", "build", "--runs", ".", "--out", "site"]) == 0
    assert f"left out: {refused}" in capsys.readouterr().err


SCORE = """
import json, sys
from leaderboard.judging.scoring_job import score_job
found = score_job(json.loads(sys.argv[1]), lambda **_: None)
print(json.dumps(sorted(found["scores"]["strict"]["metrics"])))
"""


def test_a_leaderboard_on_the_same_machine_passes_it_over(
    site: Path, fresh: Callable[[Path], None], synthetic: Path, answers: Path, tmp_path: Path
) -> None:
    arguments = {"predictions": str(answers), "data": str(synthetic), "split": "test", "protocols": ["strict"]}
    command = [sys.executable, "-c", SCORE, json.dumps({**arguments, "metrics": None, "online": True})]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=240, env={**os.environ, "PYTHONPATH": str(site)}
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    assert "distinct_2" in measured
    assert "filler_rate" not in measured
    # What a team's own machine measured besides is not sent.
    fresh(site)
    command = ["score", str(answers), "--data", str(synthetic), "--protocol", "strict"]
    assert main([*command, "--metrics", "filler_rate,distinct_2"]) == 0
    sent = as_sent("scores.strict.json", (answers / "scores.strict.json").read_bytes())
    assert list(json.loads(sent)["metrics"]) == ["distinct_2"]
