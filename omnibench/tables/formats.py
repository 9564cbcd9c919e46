"""A table of texts as Markdown, LaTeX or HTML, every character of it escaped. Groups become rows of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from omnibench.errors import UsageError

Form = Literal["md", "latex", "html"]

# ``[`` at the start of a row would be taken for the length after the last row's ``\\``.
_LATEX: Final[Mapping[str, str]] = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{sign: f"{{{sign}}}" for sign in "[]"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "–": r"\textendash{}",
    "·": r"$\cdot$",
    "≤": r"$\leq$",
}
_MARKDOWN: Final[Mapping[str, str]] = {"\\": "\\\\", "|": "\\|", "`": "\\`", "*": "\\*", "<": "&lt;", "&": "&amp;"}


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headings, and rows of as many cells, each under its group (``""``: none). ``left`` columns hold names, the
    others numbers; ``notes`` stand below.
    """

    headings: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    left: int = 1
    notes: Sequence[str] = ()

    def in_groups(self) -> list[tuple[str, list[Sequence[str]]]]:
        """Neighbouring rows of one group together, in order."""
        found: list[tuple[str, list[Sequence[str]]]] = []
        for group, cells in self.rows:
            if not found or found[-1][0] != group:
                found.append((group, []))
            found[-1][1].append(cells)
        return found


def render(table: TextTable, form: Form) -> str:
    """The table in one of the formats; the notes are left to the caller in Markdown, comments in LaTeX.

    Raises:
        UsageError: a format that is none of the three.
    """
    writers: Mapping[str, Callable[[TextTable], str]] = {"md": markdown, "latex": latex, "html": html}
    if form not in writers:
        raise UsageError(f"Format {form}: expected md, latex, html or csv.")
    return writers[form](table)


def markdown(table: TextTable) -> str:
    """A pipe table, its columns padded so that it can be read as it stands."""
    rows = [[_markdown(cell) for cell in table.headings]]
    for group, own in table.in_groups():
        if group:
            rows.append([_markdown(group), *[""] * (len(table.headings) - 1)])
        rows += [[_markdown(cell) for cell in cells] for cells in own]
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(table.headings))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join(":" + "-" * (width + 1) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def latex(table: TextTable) -> str:
    """A ``tabular`` for a document with ``\\usepackage{booktabs,textcomp}`` and a T1 font encoding."""
    columns = len(table.headings)
    lines = [
        r"% \usepackage[T1]{fontenc} \usepackage{booktabs,textcomp}",
        *(f"% {' '.join(note.split())}" for note in table.notes),
        rf"\begin{{tabular}}{{{'l' * table.left}{'r' * (columns - table.left)}}}",
        r"\toprule",
        _latex_row(table.headings),
        r"\midrule",
    ]
    for group, own in table.in_groups():
        if group:
            lines.append(rf"\multicolumn{{{columns}}}{{l}}{{\emph{{{_latex(group)}}}}} \\")
        lines += [_latex_row(cells) for cells in own]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def html(table: TextTable) -> str:
    """A whole page, which says its encoding."""
    columns = len(table.headings)
    head = "".join(f'<th scope="col">{_html(cell)}</th>' for cell in table.headings)
    bodies = []
    for group, own in table.in_groups():
        title = f'<tr><th scope="rowgroup" colspan="{columns}">{_html(group)}</th></tr>\n' if group else ""
        lines = [f'<tr><th scope="row">{_html(first)}</th>{_data(rest)}</tr>' for first, *rest in own]
        bodies.append("<tbody>\n" + title + "\n".join(lines) + "\n</tbody>\n")
    notes = "".join(f"<p>{_html(note)}</p>\n" for note in table.notes)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>omnibench</title>\n'
        "<style>body{font-family:sans-serif}table{border-collapse:collapse}"
        "th,td{padding:.2em .6em;text-align:left;white-space:nowrap}thead,tbody{border-bottom:1px solid}</style>\n"
        f"</head>\n<body>\n<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n{''.join(bodies)}</table>\n{notes}"
        "</body>\n</html>\n"
    )


def _data(cells: Sequence[str]) -> str:
    return "".join(f"<td>{_html(cell)}</td>" for cell in cells)


def _html(text: str) -> str:
    return escape(_printable(text))


def _markdown(text: str) -> str:
    return "".join(_MARKDOWN.get(sign, sign) for sign in _printable(text))


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in _printable(text)).replace("--", "-{}-")


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_latex, cells)) + r" \\"


def _printable(text: str) -> str:
    """In one line, without control characters."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
