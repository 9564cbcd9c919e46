"""kill -9 at any moment: what was accepted is published once, what was not leaves nothing."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hosted import Hosted, send_half, wait_for

pytestmark = pytest.mark.server


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def children(parent: int) -> list[int]:
    """The processes that one has started; Linux alone tells."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def runs(pid: int) -> bool:
    """Whether it does; what has ended and is not yet buried runs no program."""
    return Path(f"/proc/{pid}/exe").exists()


def test_the_server_is_killed_while_an_upload_arrives(hosted: Hosted, archive: bytes) -> None:
    token = hosted.token()
    hosted.start()
    with send_half(hosted, archive, token):
        wait_for(lambda: files(hosted.home / "incoming") != [])
        assert hosted.stop(signal.SIGKILL) == -signal.SIGKILL
    assert len(files(hosted.home / "incoming")) == 1
    # Once more, at the worst moment: the archive has its place, the row is not written.
    hosted.start(dying=["before", "leaderboard.server.submissions:_accept"])
    assert files(hosted.home / "incoming") == []
    with pytest.raises(ConnectionError):
        hosted.post(archive, token)
    assert hosted.process is not None
    assert hosted.process.wait(30) == -signal.SIGKILL
    assert len(files(hosted.home / "uploads")) == 1
    hosted.start()
    assert files(hosted.home / "uploads") == []
    sent = hosted.post(archive, token)
    assert sent.status == 202
    assert hosted.get(sent.json["status_url"], token).json["state"] == "received"
    # What was answered with 202 is there after a crash.
    hosted.stop(signal.SIGKILL)
    hosted.start()
    assert hosted.get(sent.json["status_url"], token).json["state"] == "received"
    assert files(hosted.home / "uploads") == [f"{sent.json['id']}.zip"]


DEATHS = {
    "one": [
        ("stopped", "validating"),
        ("after", "leaderboard.server.publishing:give_award"),
    ],
    "two": [
        ("during", "scoring"),
        ("after", "leaderboard.server.publishing:write_entry"),
        ("after", "leaderboard.server.jobs:finish"),
    ],
}


def test_workers_are_killed_while_they_score(hosted: Hosted, packed: Callable[..., bytes]) -> None:
    """Each submission meets its deaths one after the other, then a worker that finds nothing or the rest to do."""
    token = hosted.token()
    hosted.start()
    for name, deaths in DEATHS.items():
        sent = hosted.post(packed(name), token).json["status_url"]
        for when, where in deaths:
            if when == "stopped":
                worker = hosted.work()
                wait_for(lambda sent=sent: hosted.get(sent, token).json["state"] == "validating")
                worker.terminate()
                assert worker.wait(120) == 0
                assert hosted.get(sent, token).json["state"] == "received"
                assert files(hosted.home / "work") == []
                continue
            if when == "during":
                worker = hosted.work()
                wait_for(lambda sent=sent: hosted.get(sent, token).json["progress"]["total"] > 0)
                wait_for(lambda pid=worker.pid: children(pid) != [] or sys.platform != "linux")
                confined = children(worker.pid)
                worker.kill()
                wait_for(lambda gone=confined: not any(map(runs, gone)))
            else:
                worker = hosted.work(dying=[when, where])
            assert worker.wait(120) == -signal.SIGKILL
            over = where.endswith(":finish")
            assert hosted.get(sent, token).json["state"] in (["published"] if over else ["validating", "scoring"])
        time.sleep(1.5)  # what a dead worker had is free when its lease of a second is over
        assert hosted.work("--drain").wait(120) == 0
        assert hosted.get(sent, token).json["state"] == "published"
    wait_for(lambda: hosted.entries() == ["2026-11-22_one", "2026-11-22_two"])
    submissions = hosted.home / "leaderboard" / "submissions"
    assert files(submissions) == ["2026-11-22_one", "2026-11-22_two"]
    # The entry of the second was made by the worker that died before it could say so; nobody made it again.
    assert hosted.log().count(": published") == 1
