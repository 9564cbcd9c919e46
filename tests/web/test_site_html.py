"""The leaderboard's pages as text: nothing from outside in them, nothing in them that runs, nothing mixed."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pages import Page
from site_factory import MAIN, number, write_run, write_runs

from leaderboard.entry.entries import write_entry
from leaderboard.entry.schema import Entry
from leaderboard.site.boards import boards_of
from leaderboard.site.build import build_site
from leaderboard.site.command import build
from leaderboard.site.pages import entry_page, index_page
from leaderboard.site.ranking import Candidate, rank_ranges
from leaderboard.site.rows import Measured, Notice, Row, numbered, slug_of, web_address
from leaderboard.site.sources import entry_rows, local_rows, reported_rows
from omnibench.cli import main
from omnibench.errors import InputError
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import load_protocol
from omnibench.report.metric_help import families, metric_help

EVIL = "</script></title><img src=x onerror=alert(1)>\"'><b>&lt;i&gt;</textarea><!-- {{7*7}} \u2028 ]]>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    rows = [*local_rows(write_runs(folder / "runs")), *reported_rows()]
    build_site(rows, folder / "site")
    return folder / "site"


def pages_of(site: Path) -> list[Page]:
    return [Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))]


def test_no_page_asks_for_anything_from_outside(site: Path) -> None:
    for page in pages_of(site):
        assert page.addresses()
        for address in page.addresses():
            assert address == "data:," or re.fullmatch(r"(\.\./)?assets/[a-z]+\.(css|js)", address)
        assert "default-src 'none'" in page.policy
    styles = (site / "assets" / "site.css").read_text()
    assert "url(" not in styles
    assert "@import" not in styles
    for script in (site / "assets").glob("*.js"):
        assert not re.search(
            r"fetch\(|XMLHttpRequest|import\(|innerHTML|eval\(|https?://(?!www\.w3\.org)", script.read_text()
        )


def test_nothing_runs_but_the_files_beside_the_pages(site: Path) -> None:
    for page in pages_of(site):
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            if tag == "script" and "src" not in attributes:
                assert attributes["type"] == "application/json"
        assert not [tag for tag, _, _ in page.blocks if tag == "style"]


def test_eight_runs_with_all_metrics_and_the_paper_stay_below_400_kb(tmp_path: Path) -> None:
    entries = {name: number(name, 1.2345678, 0.1234567) for name in load_protocol("offline").metrics}
    for run in range(8):
        write_run(tmp_path / "runs", f"a_model_with_a_name_{run}", entries, dialogues=24)
    written = build_site([*local_rows(tmp_path / "runs"), *reported_rows()], tmp_path / "site")
    assert sum(path.stat().st_size for path in written) < 400_000


def test_what_all_signatures_end_with_is_said_once(tmp_path: Path) -> None:
    sampling = "|v:0.1.0|sampling:" + "x" * 5000
    entries = {name: number(name, 1.0) for name in ("meteor", "rouge_l", "fd")}
    for entry in entries.values():
        entry["signature"] = entry["signature"].removesuffix("|v:0.1.0") + sampling
    write_run(tmp_path / "runs", "long", entries)
    written = build_site(local_rows(tmp_path / "runs"), tmp_path / "site")
    text = next(path for path in written if "long" in path.name).read_text(encoding="utf-8")
    assert text.count("x" * 5000) == 2, "for the script, and for readers without one"
    _, attributes = next(found for found in Page(text).elements if found[1].get("id") == "signatures-0")
    lines = text[text.index('id="signatures-0"') :].split("</pre>")[0].split(">", 1)[1].splitlines()
    assert [line + attributes["data-end"] for line in lines] == [entry["signature"] for entry in entries.values()]


def evil_row(text: str) -> Row:
    entry = number("meteor", 0.5) | {"signature": f"{text}|proto:offline || {text}"}
    reason = {"status": "withheld", "reason": text, "n_scored": 1, "n_expected": 4}
    sample = {"id": text, "person": text, "metrics": {"meteor": {"status": "ok", "value": 0.5, "reason": text}}}
    measured = Measured(
        "offline",
        {"name": text, "version": text, "split": text, "manifest": text},
        {"meteor": entry, "fd": reason, "unknown_metric": number("unknown_metric", 1.0) | {"unit": text}},
        [sample],
    )
    return Row(
        slug="evil",
        name=text,
        badge="self-reported",
        measured=(measured,),
        group=text,
        kind="online",
        team=text,
        date=text,
        summary=text,
        notes=f"{text}\n{text}",
        bibtex=text,
        facts=((text, text),),
        links=(("Code", "https://example.org/code"),),
        notices=(Notice(text, text, (text,), text),),
    )


def test_html_in_any_field_is_shown_and_never_becomes_markup() -> None:
    for make in (lambda row: index_page([row], boards_of([row])), lambda row: entry_page(row, boards_of([row]))):
        plain, evil = Page(make(evil_row("plain"))), Page(make(evil_row(EVIL)))
        assert plain.shape == evil.shape
    data = evil.data("entry-data")
    assert data["boards"][0]["ids"] == [EVIL]
    index = Page(index_page([evil_row(EVIL)], boards_of([evil_row(EVIL)])))
    assert index.data("leaderboard-data")["rows"]["evil"]["name"] == EVIL


def test_withdrawn_rows_are_on_no_board_and_say_why() -> None:
    row = evil_row("plain")
    gone = Row(**{field: getattr(row, field) for field in row.__slots__} | {"withdrawn": EVIL})
    assert boards_of([gone]) == []
    assert Page(index_page([gone], [])).shape != Page(index_page([], [])).shape
    assert "Withdrawn" in entry_page(gone, [])


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", 'https://a.b/"onclick=x', "//a.b", "", None]
)
def test_only_web_addresses_become_links(text: str | None) -> None:
    assert web_address(text) == ""
    assert web_address("https://a.b/c?d=e#f") == "https://a.b/c?d=e#f"


def test_every_metric_has_help_and_a_family() -> None:
    for name in METRICS.names():
        help_ = metric_help(name)
        assert help_.family in families()
        assert help_.family != "other", f"{name}: declare its family"
        assert help_.definition.endswith(".")
        assert len(help_.pitfalls) > 20


def test_protocols_and_data_sets_never_share_a_board(tmp_path: Path) -> None:
    rows = [*local_rows(write_runs(tmp_path)), *reported_rows()]
    boards = boards_of(rows)
    assert [(board.protocol, board.dataset) for board in boards] == [
        ("paper", "ResponseNet test"),
        ("paper", "mini-v1 test"),
        ("offline", "mini-v1 test"),
    ]
    assert all(row.badge == "reported" for row, _ in boards[0].rows)
    for board in boards:
        for _, measured in board.rows:
            assert (measured.protocol, measured.dataset) == (board.protocol, board.dataset)


def test_only_competitors_with_full_coverage_have_a_rank(tmp_path: Path) -> None:
    write_run(tmp_path, "whole", {"meteor": number("meteor", 0.2)})
    write_run(tmp_path, "half", {"meteor": number("meteor", 0.9, n_scored=2)})
    write_run(tmp_path, "control", {"meteor": number("meteor", 0.8)}, kind="control")
    board = next(b for b in boards_of([*local_rows(tmp_path), *reported_rows()]) if b.protocol == "offline")
    ranks = {row.name: cells["meteor"].get("rank") for (row, _), cells in zip(board.rows, board.cells, strict=True)}
    assert ranks == {"whole": [1, 1], "half": None, "control": None}


def test_unequal_comparison_keys_are_ranked_apart_and_marked(tmp_path: Path) -> None:
    for name, value in (("one", 0.2), ("two", 0.5)):
        write_run(tmp_path, name, {"meteor": number("meteor", value)})
    late = number("meteor", 0.9)
    late["signature"] = str(late["signature"]).replace("oracle", "delayed:200")
    write_run(tmp_path, "late", {"meteor": late})
    (board,) = boards_of(local_rows(tmp_path))
    cells = {row.name: cells["meteor"] for (row, _), cells in zip(board.rows, board.cells, strict=True)}
    assert cells["late"]["rank"] == [1, 1]
    assert cells["late"]["key"] == 1
    assert (cells["two"]["rank"], cells["one"]["rank"]) == ([1, 1], [2, 2])
    page = Page(index_page([row for row, _ in board.rows], [board])).data("leaderboard-data")
    assert page["boards"][0]["unlike"]["meteor"][1] == "transcript:delayed:200 instead of transcript:oracle"


def test_paced_rows_of_two_machines_and_unpaced_ones_are_ranked_apart_and_name_their_machine(tmp_path: Path) -> None:
    write_run(tmp_path, "virtual", {"meteor": number("meteor", 0.2)})
    for name, machine in (("one", "0000abcd"), ("two", "0000ef01")):
        paced = number("meteor", 0.9)
        paced["signature"] = str(paced["signature"]).replace(" ||", f"|pace:real|buffer:1|machine:{machine} ||")
        run = write_run(tmp_path, name, {"meteor": paced}) / "run.json"
        told = {"paced": {"pace": "real", "buffer": 1, "machine": machine}, "hardware": {"processor": name, "cores": 2}}
        run.write_text(json.dumps(json.loads(run.read_text()) | told))
    (board,) = boards_of(local_rows(tmp_path))
    cells = {row.name: cells["meteor"] for (row, _), cells in zip(board.rows, board.cells, strict=True)}
    assert [cell["rank"] for cell in cells.values()] == [[1, 1]] * 3
    assert {cell.get("key", 0) for cell in cells.values()} == {0, 1, 2}
    facts = {row.name: dict(row.facts) for row, _ in board.rows}
    assert facts["one"]["Pace"] == "real, 1 frame of play-out, on machine 0000abcd"
    assert facts["two"]["Machine"] == "two, 2 cores"
    assert "Pace" not in facts["virtual"]


spans = st.tuples(st.floats(-10, 10), st.floats(0, 5)).map(lambda p: Candidate(p[0], p[0] - p[1], p[0] + p[1]))


@given(st.lists(spans, min_size=1, max_size=8), st.sampled_from(["higher", "lower"]))
def test_rank_ranges_hold_the_order_of_values_and_widen_with_doubt(rows: list[Candidate], direction: str) -> None:
    ranges = rank_ranges(rows, direction)  # type: ignore[arg-type]
    sign = -1 if direction == "higher" else 1
    for row, (best, worst) in zip(rows, ranges, strict=True):
        better = sum(sign * other.value < sign * row.value for other in rows)
        ties = sum(other.value == row.value for other in rows)
        assert best <= better + ties
        assert worst >= better + 1
    wider = [Candidate(row.value, row.low - 1, row.high + 1) for row in rows]
    for (best, worst), (best_, worst_) in zip(ranges, rank_ranges(wider, direction), strict=True):  # type: ignore[arg-type]
        assert best_ <= best
        assert worst_ >= worst


def test_a_value_without_interval_may_hold_any_place() -> None:
    assert rank_ranges([Candidate(3), Candidate(2, 1.9, 2.1), Candidate(1, 0.9, 1.1)], "higher") == [
        (1, 3),
        (1, 2),
        (2, 3),
    ]


def an_entry(badge: str) -> Entry:
    scores = number("meteor", 0.4)
    verification = {"by": "us", "date": "2026-11-22", "omnibench": "0.1.0", "checks": {}, "confinement": []}
    return Entry.model_validate(
        {
            "schema_version": 1,
            "id": "2026-11-22_face-lab",
            "badge": badge,
            "submission": {"team": "Face Lab", "contact": "lab@example.org", "date": datetime.date(2026, 11, 22)},
            "model": {"name": "mirror", "version": "1", "kind": "online", "outputs": ["words"]},
            "run": None,
            "attestation": None,
            "archive": {"url": "https://example.org/a.zip", "sha256": "0" * 64, "bytes": 5},
            "scores": {
                "offline": {
                    "protocol": "offline",
                    "data": {
                        "name": "mini",
                        "version": "mini-v1",
                        "split": "test",
                        "manifest": "fad7673a" * 8,
                        "dialogues": 4,
                    },
                    "scored_by": "submitter" if badge == "self-reported" else "project",
                    "metrics": {"meteor": scores},
                }
            },
            "verification": None if badge == "self-reported" else verification,
        }
    )


def test_entries_become_rows_and_a_badge_has_to_be_awarded(tmp_path: Path) -> None:
    write_entry(tmp_path / "submissions", an_entry("self-reported"), {})
    (row,) = entry_rows(tmp_path)
    assert (row.badge, row.team, row.name) == ("self-reported", "Face Lab", "mirror")
    assert row.links == (("Predictions", "https://example.org/a.zip"),)
    assert "author = {{Face Lab}}" in row.bibtex
    write_entry(tmp_path / "submissions", an_entry("re-scored"), {})
    with pytest.raises(InputError, match="is awarded by a maintainer"):
        entry_rows(tmp_path)


def test_slugs_are_file_names_and_tell_rows_apart() -> None:
    assert slug_of("2026-11-22_face-lab") == "2026-11-22_face-lab"
    assert re.fullmatch(r"[a-z0-9_-]+", slug_of("../../Übung <b>"))
    assert slug_of("A") != slug_of("a")


def test_the_command_builds_replaces_and_spares_what_is_not_its_own(tmp_path: Path) -> None:
    runs = write_runs(tmp_path / "runs")
    empty = tmp_path / "entries"
    empty.mkdir()
    arguments = ["--out", str(tmp_path / "site"), "--entries", str(empty), "--runs", str(runs)]
    done = CliRunner().invoke(build, arguments)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "site" / "entries" / "local-mirror-mini-test.html").is_file()
    (runs / "mirror" / "mini-test" / "scores.json").unlink()
    assert CliRunner().invoke(build, arguments).exit_code == 0
    assert not (tmp_path / "site" / "entries" / "local-mirror-mini-test.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    assert main(["leaderboard", "build", "--out", str(tmp_path / "mine"), "--entries", str(empty)]) == 4
    assert main(["leaderboard", "build", "--out", str(tmp_path / "new"), "--runs", str(tmp_path / "mine")]) == 4
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = local_rows(write_runs(tmp_path / "runs"))
    for name in ("a", "b"):
        build_site(rows, tmp_path / name)
    for path in (tmp_path / "a").rglob("*.html"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
    assert set(MAIN) <= set(boards_of(rows)[-1].metrics)


def test_two_folders_with_runs_of_one_model(tmp_path: Path) -> None:
    entries = {"fd": number("fd", 1.0)}
    for folder in ("a", "b"):
        write_run(tmp_path / folder, "echo", entries)
    words = ["--out", str(tmp_path / "site"), "--no-reported"]
    words += [word for folder in ("a", "b", "a/../b") for word in ("--runs", str(tmp_path / folder))]
    done = CliRunner().invoke(build, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "2 local run" in done.output
    pages = {path.stem: path.read_text() for path in (tmp_path / "site" / "entries").glob("local-*.html")}
    assert len(pages) == 2
    for page, (name, folder) in zip(sorted(pages), (("echo", "a"), ("echo (2)", "b")), strict=True):
        assert f"<h1>{name}</h1>" in pages[page]
        assert f"<dt>Folder</dt><dd>{folder}/" in pages[page]


def test_paths_that_make_one_page_name_are_numbered_too() -> None:
    rows = [Row(slug, "m", "local run", ()) for slug in ("local-a-b", "local-a-b", "local-a-b-2", "local-a-b")]
    assert [row.slug for row in numbered(rows)] == ["local-a-b", "local-a-b-3", "local-a-b-2", "local-a-b-4"]


def test_a_unit_follows_a_value_and_never_a_reason(tmp_path: Path) -> None:
    """ "no audio/ in the predictions frames": the script put the unit behind whatever stood in the cell."""
    entries = {"lip_lag": number("lip_lag", 3.0), "rtf": number("rtf", 0.5)}
    entries["step_p50"] = number("step_p50", 12.0)
    entries["lse_offset_mini"] = {"status": "not_applicable", "reason": "no audio/ in the predictions"}
    row = local_rows(write_run(tmp_path / "runs", "echo", entries).parents[1])[0]
    page = entry_page(row, boards_of([row]))
    assert "no audio/ in the predictions</td>" in page
    assert '<td class="number">12.0 ms</td>' in page
    script = (Path(__file__).parents[2] / "leaderboard" / "site" / "static" / "entry.js").read_text()
    assert "help.unit" not in script
