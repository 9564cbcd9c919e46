"""Tables as Markdown, LaTeX and HTML: whatever a model is called, the table holds and its name comes back."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import UsageError
from omnibench.tables.formats import TextTable, html, latex, markdown, render

SPECIALS = "a_b & c%"
EVERY = r"""\ & % $ # _ { } ~ ^ < > | " ' ` [x] -- --- ?` !` `` '' ,, ↑ ↓ – · @ * + = / : ; ( ) ≤"""
HOSTILE = (
    SPECIALS,
    EVERY,
    "[1cm] first",
    r"\input{/etc/passwd}",
    "</td></table><script>alert(1)</script>",
    "one\ntwo",
    "a|b",
)


def table_of(*names: str) -> TextTable:
    return TextTable(
        ["Model", "a_b ↑"], [(f"group {name}", [name, "0.10 [0.05, 0.15]"]) for name in names], notes=("50 % & more",)
    )


TEX = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textquotedbl": '"',
    "textquotesingle": "'",
    "textasciigrave": "`",
    "textendash": "–",
}
MATHS = {"uparrow": "↑", "downarrow": "↓", "cdot": "·", "leq": "≤"}


def read_tex(source: str) -> str:
    """What LaTeX prints for a cell, by TeX's own rules: an unescaped special is an error."""
    found, rest = "", source
    while rest:
        for pattern, meaning in (
            (r"\\([&%$#_{}])", lambda m: m[1]),
            (r"\\([a-z]+)\{\}", lambda m: TEX[m[1]]),
            (r"\$\\([a-z]+)\$", lambda m: MATHS[m[1]]),
            (r"\{([\[\]])\}", lambda m: m[1]),
            (r"-\{\}", lambda m: "-"),
            (r"[^\\&%$#_{}~^<>|\"'`\[\]]", lambda m: m[0]),
        ):
            match = re.match(pattern, rest, re.DOTALL)
            if match:
                found, rest = found + meaning(match), rest[match.end() :]
                break
        else:
            raise AssertionError(f"not escaped: {rest[:20]!r} in {source!r}")
    return found


def rows_of_tex(source: str) -> list[list[str]]:
    lines = [line for line in source.splitlines() if line.endswith(r" \\") and "multicolumn" not in line]
    return [[read_tex(cell) for cell in re.split(r"(?<!\\) & ", line[:-3])] for line in lines]


@pytest.mark.parametrize("name", HOSTILE)
def test_latex_escapes_every_special(name: str) -> None:
    heading, row = rows_of_tex(latex(table_of(name)))
    assert heading == ["Model", "a_b ↑"]
    assert row == [" ".join(name.split()), "0.10 [0.05, 0.15]"]
    assert "---" not in latex(table_of(name)).replace("textendash", "")


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(EVERY), max_size=30))
def test_latex_gives_any_name_back(name: str) -> None:
    _, (cell, _) = rows_of_tex(latex(table_of(name)))
    assert cell == " ".join(name.split())


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX is installed")
def test_latex_compiles(tmp_path: Path) -> None:
    program = str(shutil.which("pdflatex"))
    document = (
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs,textcomp}\n\\begin{document}\n"
        f"{latex(table_of(*HOSTILE))}\\end{{document}}\n"
    )
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


class Page(HTMLParser):
    """The cells of a page, and whether every tag was closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta":
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("name", HOSTILE)
def test_html_is_a_whole_page_and_escaped(name: str) -> None:
    source = html(table_of(name))
    assert source.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in source
    assert "<script" not in source
    plain = " ".join(name.split())
    assert Page(source).rows == [["Model", "a_b ↑"], [f"group {plain}"], [plain, "0.10 [0.05, 0.15]"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_keeps_its_columns(name: str) -> None:
    for line in markdown(table_of(name)).splitlines():
        assert len(re.findall(r"(?<!\\)\|", line)) == 3, line
        assert "<script" not in line


def test_another_format_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected md, latex, html or csv"):
        render(table_of("x"), "pdf")  # type: ignore[arg-type]
