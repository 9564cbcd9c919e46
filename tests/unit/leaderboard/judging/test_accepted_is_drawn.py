"""What the check accepts, the site can draw; and what a run of one's own measured, whatever it is."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from entry_factory import entry_document, write_entry_folder
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from leaderboard.judging.checking import check_leaderboard
from leaderboard.site.boards import boards_of
from leaderboard.site.pages import assets, entry_page, index_page
from leaderboard.site.rows import Measured, Row
from leaderboard.site.sources import sound_entry_rows
from omnibench.cli import main

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EXTREMES = st.sampled_from([0.0, -0.0, 5e-324, 1e-300, 1e15, 1e16, 1.7976931348623157e308, -1.7976931348623157e308])
NUMBERS = EXTREMES | FINITE | st.floats(0, 1) | st.integers(-(10**20), 10**20)
WORDS = st.sampled_from(
    [
        "w" * 190,
        "א\u05b7ב\u05bcג עברית",
        "مدل عربی",
        "🎉🎉",
        "e\u0301\u0302",
        "{{7*7}} {% x %}",
        "C:\\x",
        "\u3000x",
        "a  b",
        "İı",
    ]
)
NAMES = WORDS | st.text("abcxyzé -_0", min_size=1, max_size=40) | st.text(min_size=1, max_size=40)
PROSE = WORDS | st.text("abc\n é&", max_size=200) | st.text(max_size=20) | st.just(" ".join(["w" * 500] * 7))
POSSIBLE = {
    "fd": st.sampled_from([0.0, -0.0, 5e-324, 1e15]) | st.floats(0, 1e15),
    "meteor": st.sampled_from([0.0, 1.0, 5e-324]) | st.floats(0, 1),
    "floor_transfer_offset": st.sampled_from([1e15, -1e15, -0.0]) | st.floats(-1e15, 1e15),
}
METRIC = st.sampled_from(
    [("fd", "FD", "lower"), ("meteor", "METEOR", "higher"), ("floor_transfer_offset", "FTO", "none")]
)


@st.composite
def entries(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """An entry with whatever a stranger may write, most of it allowed, and the text of its samples."""
    document = entry_document()
    document["submission"] |= {"team": draw(NAMES), "notes": draw(PROSE), "bibtex": draw(PROSE)}
    document["model"] |= {
        "name": draw(NAMES),
        "summary": draw(PROSE),
        "group": draw(NAMES),
        "parameters": draw(st.integers(0, 10**16)),
    }
    metrics, lines = {}, [{"id": name, "status": "ok", "metrics": {}} for name in ("a", "b")]
    for name, title, direction in draw(st.lists(METRIC, min_size=1, unique=True)):
        few = NUMBERS if draw(st.integers(0, 9)) == 0 else POSSIBLE[name]
        value, low, high = draw(few), draw(few), draw(few)
        ends = sorted([low, high, value]) if draw(st.integers(0, 9)) else [low, value, high]
        metrics[name] = {
            "value": ends[1],
            "direction": direction,
            "unit": "s" if name.startswith("floor") else "",
            "n_scored": 2,
            "n_expected": 2,
            "interval": {"low": ends[0], "high": ends[2], "method": "x"},
            "signature": f"{title}|proto:strict|data:x-test@abababab || cov:2/2|v:0.1.0",
        }
        for line in lines:
            line["metrics"][name] = {"status": "ok", "value": draw(few)}
    text = "".join(json.dumps(line) + "\n" for line in lines)
    scores = document["scores"]["strict"]
    scores |= {"metrics": metrics, "samples": "samples.strict.jsonl"}
    scores["samples_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return document, text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(entries())
def test_what_the_check_accepts_is_drawn(content: tuple[dict[str, Any], str]) -> None:
    document, samples = content
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (write_entry_folder(root / "submissions", document) / "samples.strict.jsonl").write_text(samples)
        accepted = not check_leaderboard(root)[1]
        event(f"accepted: {accepted}")
        rows, _ = sound_entry_rows(root)
        pages = _drawn(rows)
    if accepted:
        assert len(rows) == 1
        assert "<h1>" in pages


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=4))
def test_any_finite_number_of_a_run_is_drawn(numbers: list[tuple[float, float, float]]) -> None:
    rows = []
    for place, (value, low, high) in enumerate(numbers):
        data = {"name": "x", "version": "", "split": "test", "manifest": "ab" * 32, "dialogues": 2}
        number = {"value": float(value), "direction": "lower", "n_scored": 2, "n_expected": 2, "signature": "FD || x"}
        number["interval"] = {"low": float(low), "high": float(high), "method": "x"}
        samples = [{"id": "a", "metrics": {"fd": {"status": "ok", "value": float(value)}}}]
        rows.append(Row(f"r{place}", "run", "local run", (Measured("strict", data, {"fd": number}, samples),)))
    assert "Infinity" not in _drawn(rows)


def _drawn(rows: list[Row]) -> str:
    boards = boards_of(rows)
    pages = [entry_page(row, boards) for row in rows]
    assert all(assets(rows).values())
    return "".join([*pages, index_page(rows, boards)])


def test_one_bad_entry_leaves_the_others_on_the_site(tmp_path: Path, capsys: Any) -> None:
    good = write_entry_folder(tmp_path / "board" / "submissions", entry_document())
    bad = entry_document(id="2026-11-22_bad", badge="gold")
    write_entry_folder(tmp_path / "board" / "submissions", bad)
    assert main(["leaderboard", "build", "--entries", str(tmp_path / "board"), "--out", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site" / "entries" / f"{good.name}.html").is_file()
    assert not (tmp_path / "site" / "entries" / "2026-11-22_bad.html").exists()
    said = capsys.readouterr().err
    assert 'left out, not in order: 2026-11-22_bad/entry.json: field "badge"' in said
