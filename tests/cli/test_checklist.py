"""The README's checklist of Table 2 against the paper's table: the same rows, dashes in the same cells."""

from __future__ import annotations

from pathlib import Path

from omnibench.assets.table import TABLE
from omnibench.tables.paper import TABLE_2

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_cell_of_the_papers_table_is_there_or_its_dash() -> None:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines()]
    found = {line[1].strip("`"): line[2:10] for line in lines if len(line) == 11 and line[1].startswith("`")}
    found.pop("--model")
    assert list(found) == [row.model for row in TABLE_2.rows]
    for row in TABLE_2.rows:
        assert ["–" if cell == "–" else "x" for cell in found[row.model]] == [
            "–" if value is None else "x" for value in row.values
        ], row.model


def test_the_networks_it_fetches_are_assets() -> None:
    (line,) = (line for line in README.splitlines() if "assets fetch roberta-large" in line)
    names = line.split("assets fetch ")[1].split("`")[0].split()
    assert len(names) == 5
    assert set(names) <= {asset.group for asset in TABLE} | {asset.name for asset in TABLE}
