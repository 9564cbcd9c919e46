"""What a page, a docstring or a comment points at is there: files, headings, modules and what they define."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("omnibench", "baselines", "leaderboard", "tests", "docs", ".github")
PAGES = [page for pattern in ("*.md", *(f"{room}/**/*.md" for room in ROOMS)) for page in sorted(ROOT.glob(pattern))]
SOURCES = [source for room in ROOMS[:3] for source in sorted((ROOT / room).rglob("*.py"))]
REGISTRY = re.compile(r'\bRegistry\(\s*"([\w.]+)"')
GROUPS = {group for source in SOURCES for group in REGISTRY.findall(source.read_text(encoding="utf-8"))}
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(rf"`((?:{'|'.join(ROOMS)})/[^`\s<>*…]*)`")
NAME = re.compile(r"`((?:omnibench|baselines|leaderboard)(?:\.[A-Za-z_]\w*)+)(?=[`(])")


def test_links_lead_somewhere() -> None:
    assert [f"{page.relative_to(ROOT)}: {link}" for page in PAGES for link in broken_links(page)] == []


def test_files_and_names_between_backticks_exist() -> None:
    assert [f"{path.relative_to(ROOT)}: {name}" for path in PAGES + SOURCES for name in unknown_names(path)] == []


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", read(page))):
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        if not target.startswith(("https://", "mailto:")) and not (found.exists() and anchor in {"", *headings(found)}):
            yield target


def unknown_names(path: Path) -> Iterator[str]:
    text = read(path)
    yield from (file for file in FILE.findall(text) if not (ROOT / file).exists())
    yield from (name for name in NAME.findall(text) if name not in GROUPS and not is_defined(name.split(".")))


def is_defined(parts: list[str]) -> bool:
    """Whether a dotted name is a module, or something that a module defines, imports or hands on."""
    for length in range(len(parts), 0, -1):
        stem = ROOT.joinpath(*parts[:length])
        for module in (stem.with_suffix(".py"), stem / "__init__.py"):
            if module.is_file():
                return length == len(parts) or parts[length] in names(module)
    return False


@cache
def headings(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", read(page)), re.MULTILINE) if page.suffix == ".md" else []
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def names(module: Path) -> frozenset[str]:
    """The top-level names of a module; a lazy one has them as words of a table."""
    found: set[str] = set()
    for node in ast.parse(read(module)).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update(alias.asname or alias.name for alias in aliases)
            case _:
                found.update(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
                found.update(str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant))
    return frozenset(found)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
