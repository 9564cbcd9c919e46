"""Protocol files: what extends, drops and replaces; that every section is a metric that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from omnibench.assets.finding import ASSETS, Url
from omnibench.errors import InputError
from omnibench.features.recogniser import FILES as RECOGNISER
from omnibench.metrics.base import METRICS, Mean, Metric, MetricSpec
from omnibench.metrics.protocol import PROTOCOLS, STAND_INS, load_protocol
from omnibench.metrics.protocol_file import merged, parse_protocol
from omnibench.tables.paper import COLUMNS

BASE = {"a": {"k": 1, "j": "x"}, "b": {"k": 2}, "c": {}}
NOBODY = Metric(MetricSpec("z", "Z", "none", ("text",), "nothing"), lambda *_: {}, Mean(), parameters={"m": 0.5})
INSTALLED = dict.fromkeys("abcdz", NOBODY)


def whole(text: str, members: tuple[str, ...] = (), base: Any = BASE) -> dict[str, Any]:
    return merged(parse_protocol(text, "mine.toml"), "mine.toml", base, members, INSTALLED, {"b": {"k": 2}})


def test_a_protocol_takes_over_drops_and_departs() -> None:
    found = whole('extends = "strict"\ndrop = ["a"]\n[metrics.b]\nk = 3\n[metrics.d]', ("z",))
    assert found == {"b": {"k": 3}, "c": {}, "z": {"m": 0.5}, "d": {"m": 0.5}}
    assert list(found) == ["b", "c", "z", "d"]
    assert whole('[metrics.a]\ndrop = ["j"]')["a"] == {"k": 1}
    assert whole("[metrics.d]\nm = 2", base={}) == {"d": {"m": 2}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("drop = [", r"mine\.toml: not readable as TOML"),
        ('drop = ["z"]', r'mine\.toml: drop: "z" is no metric .* expected some of a, b, c\.'),
        ("drop = 3", r"mine\.toml: drop: 3; expected"),
        ('absent = "forgotten"', r"absent: 'forgotten'; expected 'worst' or 'left_out'"),
        ('extends = "strickt"', r"extends: 'strickt'; expected 'paper', 'strict' or 'offline'"),
        ("dorp = []", "dorp: no such field; expected extends, drop, absent, metrics"),
        ("[metrics]\nb = 3", r"metrics\.b: 3; expected a table"),
        ("[metrics.b]\nk = 1979-05-27", r"metrics\.b\.k: .*; expected a text, number"),
        ("[metrics.b]\nkk = 1", r"metrics\.b\.kk: no parameter of it; expected some of m, k"),
        ('[metrics.b]\nk = "much"', r"metrics\.b\.k: 'much'; expected something like 2"),
        ("[metrics.b]\nk = true", r"metrics\.b\.k: True; expected something like 2"),
        ('[metrics.b]\ndrop = ["kk"]', r"metrics\.b\.drop: 'kk'; expected some of m, k"),
        ("[metrics.meteor]", r"metrics\.meteor: no such metric"),
    ],
)
def test_a_faulty_file_says_where_and_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        whole(text)


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
    pinned = [*(asset.sha256 for asset in ASSETS.values() if asset.sha256), *RECOGNISER.values()]
    addresses = [source.url for asset in ASSETS.values() for source in asset.sources if isinstance(source, Url)]
    pinned += [part for address in addresses for part in address.split("/")]
    for metric, parameters in load_protocol(name).metrics.items():
        for value in (text for item in parameters.values.values() for text in strings(item)):
            for digest in re.findall(r"@([0-9a-f]{8})\b", value):
                assert any(known.startswith(digest) for known in pinned), f"{metric}: {value}"
