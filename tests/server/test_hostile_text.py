"""What a submitter writes is data: it reaches the live pages as text, or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from entry_factory import entry_document, write_entry_folder
from hosted import Hosted, wait_for

pytestmark = pytest.mark.server

# The schema lets all of it through: none of it is a tag as it stands.
HOSTILE = "\" autofocus onfocus=alert(1) x=' `${7*7}` {{7*7}} {% raw %} ]]> --> \\u003cscript\\u003e & < 1 >"
FIELDS = ("team", "contact", "notes", "bibtex")
CARD = ("name", "version", "summary", "licence", "citation", "group")


class Skeleton(HTMLParser):
    """The elements of a page with their attributes' names, the text between them, and the data blocks."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.text: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def document(identity: str, text: str) -> dict[str, Any]:
    """A self-reported entry with that text wherever there is room for a stranger's."""
    content = entry_document(id=f"2026-11-22_{identity}")
    content["submission"] |= dict.fromkeys(FIELDS, text)
    content["model"] |= {**dict.fromkeys(CARD, text), "trained_on": [text], "weights": [text]}
    content["attestation"] |= {"trained_on": [text], "statement": text, "signed_by": text}
    content["run"] = {"transcript": text, "renderer": text, "omnibench": text, "processor": text}
    content["flags"] = [{"kind": "frozen_face", "message": text}]
    metric = content["scores"]["strict"]["metrics"]["fd"]
    metric |= {"unit": text, "interval": {"low": 1.0, "high": 2.0, "method": text}}
    none = {"status": "not_scored", "reason": text, "n_expected": 2, "not_scored": {"a": text}}
    content["scores"]["strict"]["metrics"]["rouge_l"] = none
    return content


@pytest.fixture
def serving(hosted: Hosted) -> Iterator[Hosted]:
    entries = hosted.home / "leaderboard" / "submissions"
    write_entry_folder(entries, document("plain", "plain"))
    write_entry_folder(entries, document("hostile", HOSTILE))
    return hosted.start()


def test_text_stays_text(serving: Hosted) -> None:
    plain, hostile = (
        Skeleton(serving.get(f"/entries/2026-11-22_{name}.html").content) for name in ("plain", "hostile")
    )
    assert len(plain.elements) > 50
    assert hostile.elements == plain.elements
    assert HOSTILE in hostile.text
    assert not [name for _, names in hostile.elements for name in names if name.startswith("on") or name == "autofocus"]
    index = Skeleton(serving.get("/").content)
    assert not [name for _, names in index.elements for name in names if name.startswith("on") or name == "autofocus"]
    data = json.loads(next(text for text in index.text if text.startswith('{"protocol"')))
    assert data["rows"]["2026-11-22_hostile"]["name"] == HOSTILE
    answer = serving.get("/api/v1/entries/2026-11-22_hostile")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["submission"]["notes"] == HOSTILE

    # An entry that the schema refuses is not shown, and does not take the others away.
    entries = serving.home / "leaderboard" / "submissions"
    write_entry_folder(entries, document("markup", "<img src=x onerror=alert(1)>"))
    wait_for(lambda: serving.get("/readyz").status == 503)
    assert "2026-11-22_markup" not in serving.entries()
    assert serving.get("/").status == 200
    assert b"onerror" not in serving.get("/").content
    assert serving.get("/entries/2026-11-22_markup.html").status == 404
    # The board is drawn beside the server, so that it is noticed a moment later.
    until = time.monotonic() + 60
    while (ready := serving.get("/readyz")).status == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert (ready.status, ready.json["problems"]) == (503, ["the entries are out of order; the log says which"])
    assert "omnibench_entries_out_of_order 1.0" in serving.get("/metrics").content.decode()
