"""What ``/metrics`` says, in Prometheus' text format. Numbers alone: no team, no token, no address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from leaderboard.server.database import Database
from leaderboard.server.drawing import COUNT, PROBLEM
from leaderboard.server.shelf import Shelf
from leaderboard.server.tables import WAITING, State, Submission

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_BUCKETS: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0)


class Measures:
    """The server's own counters, and what the database and the folders say when they are asked."""

    def __init__(self, database: Database, board: Shelf) -> None:
        own = self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("omnibench_http_requests", "Requests answered.", labels, registry=own)
        self._seconds = Histogram(
            "omnibench_http_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=own
        )
        self.refused_logins = Counter("omnibench_refused_logins", "Requests that no token lets in.", registry=own)
        self.refused_rates = Counter("omnibench_refused_uploads_rate", "Uploads told to wait.", registry=own)
        self.stored_bytes = Counter("omnibench_stored_upload_bytes", "Bytes of stored uploads.", registry=own)
        self._registry.register(_State(database, board))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is the template of its path, so that strangers cannot invent names."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)


class _State(Collector):
    def __init__(self, database: Database, board: Shelf) -> None:
        self._database, self._board = database, board

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing ahead of time: registering must not need the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask the database and the entries' folders."""
        try:
            counts, oldest = self._ask()
        except SQLAlchemyError:
            yield GaugeMetricFamily("omnibench_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("omnibench_database_up", "Whether the database answers.", 1)
        states = GaugeMetricFamily("omnibench_submissions", "Submissions by state.", labels=["state"])
        for state in get_args(State):
            states.add_metric([state], counts.get(state, 0))
        yield states
        age = 0.0 if oldest is None else max(0.0, time.time() - oldest)
        yield GaugeMetricFamily("omnibench_oldest_waiting_seconds", "Age of the oldest unfinished submission.", age)
        entries = int(self._board.fact(COUNT) or 0)
        yield GaugeMetricFamily("omnibench_entries", "Entries on the leaderboard.", entries)
        damaged = 1 if self._board.fact(PROBLEM) else 0
        yield GaugeMetricFamily("omnibench_entries_out_of_order", "Whether older entries are shown.", damaged)

    def _ask(self) -> tuple[dict[State, int], float | None]:
        with self._database.reading() as session:
            rows = session.execute(select(Submission.state, func.count()).group_by(Submission.state))
            counts = dict(rows.all())
            waiting = select(func.min(Submission.received_at)).where(Submission.state.in_(WAITING))
            return counts, session.scalar(waiting)
