"""The journal: whole lines, the last one counts, a torn one does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.errors import InputError
from omnibench.files.journal import Journal
from omnibench.files.records import JournalLine, Lateness

ENTRY = JournalLine(id="a", status="ok", frames=3, files={"text/a.json": "0" * 64}, late=Lateness(face=2))


def test_entries_come_back_and_the_last_one_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.entries() == {}
    failed = JournalLine(id="b", status="model_failed", reason="step 3 raised", traceback="Traceback …")
    for entry in (failed, ENTRY, JournalLine(id="b", status="ok")):
        journal.append(entry)
    assert journal.entries() == {"b": JournalLine(id="b", status="ok"), "a": ENTRY}


def test_the_account_counts_every_attempt(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.account() == {}
    journal.append(JournalLine(id="a", status="infra_failed", account={"requests": 2.0, "cost_usd": 0.125}))
    journal.append(JournalLine(id="a", status="ok", account={"requests": 1.0, "cost_usd": 0.25}))
    journal.append(JournalLine(id="b", status="ok"))
    assert journal.account() == {"requests": 3.0, "cost_usd": 0.375}
    assert journal.entries()["a"].account == {"requests": 1.0, "cost_usd": 0.25}


@settings(deadline=None)
@given(st.data())
def test_a_journal_cut_anywhere_is_read_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    journal = Journal(path)
    for name in "abc":
        journal.append(JournalLine(id=name, status="ok"))
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    kept = whole[:cut].count(b"\n")
    assert list(journal.entries()) == list("abc")[:kept]
    journal.repair()
    journal.append(JournalLine(id="d", status="ok"))
    assert list(journal.entries()) == [*list("abc")[:kept], "d"]


@pytest.mark.parametrize(
    "line", [b"[]\n", b"{}\n", b"\xff\n", b'{"id": "a", "status": "done"}\n', b'{"id": "a", "status": "ok", "x": 1}\n']
)
def test_a_whole_line_that_is_no_record_is_an_error(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line)
    with pytest.raises(InputError, match=r"journal.jsonl:1: "):
        Journal(path).entries()
