"""Whom an address counts for."""

from __future__ import annotations

import pytest

pytest.importorskip("uvicorn", reason="needs the extra server")

from leaderboard.server.connections import origin


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::1", "::2", True),
        ("unix:", "unix:", True),
        ("unknown", "_hidden", False),
    ],
)
def test_who_is_one_client(one: str, other: str, same: bool) -> None:
    assert (origin(one) == origin(other)) == same
