"""Every parser reads 5,000 damaged files together, and says of each what is wrong with it, or reads it."""

from __future__ import annotations

import warnings

import pytest
from fuzz_parsers import fuzz, shares
from mutations import mutated
from parser import Parser
from parsers import parsers

INPUTS = 5_000
LEAST = 46


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Parser]:
    return parsers(tmp_path_factory.mktemp("fuzz"))


def test_valid_files_are_read(found: list[Parser]) -> None:
    for parser in found:
        parser.read(parser.path)


def test_nothing_comes_out_of_a_parser_but_the_projects_own_errors(found: list[Parser]) -> None:
    assert len(found) >= LEAST
    inputs = shares(found, INPUTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = [finding for parser in found for finding in fuzz(parser, inputs[parser.name], seed=14)]
    kinds = {finding.kind: finding for finding in findings}
    shown = "\n".join(f"{kind}\n  {finding.error}\n  {finding.content[:200]!r}" for kind, finding in kinds.items())
    assert not findings, f"{len(findings)} findings; python tests/fuzz/fuzz_parsers.py keeps each\n{shown}"


def test_a_seed_gives_the_same_inputs_again() -> None:
    import random

    content = b'{"a": [1, {"b": "c"}]}'
    for kind in ("json", "bytes", "text"):
        again = [mutated(content, kind, random.Random("0/x/1")) for _ in range(2)]  # type: ignore[arg-type]
        assert again[0] == again[1]
