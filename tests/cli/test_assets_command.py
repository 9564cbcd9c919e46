"""``omnibench assets``: what it prints, and its exit codes, against a real server on this machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asset_server import CONTENT, AssetServer, serving

from omnibench.assets import finding as assets
from omnibench.assets.finding import Asset, Url
from omnibench.cli import main

TOY = Asset(
    name="toy",
    file="good.bin",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="CC0",
    purpose="a toy",
    sources=(Url("https://publisher.invalid/net.bin"),),
)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AssetServer]:
    with serving() as running:
        monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
        monkeypatch.setenv("OMNIBENCH_MIRROR", running.address)
        monkeypatch.setattr(
            assets,
            "ASSETS",
            {
                "toy": TOY,
                "bad": replace(TOY, name="bad", file="wrong.bin"),
                "gone": replace(TOY, name="gone", file="gone.bin"),
            },
        )
        yield running


def test_an_asset_is_listed_fetched_and_verified(server: AssetServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assets", "list"]) == 0
    assert "missing: omnibench assets fetch toy" in capsys.readouterr().out
    assert main(["assets", "fetch", "toy"]) == 0
    assert "good.bin" in capsys.readouterr().out
    assert main(["assets", "verify", "toy"]) == 0
    assert f"ok  sha256 {TOY.sha256}" in capsys.readouterr().out
    assert main(["assets", "list", "--json", "-"]) == 0
    states = {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)}
    assert states == {"toy": "present", "bad": "missing", "gone": "missing"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fetch", "bad"], 4, ["sha256", "nothing was kept", "--from FILE"]),
        (["fetch", "gone"], 3, ["404", "gone.bin", "--from FILE"]),
        (["fetch", "tooy"], 2, ['Did you mean "toy"', "omnibench assets list"]),
        (["fetch", "toy", "--from", "no-such-file"], 4, ["no-such-file", "good.bin"]),
        (["fetch", "toy", "bad", "--from", __file__], 2, ["--from takes one file"]),
        (["verify", "toy"], 3, ["toy"]),
    ],
)
def test_a_failure_has_its_exit_code_and_says_what_to_do(
    server: AssetServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: list[str],
) -> None:
    assert main(["assets", *arguments]) == code
    output = capsys.readouterr()
    assert all(word in output.err for word in words), output.err
    assert output.out == "" or arguments[0] == "verify"
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_damaged_file_is_found_by_verify(
    server: AssetServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assets", "fetch", "toy"]) == 0
    (tmp_path / "assets/good.bin").write_bytes(CONTENT[:-1])
    assert main(["assets", "verify"]) == 4
    output = capsys.readouterr()
    assert "toy  wrong" in output.out
    assert "gone  missing" in output.out
    assert "omnibench assets fetch toy" in output.out


def test_a_file_is_taken_from_a_disk(server: AssetServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "carried").write_bytes(CONTENT)
    assert main(["assets", "fetch", "toy", "--from", str(tmp_path / "carried")]) == 0
    assert main(["assets", "verify", "toy"]) == 0
    assert not server.requests


def test_the_list_leaves_no_size_and_no_hash_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assets", "list"]) == 0
    shown = capsys.readouterr().out
    assert "not stated" not in shown
    assert "utmosv2-fold1  about 818.5 MB" in shown
    assert "sha256 not known (no publication that could be read states this fold's" in shown
    assert "roberta-large/model.safetensors  1421.7 MB" in shown
