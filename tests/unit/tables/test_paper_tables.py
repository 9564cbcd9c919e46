"""The paper's numbers, cell by cell.

The lines below are the tables as the published text has them (OmniResponse, NeurIPS 2025, Tables 2 and 3), copied with
citation marks removed; ``omnibench.tables.paper`` was typed separately, so a slip in one shows here.
"""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from score_entries import scores_of

from omnibench.errors import UsageError
from omnibench.files.records import Card
from omnibench.tables.formats import Form, render
from omnibench.tables.paper import TABLE_2, TABLE_3, ReportedTable
from omnibench.tables.paper_tables import CSV_COLUMNS, NOT_SCORED, Run, long_frame, text_table

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
    ours = [[cells[0], *cells[3:]] for _, cells in text_table(table.number, []).rows]
    assert ours == published


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("form", ["md", "latex", "html"])
def test_every_format_shows_every_number(number: int, form: Form) -> None:
    table = text_table(number, [])
    shown = render(table, form)
    numbers = [cell for _, cells in table.rows for cell in cells if cell.replace(".", "").isdigit()]
    assert len(numbers) > 15
    assert all(cell in shown for cell in numbers)


def test_groups_stand_in_the_papers_order() -> None:
    shown = render(text_table(2, []), "md")
    groups = list(dict.fromkeys(row.group for row in TABLE_2.rows if row.group))
    places = [shown.index(group) for group in groups]
    assert len(groups) == 4
    assert places == sorted(places)


def test_a_table_that_the_paper_has_not_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected 2"):
        text_table(7, [])


def offline_run() -> Run:
    entry = {"value": 0.512, "direction": "higher", "n_scored": 23, "n_expected": 24, "n_outside": 0, "signature": ""}
    withheld = {"status": "withheld", "reason": "no worst value", "n_scored": 23, "n_expected": 24}
    metrics = {"rouge_l": entry, "bertscore_minilm": entry, "fvd_mini": withheld}
    return Run(Path("runs/parrot"), scores_of(metrics, model="parrot"), Card(name="parrot", kind="control"))


def columns_of(runs: list[Run], paper: bool = True) -> dict[str, dict[str, str]]:
    """Cells by the row's model and the heading."""
    table = text_table(2, runs, paper)
    return {cells[0]: dict(zip(table.headings, cells, strict=True)) for _, cells in table.rows}


def test_a_stand_in_has_a_column_of_its_own_beside_the_metric_it_stands_in_for() -> None:
    headings = list(text_table(2, [offline_run()]).headings)
    assert headings[headings.index("BERTScore-F1 ↑") + 1] == "bertscore_minilm ↑"
    rows = columns_of([offline_run()])
    ours, theirs = rows["parrot (control)"], rows["Moshi"]
    assert (ours["BERTScore-F1 ↑"], ours["bertscore_minilm ↑"]) == (NOT_SCORED, "0.512 (23/24 !)")
    assert (theirs["BERTScore-F1 ↑"], theirs["bertscore_minilm ↑"]) == ("0.818", NOT_SCORED)
    assert ours["fvd_mini ↓"] == "withheld (23/24 !)"


def test_columns_in_which_nobody_has_a_value_are_left_out() -> None:
    (row,) = columns_of([offline_run()], paper=False).values()
    assert list(row) == ["Model", "Data", "Protocol", "bertscore_minilm ↑", "ROUGE-L ↑", "fvd_mini ↓"]


def test_csv_has_numbers_in_columns_of_their_own() -> None:
    frame = pd.read_csv(StringIO(long_frame(2, [offline_run()]).to_csv(index=False)))
    assert list(frame.columns) == list(CSV_COLUMNS)
    assert not frame.duplicated(["model", "protocol", "metric"]).any()
    for column in ("value", "low", "high", "n", "n_expected"):
        assert pd.api.types.is_numeric_dtype(frame[column]), column
    assert frame["part"].dtype == bool
    rows = frame.set_index(["model", "protocol", "metric"]).sort_index()
    reported = rows.loc["moshi", "reported", "utmosv2"]
    assert (reported["value"], reported["status"]) == (2.21, "reported")
    assert rows.loc["moshi", "reported", "fd"]["status"] == "not_applicable"
    assert rows.loc["moshi", "reported", "fvd_mini"]["status"] == "not_measured"
    ours = rows.loc["parrot", "offline"]
    assert tuple(ours.loc["rouge_l"][["value", "n", "n_expected", "status"]]) == (0.512, 23, 24, "incomplete")
    assert ours.loc["fvd_mini", "status"] == "withheld"
    assert ours["value"].notna().sum() == 2


def test_a_part_of_a_split_is_marked_in_every_format() -> None:
    run = offline_run()
    data = run.scores.data.model_copy(update={"part": True, "asked": 1})
    part = run.scores.model_copy(update={"data": data})
    runs = [replace(run, scores=part)]
    assert long_frame(2, runs, paper=False)["part"].all()
    for form in ("md", "latex", "html"):
        assert "mini-v1 test (1 of 24 dialogues)" in render(text_table(2, runs), form)  # type: ignore[arg-type]


def test_a_model_that_failed_everywhere_is_called_failed() -> None:
    reasons = {f"d{number}": "model_failed: step 0 raised ValueError: no" for number in range(24)}
    failed = {"status": "not_scored", "reason": "24 x", "n_scored": 0, "n_expected": 24, "not_scored": reasons}
    absent = {**failed, "not_scored": {**reasons, "d0": "infra_failed: no answer in the folder"}}
    run = offline_run()
    runs = [replace(run, scores=scores_of({"meteor": failed, "rouge_l": absent}, model="parrot"))]
    row = columns_of(runs)["parrot (control)"]
    assert (row["METEOR ↑"], row["ROUGE-L ↑"]) == ("failed", "not_scored (0/24 !)")
    states = long_frame(2, runs, paper=False).set_index("metric")["status"]
    assert (states["meteor"], states["rouge_l"]) == ("failed", "not_scored")


def test_dialogues_that_the_official_script_leaves_out_are_counted_in_every_format() -> None:
    run = offline_run()
    rouge = run.scores.metrics["rouge_l"].model_copy(update={"n_scored": 24, "n_counted": 22})
    runs = [replace(run, scores=run.scores.model_copy(update={"metrics": {"rouge_l": rouge}}))]
    assert columns_of(runs)["parrot (control)"]["ROUGE-L ↑"] == "0.512 (22/24 counted)"
    row = long_frame(2, runs, paper=False).set_index("metric").loc["rouge_l"]
    assert (row["n"], row["n_expected"], row["status"]) == (22, 24, "ok")
