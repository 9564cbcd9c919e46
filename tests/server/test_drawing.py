"""Pages are drawn beside the server: what changes on the disk is shown, what is out of order changes nothing."""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from entry_factory import entry_document, write_entry_folder
from hosted import Hosted, wait_for
from many_entries import write_entries

from leaderboard.server.drawing import PROBLEM, Drawing
from leaderboard.server.shelf import Shelf

pytestmark = pytest.mark.server
CHORUS = "2026-11-22_chorus"


def board_of(hosted: Hosted) -> Path:
    return hosted.home / "leaderboard" / "submissions"


def test_what_another_process_changes_is_shown(hosted: Hosted) -> None:
    """A pull may write into a file that is there, or put another in its place, or take a folder away."""
    folder = write_entry_folder(board_of(hosted), entry_document())
    hosted.start()
    assert b"chorus" in hosted.get(f"/entries/{CHORUS}.html").content
    document = entry_document()
    document["submission"]["notes"] = "Written into the file that was there."
    (folder / "entry.json").write_text(json.dumps(document))
    wait_for(lambda: b"that was there" in hosted.get(f"/entries/{CHORUS}.html").content)
    assert hosted.get(f"/api/v1/entries/{CHORUS}").json["submission"]["notes"].startswith("Written")
    other = entry_document(id="2026-11-22_other")
    write_entry_folder(board_of(hosted), other)
    wait_for(lambda: hosted.get("/entries/2026-11-22_other.html").status == 200)
    assert [entry["id"] for entry in hosted.get("/api/v1/entries").json["entries"]] == [CHORUS, "2026-11-22_other"]
    shutil.rmtree(board_of(hosted) / "2026-11-22_other")
    wait_for(lambda: hosted.get("/entries/2026-11-22_other.html").status == 404)
    assert hosted.get("/api/v1/entries/2026-11-22_other").status == 404
    (folder / "entry.json").write_text("{")
    wait_for(lambda: hosted.get("/readyz").status == 503)
    assert b"that was there" in hosted.get(f"/entries/{CHORUS}.html").content
    (folder / "entry.json").write_text(json.dumps(entry_document()))
    wait_for(lambda: hosted.get("/readyz").status == 200)
    assert hosted.log().count("the entries are out of order") == 1


def test_pages_survive_a_start_and_a_damaged_shelf(hosted: Hosted) -> None:
    write_entry_folder(board_of(hosted), entry_document())
    shelf = hosted.home / "pages.sqlite3"
    first = hosted.start().get("/").content
    hosted.stop()
    assert shelf.stat().st_mode & 0o077 == 0
    for damage in (b"no database", b""):
        shelf.write_bytes(damage)
        assert hosted.start().get("/").content == first
        hosted.stop()


def test_a_start_without_changes_reads_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entries(tmp_path, 3)
    Drawing(Shelf(tmp_path / "pages"), [tmp_path], False).start()
    monkeypatch.setattr("leaderboard.server.drawing.read_record", lambda _: pytest.fail("an entry was read"))
    Drawing(Shelf(tmp_path / "pages"), [tmp_path], False).start()


def test_all_pages_end_as_a_new_shelf_would_have_them(tmp_path: Path) -> None:
    """A new entry moves ranks and scales on the pages of others."""
    write_entries(tmp_path, 12)
    late = tmp_path / "late"
    shutil.move(tmp_path / "submissions" / "2026-11-30_listener-7", late)
    shelf = Shelf(tmp_path / "pages")
    drawing = Drawing(shelf, [tmp_path], False)
    drawing.start()
    before = {name: shelf.page(name) for name in shelf.drawn_from()}
    shutil.move(late, tmp_path / "submissions" / "2026-11-30_listener-7")
    drawing.draw(drawing.prints())
    assert shelf.page("entries/2026-11-30_listener-7.html")
    assert b"listener-7" in shelf.page("index.html").content  # type: ignore[union-attr]
    while drawing.follow():
        pass
    whole = Shelf(tmp_path / "new")
    Drawing(whole, [tmp_path], False).start()
    assert shelf.drawn_from() == whole.drawn_from()
    for name in whole.drawn_from():
        assert shelf.page(name) == whole.page(name), name
    assert any(shelf.page(name) != page for name, page in before.items() if name.startswith("entries/"))
    assert not shelf.fact(PROBLEM)


def test_packed_pages_and_their_tags(hosted: Hosted) -> None:
    hosted.start()
    plain = hosted.get("/")
    for wanted, packed in (("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False), ("*", True)):
        answer = hosted.get("/", Accept_Encoding=wanted)
        assert answer.headers["vary"] == "Accept-Encoding"
        assert (answer.headers.get("content-encoding") == "gzip") == packed
        assert (gzip.decompress(answer.content) if packed else answer.content) == plain.content
        assert hosted.get("/", Accept_Encoding=wanted, If_None_Match=answer.headers["etag"]).status == 304
        assert (answer.headers["etag"] != plain.headers["etag"]) == packed


def test_pages_wait_for_nobody(hosted: Hosted) -> None:
    """Whoever waits for the database holds a thread; pages and the server's health need none."""
    token = hosted.token()
    hosted.start()
    with Shelf(hosted.home / "pages.sqlite3").writing():
        threads = [threading.Thread(target=hosted.get, args=("/readyz",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for path in ("/healthz", "/", "/api/v1/entries"):
            begun = time.monotonic()
            assert hosted.get(path).status == 200
            assert time.monotonic() - begun < 3
        for thread in threads:
            thread.join()
    assert token
    connection = http.client.HTTPConnection(urlsplit(hosted.url).netloc, timeout=60)
    connection.request("HEAD", "/api/v1/entries")
    assert connection.getresponse().status == 200
