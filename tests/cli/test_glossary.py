"""``docs/glossary.md`` holds: one word for a thing in pages, docstrings and messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from test_links import FENCE, PAGES, ROOT, SOURCES, read

GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| \*\*([^*]+)\*\* \| .+ \| ([^|]+) \|$", re.MULTILINE)
TERMS = {term: words.strip().split(", ") for term, words in ROW.findall(read(GLOSSARY))}
INSTEAD = {word: term for term, words in TERMS.items() for word in words}
WORDS = re.compile(rf"(?<![.\w])({'|'.join(sorted(INSTEAD, key=len, reverse=True))})(?![\w.]\w)\b", re.IGNORECASE)
EXEMPT = {GLOSSARY, ROOT / "omnibench" / "types.py"}
OTHERS = re.compile(
    r"""
    ``.*?`` | `[^`]*` | ^[ ]{4,}(omnibench|pip|python)\ [^\n]*             # code and commands
    | "[^"]{0,160}" | (?<!\*)\*[^*\n]+\*(?!\*) | ^[^\n]*\bet\ al\.[^\n]*     # quotations, titles, other people's papers
    | <[^>\n]*> | \]\([^)]*\) | ^\s*\w+:\s                               # what stands for a name, links, arguments
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def test_there_are_at_most_fifteen_terms_and_a_word_is_one_term_s() -> None:
    assert 6 <= len(TERMS) <= 15
    assert len(INSTEAD) == sum(map(len, TERMS.values()))
    assert not set(INSTEAD) & set(TERMS)


def test_no_other_word_stands_for_a_term() -> None:
    pages = [path for path in [*PAGES, *SOURCES] if path not in EXEMPT]
    assert [f"{path.relative_to(ROOT)}:{found}" for path in pages for found in wrong_words(path)] == []


def wrong_words(path: Path) -> Iterator[str]:
    for first, text in prose(path):
        for match in WORDS.finditer(OTHERS.sub(blank, text)):
            line = first + text.count("\n", 0, match.start())
            yield f"{line}: {match[1]!r}; the glossary says {INSTEAD[match[1].lower()]!r}"


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The first line and the words of a page, of each docstring and of each text of more than one word."""
    if path.suffix == ".md":
        yield 1, FENCE.sub(blank, read(path))
        return
    for node in ast.walk(ast.parse(read(path))):
        text = node.value if isinstance(node, ast.Constant) else ""
        # A prompt speaks to a language model in whatever words it knows.
        if isinstance(text, str) and " " in text.strip() and not text.startswith("You "):
            yield node.lineno, text


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
