"""From an archive to its page, with the processes that hosts and teams run, on SQLite and on PostgreSQL.

PostgreSQL is the one of OMNIBENCH_TEST_POSTGRES (an address whose user may create databases), or a cluster of the
tests' own where ``initdb`` and ``postgres`` are on the path; without either its half is skipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hosted import ROUTE, Hosted, wait_for

from leaderboard.archive.posting import post_archive
from leaderboard.judging.checking import check_leaderboard

pytestmark = pytest.mark.server


def test_from_an_archive_to_its_page(
    hosted: Hosted, packed: Callable[..., bytes], database_url: str | None, tmp_path: Path
) -> None:
    hosted.database = database_url
    token = hosted.token()
    hosted.start(workers=2)
    archive = packed(notes="\"quoted\" & 'so' on")
    (tmp_path / "sent.zip").write_bytes(archive)
    receipt = post_archive(tmp_path / "sent.zip", hashlib.sha256(archive).hexdigest(), hosted.url, token)
    hostile = hosted.post(packed("hostile", notes="<script>alert(1)</script>"), token).json["id"]
    foreign = hosted.post(packed("foreign", team="Another Lab"), token).json["id"]
    assert receipt.status_url == f"{hosted.url}{ROUTE}/{receipt.id}"
    end = hosted.ended(receipt.id, token)
    assert (end["state"], end["reasons"], end["progress"]) == ("published", [], {"done": 3, "total": 3})
    assert end["entry"] == "2026-11-22_chorus"
    reasons = {hostile: 'holds markup ("<s")', foreign: '"Another Lab", the token is of "Example Lab"'}
    for refused, reason in reasons.items():
        status = hosted.ended(refused, token)
        assert status["state"] == "refused"
        assert reason in status["reasons"][0]
    wait_for(lambda: hosted.entries() == ["2026-11-22_chorus"])
    page = hosted.get(end["page"])
    assert page.status == 200
    assert "&#34;quoted&#34; &amp; &#39;so&#39; on" in page.content.decode()
    assert "re-scored" in page.content.decode()
    entry = hosted.get("/api/v1/entries/2026-11-22_chorus").json
    assert entry["archive"] == {"url": None, "sha256": receipt_sha(archive), "bytes": len(archive)}
    assert entry["scores"]["strict"]["metrics"]["rouge_l"]["value"] == pytest.approx(1.0)
    assert hosted.get(f"{ROUTE}/{receipt.id}").json == end
    assert hosted.log().count("attempt 1") == 3
    assert "attempt 2" not in hosted.log()
    assert token.split("_", 2)[2] not in hosted.log(), "a secret may hold the separator"
    metrics = hosted.get("/metrics").content.decode()
    assert 'omnibench_submissions{state="published"} 1.0' in metrics
    assert 'omnibench_submissions{state="refused"} 2.0' in metrics
    assert hosted.stop() == 0
    assert [line for line in hosted.log().splitlines() if not line.startswith("20")] == []
    assert "open to other users" not in hosted.log()
    assert check_leaderboard(hosted.home / "leaderboard") == (1, [])
    kept = sorted(path.name for path in (hosted.home / "uploads").iterdir())
    assert kept == [f"{receipt.id}.zip"]
    assert list((hosted.home / "work").iterdir()) == []
    assert json.loads((hosted.home / "leaderboard" / "awards.json").read_text())["awards"].keys() == {end["entry"]}


def receipt_sha(archive: bytes) -> str:
    return hashlib.sha256(archive).hexdigest()
