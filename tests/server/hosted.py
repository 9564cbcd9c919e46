"""A leaderboard's server in processes of its own, steered as its hosts and its teams do: by commands and over HTTP."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TEAM = "Example Lab"
ENDED = ("published", "refused", "failed")
ROUTE = "/api/v1/submissions"
_DYING = Path(__file__).with_name("dying.py")


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Hosted:
    """One server's folder and, between `start` and `stop`, its process. ``scoring`` are the options of its workers."""

    home: Path
    scoring: Sequence[str]
    database: str | None = None
    process: subprocess.Popen[str] | None = None
    url: str = ""
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the hosts on this folder."""
        line = [sys.executable, "-m", "omnibench", "leaderboard", *words, "--home", str(self.home)]
        return subprocess.run(line, capture_output=True, text=True, env=self._environment(), check=False)

    def token(self, team: str = TEAM) -> str:
        """As `omnibench leaderboard token add` makes it, without the second that starting Python takes."""
        from leaderboard.server.hosting import open_home
        from leaderboard.server.tokens import add_token

        _, database = open_home(self.home, self.database)
        with database.writing() as session:
            return add_token(session, team, 100.0)

    def start(self, *more: str, workers: int = 0, dying: Sequence[str] = ()) -> Hosted:
        words = ["serve", "--home", str(self.home), "--port", "0", "--workers", str(workers), "--no-reported"]
        self.process = self._run([*words, *self.scoring, *more], dying, subprocess.PIPE)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self.log()
        wait_for(lambda: self.get("/healthz").status == 200)
        return self

    def work(self, *more: str, dying: Sequence[str] = ()) -> subprocess.Popen[str]:
        """A worker by itself; ``dying`` says where it is killed (`dying.die_at`)."""
        worker = self._run(["work", "--home", str(self.home), *self.scoring, *more], dying, None)
        self.workers.append(worker)
        return worker

    def _run(self, words: Sequence[str], dying: Sequence[str], output: int | None) -> subprocess.Popen[str]:
        program = [str(_DYING), *dying] if dying else ["-m", "omnibench"]
        with (self.home.parent / "log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *program, "leaderboard", *words],
                stdout=output, stderr=log, text=True, env=self._environment(),
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        # Whoever runs the tests as root has nothing else there.
        known = {**os.environ, "OMNIBENCH_ALLOW_ROOT": "1"}
        return {**known, **({"OMNIBENCH_DATABASE": self.database} if self.database else {})}

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Signal the server, and wait for its end. Returns its exit status; 0 where it does not run."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(kind)
        status = process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
        return status

    def close(self) -> None:
        self.stop()
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def log(self) -> str:
        return (self.home.parent / "log").read_text()

    def get(self, path: str, token: str | None = None, **headers: str) -> Answer:
        return self.request("GET", path, None, token, headers)

    def post(self, content: bytes, token: str | None, **headers: str) -> Answer:
        """Send an archive; ``headers`` (``Content_Type=…``) replace those that are right."""
        own = {"Content-Type": "application/zip", "Content-Digest": digest(content)}
        return self.request("POST", ROUTE, content, token, {**own, **_dashed(headers)})

    def request(
        self, method: str, path: str, content: bytes | None, token: str | None, headers: Mapping[str, str]
    ) -> Answer:
        login = {} if token is None else {"Authorization": f"Bearer {token}"}
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, path, content, {**_dashed(headers), **login})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def ended(self, submission: str, token: str) -> Any:
        """The status of a submission once nothing is left to do."""
        found: list[Any] = []

        def done() -> bool:
            found.append(self.get(f"{ROUTE}/{submission}", token).json)
            return found[-1]["state"] in ENDED

        wait_for(done)
        return found[-1]

    def entries(self) -> list[str]:
        """Ids of the entries that the server shows, once it has looked again."""
        time.sleep(1.1)
        return [entry["id"] for entry in self.get("/api/v1/entries").json["entries"]]


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Return once it is true. A busy machine is slow, not wrong."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def send_half(hosted: Hosted, content: bytes, token: str) -> socket.socket:
    """Half of an upload; the connection stays open."""
    address = urlsplit(hosted.url)
    head = (
        f"POST {ROUTE} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/zip\r\nContent-Length: {len(content)}\r\nContent-Digest: {digest(content)}\r\n\r\n"
    )
    connection = socket.create_connection((str(address.hostname), address.port or 0))
    connection.sendall(head.encode() + content[: len(content) // 2])
    return connection
