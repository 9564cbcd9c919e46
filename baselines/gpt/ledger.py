"""What a configuration has spent on this machine and when it may ask next: one file for all processes and all runs.

A request is charged at its worst price before it is sent. The answer's own count of tokens settles the charge, and a
refusal takes it back; a request whose fate is unknown (a timeout, a broken connection) stays charged. So the ledger
never counts less than can have been billed, and the cap holds whatever number of processes asks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omnibench.errors import InputError, MissingError
from omnibench.files.atomic import write_text
from omnibench.files.checked import parse_json
from omnibench.files.locking import locked

LONGEST_QUEUE = 3600.0
"""Seconds: a next turn further ahead than this comes from a clock that was set back."""


class Ledger:
    """The file ``NAME.json`` of a folder.

    Args:
        path: the file.
        budget: US dollars.
        requests_per_minute: of all processes together.
    """

    def __init__(self, path: Path, budget: float, requests_per_minute: float) -> None:
        self._path, self._budget, self._interval = path, budget, 60.0 / requests_per_minute

    def admit(self, worst: float) -> None:
        """Charge the most that the next request can cost and wait until it may be sent.

        Raises:
            MissingError: it could cross the cap.
            InputError: the file is damaged.
        """
        with self._locked() as account:
            if account["spent"] + worst > self._budget:
                raise MissingError(
                    f"the spending cap of {self._budget:g} US dollars: {account['spent']:.4f} are spent and the next "
                    f"request may cost {worst:.4f}. Add --set budget=…; the same command goes on"
                )
            now = time.time()
            turn = account["next"] if now < account["next"] < now + LONGEST_QUEUE else now
            account["spent"] += worst
            account["next"] = turn + self._interval
        time.sleep(max(0.0, turn - now))

    def settle(self, worst: float, actual: float) -> None:
        """Replace a request's charge by what it did cost: 0 for one that was refused."""
        with self._locked() as account:
            account["spent"] += actual - worst

    def check(self) -> None:
        """Raises OSError where the file cannot be written, InputError where it is damaged."""
        with self._locked() as account:
            write_text(self._path, json.dumps(account) + "\n")

    @property
    def spent(self) -> float:
        """US dollars so far, over all runs."""
        with self._locked() as account:
            return account["spent"]

    @contextmanager
    def _locked(self) -> Iterator[dict[str, float]]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._path.with_suffix(".lock")):
            before = self._read()
            account = dict(before)
            yield account
            if account != before:
                write_text(self._path, json.dumps(account) + "\n")

    def _read(self) -> dict[str, float]:
        if not self._path.is_file():
            return {"spent": 0.0, "next": 0.0}
        try:
            content = parse_json(self._path.read_bytes())
            return {"spent": float(content["spent"]), "next": float(content["next"])}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f'{self._path}: not a ledger ({error}); expected "spent" and "next".') from error
