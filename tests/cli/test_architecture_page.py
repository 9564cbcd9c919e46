"""``docs/architecture.md`` is what import-linter holds: the same rooms in the same order, said in their own words."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
TABLES = {"omnibench": "layers", "leaderboard": "board", "baselines": "models"}
ROW = re.compile(r"^\| (\d+) \| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def section(title: str) -> str:
    return re.split(r"^#+ ", PAGE.split(title, 1)[1], flags=re.MULTILINE)[0]


def first_paragraph(package: str, room: str) -> str:
    path = ROOT / package / room
    docstring = ast.get_docstring(ast.parse((path / "__init__.py" if path.is_dir() else path).read_text("utf-8")))
    assert docstring is not None
    return " ".join(docstring.split("\n\n")[0].split()).replace("``", "`")


@pytest.mark.parametrize(("package", "contract"), TABLES.items())
def test_the_rooms_are_those_of_the_contracts(package: str, contract: str) -> None:
    rows = ROW.findall(section(f"### `{package}`"))
    layers = [re.split(r" [|:] ", layer) for layer in CONTRACTS[contract]["layers"]]
    expected = [(str(number), room) for number, layer in enumerate(layers, 1) for room in layer]
    assert [(number, room.rstrip("/").removesuffix(".py")) for number, room, _ in rows] == expected
    assert [said for _, _, said in rows] == [first_paragraph(package, room) for _, room, _ in rows]


def test_every_contract_is_named() -> None:
    across = " ".join(section("### Across").split())
    others = [contract["name"] for key, contract in CONTRACTS.items() if key not in TABLES.values()]
    assert [name for name in others if f"*{name}*" not in across] == []
