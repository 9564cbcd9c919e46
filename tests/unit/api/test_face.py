"""What ``import omnibench`` gives: names, types and times."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import omnibench

ROOT = Path(__file__).parents[3]
SOURCE = ast.parse((ROOT / "omnibench" / "__init__.py").read_text(encoding="utf-8"))
PROMISED = {"run", "score", "compare", "load_dataset", "metric", "Responder", "Session", "ModelCard", "ModelEntry",
            "Metric", "Word", "SpeakerFrame", "ListenerFrame", "DialogueContext", "Dialogue", "Track"}  # fmt: skip


def test_every_name_is_there_and_listed() -> None:
    assert set(omnibench.__all__) >= PROMISED
    for name in omnibench.__all__:
        assert getattr(omnibench, name) is getattr(omnibench, name)
        assert name in dir(omnibench)
        assert (getattr(omnibench, name).__doc__ or "").strip(), name
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        omnibench.nothing_of_ours  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    (block,) = (node for node in SOURCE.body if isinstance(node, ast.If))
    seen = [alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(filter(None, seen)) == omnibench.__all__


def test_no_module_can_take_a_names_place() -> None:
    """Importing a submodule sets it as its package's attribute, whoever had the name."""
    modules = {found.name for found in pkgutil.iter_modules(omnibench.__path__)}
    assert not modules & set(omnibench.__all__)


def test_the_face_alone_imports_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import omnibench; dir(omnibench); "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["omnibench"]


def test_the_public_rooms_are_those_that_the_contracts_allow() -> None:
    """docs/python.md lists what models and the board may import; pyproject.toml holds it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["id"]: contract for contract in project["tool"]["importlinter"]["contracts"]}
    layers = {name.strip() for layer in contracts["layers"]["layers"] for name in layer.split("|")}
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").split("## The public rooms")[1]
    rows = {cells[1].strip(): cells[2].strip() for line in page.splitlines() if len(cells := line.split("|")) == 4}
    for contract, who in (("model-rooms", "models"), ("board-rooms", "the board")):
        forbidden = {name.removeprefix("omnibench.") for name in contracts[contract]["forbidden_modules"]}
        allowed = {room.strip("` ").removeprefix("omnibench.") for room in rows[who].split(",")}
        assert allowed == layers - forbidden, who
