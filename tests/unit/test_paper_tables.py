"""The paper's numbers, cell by cell.

The lines below are the tables as the published text has them (OmniResponse, NeurIPS 2025, Tables 2 and 3), copied with
citation marks removed; ``omnibench.paper`` was typed separately, so a slip in one shows here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from omnibench.errors import UsageError
from omnibench.paper import TABLE_2, TABLE_3, ReportedTable
from omnibench.scores import Scores
from omnibench.tables import NOT_SCORED, Run, render_table, table_frame

TABLE_2_TEXT = """
Ground-Truth | – | – | – | 0.835 | 8.96 | 1.56 | – | – |
GPT-4o | 0.167 | 0.805 | 0.079 | 0.928 | – | – | – | – |
GPT-4 | 0.163 | 0.822 | 0.082 | 0.960 | – | – | – | – |
GPT-o1 | 0.189 | 0.822 | 0.113 | 0.948 | – | – | – | – |
Moshi | 0.120 | 0.818 | 0.078 | 0.499 | – | 2.21 | – | – |
ReactFace | – | – | – | – | – | – | 32.72 | 340.28 |
ViCo | – | – | – | – | – | – | 57.13 | 325.65 |
LSTM | 0.042 | 0.716 | 0.000 | 0.000 | 9.72 | 1.21 | 6.51 | 320.92 |
Audio-visual LLM | 0.030 | 0.662 | 0.020 | 0.155 | 10.03 | 1.32 | 580.86 | 681.55 |
OmniResponse (Ours) | 0.141 | 0.806 | 0.081 | 0.882 | 9.56 | 1.41 | 15.46 | 314.94 |
"""
TABLE_3_TEXT = """
no Chrono-Text, no TempoVoice | 0.090 | 0.755 | 13.64 | 1.21 | 596.27 |
Chrono-Text, no TempoVoice | 0.128 | 0.778 | 11.91 | 1.23 | 19.58 |
no Chrono-Text, TempoVoice | 0.122 | 0.766 | 11.51 | 1.39 | 23.42 |
Chrono-Text, TempoVoice | 0.141 | 0.806 | 9.56 | 1.41 | 15.46 |
"""


@pytest.mark.parametrize(("table", "text"), [(TABLE_2, TABLE_2_TEXT), (TABLE_3, TABLE_3_TEXT)])
def test_every_cell_is_the_published_one(table: ReportedTable, text: str) -> None:
    published = [[cell.strip() for cell in line.split("|")[:-1]] for line in text.strip().splitlines()]
    frame = table_frame(table.number, [])
    ours = frame.drop(columns=["Group", "Data", "Protocol"]).values.tolist()
    assert ours == published


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("form", ["md", "latex", "html", "csv"])
def test_every_format_shows_every_number(number: int, form: str) -> None:
    frame = table_frame(number, [])
    text = render_table(frame, form)  # type: ignore[arg-type]
    numbers = [value for value in frame.to_numpy().ravel() if str(value).replace(".", "").isdigit()]
    assert len(numbers) > 15
    assert all(value in text for value in numbers)


def test_groups_stand_in_the_papers_order() -> None:
    text = render_table(table_frame(2, []), "md")
    groups = list(dict.fromkeys(row.group for row in TABLE_2.rows if row.group))
    places = [text.index(group) for group in groups]
    assert len(groups) == 4
    assert places == sorted(places)


def test_csv_reads_back_as_the_same_cells() -> None:
    from io import StringIO

    frame = table_frame(2, [])
    back = pd.read_csv(StringIO(render_table(frame, "csv")), dtype=str, keep_default_na=False)
    assert back.values.tolist() == frame.values.tolist()


def test_a_table_that_the_paper_has_not_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected 2"):
        table_frame(7, [])


def offline_run() -> Run:
    entry = {"value": 0.512, "direction": "higher", "n_scored": 23, "n_expected": 24, "n_outside": 0, "signature": ""}
    withheld = {"status": "withheld", "reason": "no worst value", "n_scored": 23, "n_expected": 24}
    metrics = {"rouge_l": entry, "bertscore_minilm": entry, "fvd_mini": withheld}
    data = {"name": "mini", "version": "mini-v1", "split": "test", "dialogues": 24}
    return Run(Path("runs/parrot"), Scores("offline", data, "parrot", metrics), {"name": "parrot", "kind": "control"})


def test_a_stand_in_has_a_column_of_its_own_beside_the_metric_it_stands_in_for() -> None:
    frame = table_frame(2, [offline_run()])
    columns = list(frame.columns)
    place = columns.index("BERTScore-F1 ↑")
    assert columns[place + 1] == "bertscore_minilm ↑"
    ours, theirs = frame[frame.Model.str.startswith("parrot")].iloc[0], frame[frame.Model == "Moshi"].iloc[0]
    assert (ours["BERTScore-F1 ↑"], ours["bertscore_minilm ↑"]) == (NOT_SCORED, "0.512 (23/24 !)")
    assert (theirs["BERTScore-F1 ↑"], theirs["bertscore_minilm ↑"]) == ("0.818", NOT_SCORED)
    assert ours["fvd_mini ↓"] == "withheld (23/24 !)"


def test_without_the_papers_rows_columns_that_only_stand_ins_fill_are_left_out() -> None:
    columns = list(table_frame(2, [offline_run()], paper=False).columns)
    assert "bertscore_minilm ↑" in columns
    assert "BERTScore-F1 ↑" not in columns
    assert "METEOR ↑" in columns
