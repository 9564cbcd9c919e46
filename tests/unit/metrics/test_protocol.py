"""Protocol files: what extends, drops and replaces; that every section is a metric that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from omnibench.assets.finding import ASSETS, Url
from omnibench.errors import InputError
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import PROTOCOLS, STAND_INS, extended, load_protocol
from omnibench.tables.paper import COLUMNS

BASE = {"absent": "worst", "metrics": {"a": {"k": 1}, "b": {"k": 2}, "c": {}}}


def test_a_protocol_takes_over_drops_and_replaces() -> None:
    whole = extended("mine", {"extends": "base", "drop": ["a"], "metrics": {"b": {"k": 3}, "d": {}}}, BASE)
    assert whole["metrics"] == {"b": {"k": 3}, "c": {}, "d": {}}
    assert whole["absent"] == "worst"


def test_dropping_what_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match=r'mine\.toml: drop: "z".*a, b, c'):
        extended("mine", {"drop": ["z"]}, BASE)
    with pytest.raises(InputError, match="expected one of worst, left_out"):
        extended("mine", {"absent": "forgotten"}, BASE)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_section_is_a_registered_metric(name: str) -> None:
    sections = load_protocol(name).metrics
    assert sections
    assert set(sections) <= set(METRICS.names())


def test_only_the_papers_protocol_leaves_an_absent_answer_out() -> None:
    assert {name: load_protocol(name).absent for name in PROTOCOLS} == {
        "paper": "left_out",
        "strict": "worst",
        "offline": "worst",
    }


def test_stand_ins_are_offline_only_and_never_beside_what_they_stand_in_for() -> None:
    offline = load_protocol("offline").metrics
    for metric, names in STAND_INS.items():
        assert metric in COLUMNS
        assert not any(name in load_protocol(other).metrics for name in names for other in ("paper", "strict"))
        if any(name in offline for name in names):
            assert metric not in offline


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_hash_of_every_network_in_a_signature_is_the_pinned_one(name: str) -> None:
    # roberta-large is named by the commit in its addresses, which holds six files.
    pinned = [asset.sha256 for asset in ASSETS.values() if asset.sha256]
    addresses = [source.url for asset in ASSETS.values() for source in asset.sources if isinstance(source, Url)]
    pinned += [part for address in addresses for part in address.split("/")]
    for metric, parameters in load_protocol(name).metrics.items():
        for value in (text for item in parameters.values.values() for text in strings(item)):
            for digest in re.findall(r"@([0-9a-f]{8})\b", value):
                assert any(known.startswith(digest) for known in pinned), f"{metric}: {value}"
