"""Every metric of every protocol, in order, with all that its number is compared by.

A key that changes parts every number from those measured before. Who means to change one says so in CHANGELOG.md and
changes ``comparison_keys.json`` by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.metrics.signature import SEPARATOR, signature

KEYS = json.loads(Path(__file__).with_name("comparison_keys.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_number_parts_from_those_before(protocol: str) -> None:
    found = {
        name: signature(METRICS.get(name).spec.title, protocol, own.values, "DATA", {}, "").split(SEPARATOR)[0]
        for name, own in load_protocol(protocol).metrics.items()
    }
    assert list(found.items()) == list(KEYS[protocol].items())
