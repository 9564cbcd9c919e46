"""Weights that download corrupt, and clusters without a network.

A connection that breaks leaves a file of plausible name and wrong content; tools that only ask whether the file exists
then load it, fail with a stack trace from deep inside a pickle, or worse, run with half a network. On an offline
cluster the same tools hang on a hub that they cannot reach, even where the files lie in place.
"""

from __future__ import annotations

import hashlib
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from asset_server import CONTENT, serving

from omnibench.assets import finding as assets
from omnibench.assets.fetching import Line, adopt, fetch
from omnibench.assets.finding import Asset, Url, find
from omnibench.errors import InputError, MissingError


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asset:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    row = Asset("toy", "net.pth", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "CC0", "a toy", (Url("https://"),))
    monkeypatch.setattr(assets, "ASSETS", {"toy": row})
    return row


def test_half_a_download_is_never_taken_for_the_file(toy: Asset, tmp_path: Path) -> None:
    with serving() as server:
        broken = replace(toy, sources=(Url(f"{server.address}/truncated"),))
        with pytest.raises(MissingError, match="--from FILE"):
            fetch(broken, line=Line(timeout=1.0, attempts=2, pause=0.01))
    with pytest.raises(MissingError, match="omnibench assets fetch toy"):
        find("toy")
    assert not list((tmp_path / "assets").iterdir())


def test_a_file_cut_by_other_hands_is_refused_before_anything_reads_it(toy: Asset, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/net.pth").write_bytes(CONTENT[:-7])
    with pytest.raises(InputError, match="Delete the file"):
        find("toy")


def test_files_in_place_need_no_network(toy: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    (tmp_path / "carried").write_bytes(CONTENT)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    adopt(toy, tmp_path / "carried")
    assert find("toy").read_bytes() == CONTENT
    assert fetch(toy) == find("toy")
