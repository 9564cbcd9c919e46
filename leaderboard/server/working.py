"""A worker: takes one submission after the other, says that it lives, and leaves nothing half done."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from leaderboard.server import jobs
from leaderboard.server.jobs import Job, LeaseLost
from leaderboard.server.verdicts import Bench, Verdict, judge
from omnibench.system.process import ending_signals

_LOG: Final = logging.getLogger(__name__)
_IDLE_SECONDS: Final = 1.0
_AFTER_FAULT_SECONDS: Final = 60.0
_STANDARD_INPUT: Final = 0


class Stopped(Exception):
    """The worker was asked to stop in the middle of a job."""


def work(bench: Bench, drain: bool = False, supervised: bool = False) -> None:
    """Work until SIGTERM, SIGHUP or SIGINT; then the job at hand goes back into the queue.

    Args:
        bench: where and how.
        drain: stop as soon as nothing waits.
        supervised: stop as well when standard input ends, as it does when the server that started this worker ends.
    """
    stop = threading.Event()
    if supervised:
        # On the server's own machine whoever asks it for something comes first.
        with suppress(OSError):
            os.nice(10)
    for kind in (*ending_signals(), signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    if supervised:
        threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    owner = f"{socket.gethostname()[:60]}:{os.getpid()}"
    while not stop.is_set():
        try:
            job = jobs.claim(bench.database, owner, bench.lease)
            if job is not None:
                _do(bench, job, stop)
            elif drain:
                return
            else:
                stop.wait(_IDLE_SECONDS)
        except SQLAlchemyError:
            _LOG.exception("the database does not answer")
            stop.wait(_AFTER_FAULT_SECONDS)


def _do(bench: Bench, job: Job, stop: threading.Event) -> None:
    _LOG.info("submission %s: attempt %d", job.id, job.attempt)
    for old in bench.home.work.glob(f"{job.id}.*"):
        shutil.rmtree(old, ignore_errors=True)
    room = bench.home.work / job.room
    try:
        with _living(bench, job) as lost:
            verdict = _verdict(bench, job, stop, lost)
            jobs.finish(bench.database, job, verdict.state, verdict.reasons)
        _LOG.info("submission %s: %s %s", job.id, verdict.state, "; ".join(verdict.reasons))
        if verdict.state == "refused":
            bench.home.upload(job.id).unlink(missing_ok=True)
    except Stopped:
        jobs.give_back(bench.database, job)
        _LOG.info("submission %s: given back", job.id)
    except LeaseLost:
        _LOG.warning("submission %s: another worker has it by now", job.id)
    except SQLAlchemyError:
        raise
    except Exception:
        _LOG.exception("submission %s: a fault of the worker's own", job.id)
        jobs.postpone(bench.database, job, _AFTER_FAULT_SECONDS)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _verdict(bench: Bench, job: Job, stop: threading.Event, lost: threading.Event) -> Verdict:
    def watch(_: Sequence[Mapping[str, Any]]) -> None:
        if lost.is_set():
            raise LeaseLost(job.id)
        if stop.is_set():
            raise Stopped

    room = bench.home.work / job.room
    room.mkdir(mode=0o700)
    return judge(bench, job, room, watch)


@contextmanager
def _living(bench: Bench, job: Job) -> Iterator[threading.Event]:
    """Renew the lease in the background. The event is set when it is lost."""
    done, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not done.wait(bench.lease / 4):
            try:
                jobs.renew(bench.database, job, bench.lease)
            except LeaseLost:
                lost.set()
                return
            except SQLAlchemyError:
                # The next try may reach it; a lease that runs out meanwhile is noticed then.
                _LOG.exception("submission %s: its lease could not be renewed", job.id)

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        done.set()
        thread.join()


def _wait_for_end(stop: threading.Event) -> None:
    # Not through sys.stdin, whose lock this thread would hold when the interpreter shuts down.
    while os.read(_STANDARD_INPUT, 1):
        continue
    stop.set()
