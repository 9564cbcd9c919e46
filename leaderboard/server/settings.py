"""What a host can set. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from leaderboard.entry.limits import DEFAULT_LIMITS

ATTEMPTS: Final = 3
"""Workers that may die over one submission before it is called failed."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What the server takes from one team and from one upload.

    ``per_hour`` uploads grow back in an hour, at most ``burst`` at once; ``waiting`` submissions may be unfinished at a
    time. An upload that sends nothing for ``patience`` is given up, as is one that is slower than ``least_rate`` bytes
    a second on average after that.
    """

    archive_bytes: int = DEFAULT_LIMITS.archive_bytes
    per_hour: float = 12.0
    burst: float = 6.0
    waiting: int = 3
    patience: float = 60.0
    least_rate: int = 4096


@dataclass(frozen=True, slots=True)
class Admission:
    """What the server takes from clients, whoever they are.

    ``most`` connections may be open, ``per_address`` of them of one address (of IPv6: of one /64); requests that come
    through ``proxies``, networks like ``10.0.0.0/8``, count for the address that X-Forwarded-For names. A request has
    to be there up to its body within ``head`` seconds. A client that reads nothing of its answer for ``unread``
    seconds, or has not read all of it after ``answer``, is given up.
    """

    most: int = 512
    per_address: int = 128
    proxies: tuple[str, ...] = ()
    head: float = 10.0
    unread: float = 30.0
    answer: float = 600.0


@dataclass(frozen=True, slots=True)
class Rescoring:
    """How the workers score: ``data`` instead of what submissions name, ``protocols`` and ``metrics`` instead of those
    that the teams sent scores of; ``by`` is named in every entry.
    """

    by: str = "the leaderboard's server"
    data: str | None = None
    protocols: tuple[str, ...] = ()
    metrics: tuple[str, ...] | None = None
