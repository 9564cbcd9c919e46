"""The server's process: one socket, one event loop, and the workers it started, which end with it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final, cast

import uvicorn
from sqlalchemy import select

from leaderboard.server.app import build_app
from leaderboard.server.connections import Gate, PatientLoop, protocol_of
from leaderboard.server.database import Database
from leaderboard.server.drawing import Drawing, command
from leaderboard.server.home import Home
from leaderboard.server.measures import Measures
from leaderboard.server.service import Service
from leaderboard.server.settings import Admission, Intake
from leaderboard.server.shelf import Shelf
from leaderboard.server.tables import WAITING, Submission
from omnibench.errors import UsageError
from omnibench.system.process import ending_signals

_LOG: Final = logging.getLogger(__name__)
_STOP_SECONDS: Final = 20
_RESTART_SECONDS: Final = 5.0
_OTHER_FILES: Final = 256


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and to how many; port 0 is any free one. ``certificate`` and ``key`` are PEM files, for https
    without a proxy.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    admission: Admission = field(default_factory=Admission)


def serve(
    home: Home,
    database: Database,
    roots: Sequence[Path],
    reported: bool,
    intake: Intake,
    address: Address,
    workers: Sequence[Sequence[str]],
    started: Callable[[str], None],
) -> None:
    """Serve until SIGTERM, SIGHUP or SIGINT: answers under way are finished, workers give their jobs back.

    Args:
        home: prepared.
        database: laid out.
        roots: of the entries to show.
        reported: whether to show the paper's rows.
        intake: limits of uploads.
        address: where to listen.
        workers: the words of a command for each.
        started: called with the server's address once it listens.

    Raises:
        UsageError: another server has this folder, or the address is not to be had.
        InputError: an entry is out of order.
    """
    with home.alone():
        _sweep(home, database)
        board = Shelf(home.shelf)
        Drawing(board, roots, reported).start()
        measures = Measures(database, board)
        admission = address.admission
        _allow_files(admission.most)
        app = build_app(Service(home, database, board, intake, measures), admission.per_address)
        listening = _listen(address)
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        configuration = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            http=cast(type[asyncio.Protocol], protocol_of(Gate(admission))),
            loop=f"{PatientLoop.__module__}:{PatientLoop.__name__}",
            ws="none",
            proxy_headers=bool(admission.proxies),
            forwarded_allow_ips=list(admission.proxies),
            timeout_graceful_shutdown=_STOP_SECONDS,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
        )
        server = uvicorn.Server(configuration)
        _stop_on_signals(server)
        crew = Crew([command(home.shelf, roots, reported), *(_line(words) for words in workers)])
        crew.start()
        try:
            started(f"{'https' if address.certificate else 'http'}://{shown}:{port}")
            # What is there now stays: to look for garbage in it holds up every request for a tenth of a second.
            gc.collect()
            gc.freeze()
            server.run(sockets=[listening])
        finally:
            crew.stop()


def _stop_on_signals(server: uvicorn.Server) -> None:
    """A signal is not lost before uvicorn has handlers of its own. At its end uvicorn raises the signal that stopped it
    once more; the workers are still to be stopped then.
    """

    def stop(_: int, __: FrameType | None) -> None:
        server.should_exit = True

    for kind in (*ending_signals(), signal.SIGINT):
        signal.signal(kind, stop)


def _sweep(home: Home, database: Database) -> None:
    """Nobody uploads now. Refused archives are of no use; failed ones may be tried again."""
    with database.reading() as session:
        kept = set(session.scalars(select(Submission.id).where(Submission.state != "refused")))
        running = session.execute(
            select(Submission.id, Submission.attempts).where(
                Submission.state.in_(WAITING), Submission.leased_until > time.time()
            )
        )
        rooms = {f"{name}.{attempt}" for name, attempt in running}
    gone = home.sweep(kept)
    home.sweep_work(rooms)
    if foreign := [str(path) for path in home.foreign()]:
        _LOG.warning("passed over, not the server's: %s", ", ".join(foreign))
    if gone:
        _LOG.info("%d leftovers of unfinished uploads removed", gone)


def _allow_files(connections: int) -> None:
    """Let this process have as many files open as so many connections need, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        if most < wanted:
            _LOG.warning("%d files may be open (ulimit -n), %d connections may need %d", most, connections, wanted)


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise UsageError(
            f"{address.host}:{address.port}: cannot listen there ({error.strerror}). Choose another --host or --port."
        ) from error
    return listening


class Crew:
    """Processes beside the server; one that ends is started again after a moment."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._commands = commands
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start all of them."""
        self._running = [_start(command) for command in self._commands]
        self._watching.start()

    def stop(self) -> None:
        """Ask all of them to stop, and wait; those that do not are killed."""
        self._stopping.set()
        self._watching.join()
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in self._running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(_RESTART_SECONDS):
            for place, process in enumerate(self._running):
                if process.poll() is not None:
                    _LOG.error("process %d ended with status %d; starting another", process.pid, process.returncode)
                    self._running[place] = _start(self._commands[place])


def _line(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "omnibench", *words]


def _start(line: Sequence[str]) -> subprocess.Popen[bytes]:
    # The pipe is never written to: it ends when this process does, and so does the worker. A session of its own keeps
    # the terminal's Ctrl-C for this process, which passes it on in its time.
    return subprocess.Popen(  # noqa: S603
        line, stdin=subprocess.PIPE, env=os.environ, start_new_session=True
    )
