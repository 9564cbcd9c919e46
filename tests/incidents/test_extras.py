"""`test_gpt.py` failed 28 times where the extra ``gpt`` was not installed. A test says which extra it needs."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from extras import MODULES, OF_MARKERS, lacking

TESTS = Path(__file__).parents[1]
# What else brings them: huggingface_hub the one, training on several GPUs and pretrained models the other.
ALSO_ELSEWHERE = {"httpx2", "accelerate"}
# In tox environments of their own, with packages that are no extras.
APART = {"parity", "language_model", "moshi"}


def _imported(tree: ast.Module) -> set[str]:
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_every_extra_is_known() -> None:
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]
    extras = {name for name, packages in project["optional-dependencies"].items() if packages}
    assert {name.partition(",")[0] for name in MODULES} == extras - {"test"}


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_a_file_that_imports_what_an_extra_brings_says_so(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = _imported(ast.parse(source)) - ALSO_ELSEWHERE
    for extra, modules in MODULES.items():
        apart = APART | {marker for marker, of in OF_MARKERS.items() if of == extra}
        marks = [f'mark.needs("{extra}")', *(f"mark.{marker}" for marker in apart)]
        assert any(mark in source for mark in marks) or not found & set(modules), f"{extra}: {found & set(modules)}"


@pytest.mark.parametrize("extra", MODULES)
def test_the_reason_names_the_line_that_gets_it(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, extra, ("a_module_that_is_nowhere",))
    line = f'pip install "omnibench[{extra.partition(",")[0]}]"'
    assert lacking(extra) == f"needs a_module_that_is_nowhere: {line}"
