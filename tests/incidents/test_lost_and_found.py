"""A disk of its own, mounted on ``uploads/``, has a folder ``lost+found``: the server wanted to remove it as a leftover
upload, could not, and did not start. A folder that was there before the first command stayed open to every user of the
machine, the database with the hashes of the tokens too. What is not the server's is passed over, in every folder that
it reads, and what is the server's is closed.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from entry_factory import entry_document, write_entry_folder

from leaderboard.entry.entries import foreign_to, read_entries
from leaderboard.judging.checking import check_leaderboard
from omnibench.cli import main
from omnibench.errors import UsageError

FOREIGN = ("lost+found/#12/inode", "#recycle/x", "Thumbs.db", ".DS_Store", "notes.txt", "@eaDir/a.zip")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def litter(folder: Path) -> None:
    for name in FOREIGN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("not yours")


def litters(folder: Path) -> bool:
    return all((folder / name).read_text() == "not yours" for name in FOREIGN)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.needs("server")
def test_what_is_not_the_servers_is_passed_over_and_stays(home: Path) -> None:
    from leaderboard.server.home import Home

    where = Home(home)
    where.prepare()
    for folder in (home, where.incoming, where.uploads, where.work, where.board, where.board / "submissions"):
        litter(folder)
    kept, gone, name = (f"s-{digit * 24}" for digit in "012")
    for path in (where.upload(kept), where.upload(gone), where.incoming / f"{name}.part"):
        path.write_bytes(b"")
    for room in (f"{kept}.1", f"{gone}.2"):
        (where.work / room).mkdir()
    assert where.sweep([kept]) == 2
    where.sweep_work([f"{kept}.1"])
    assert where.upload(kept).exists()
    assert not where.upload(gone).exists()
    assert (where.work / f"{kept}.1").exists()
    assert not (where.work / f"{gone}.2").exists()
    for folder in (home, where.incoming, where.uploads, where.work, where.board, where.board / "submissions"):
        assert litters(folder)


@pytest.mark.needs("server")
def test_the_server_starts_and_shows_its_entries_beside_them(home: Path) -> None:
    entries = home.parent / "entries"
    folder = write_entry_folder(entries / "submissions", entry_document())
    for place in (entries, entries / "submissions", folder):
        litter(place)
    program = "import sys; from pathlib import Path; from leaderboard.server.drawing import Drawing, Shelf; "
    program += f"shelf, entries = Shelf(Path({str(home / 'pages')!r})), Path({str(entries)!r}); "
    program += "Drawing(shelf, [entries], False).start(); "
    program += "print(shelf.page('api/v1/entries/2026-11-22_chorus') is not None, shelf.fact('entries'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True 1"
    assert "passed over, no part of an entry" in done.stderr
    assert "lost+found" in done.stderr


def test_entries_are_read_and_the_check_names_what_does_not_belong(tmp_path: Path) -> None:
    """The project's own folder takes nothing but entries; a host's disk holds what it holds."""
    folder = write_entry_folder(tmp_path / "submissions", entry_document())
    litter(tmp_path / "submissions")
    litter(folder)
    assert [stored.entry.id for stored in read_entries(tmp_path / "submissions")] == ["2026-11-22_chorus"]
    assert {path.name for path in foreign_to(tmp_path / "submissions")} >= {"lost+found", "Thumbs.db", "notes.txt"}
    assert main(["leaderboard", "build", "--entries", str(tmp_path), "--out", str(tmp_path / "site")]) == 0
    found = str(check_leaderboard(tmp_path)[1])
    assert "lost+found" in found
    assert "notes.txt" in found


@pytest.mark.needs("server")
def test_a_folder_that_was_there_is_closed_to_others(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["leaderboard", "token", "add", "Lab", "--home", str(home)]) == 0
    assert "was open to other users (0755), is this user's alone now" in caplog.text
    caplog.clear()
    for path in (home, *home.rglob("*")):
        assert mode(path) & 0o077 == 0, path
    for path, rights in ((home, 0o755), (home / "uploads", 0o777), (home / "server.sqlite3", 0o644)):
        path.chmod(rights)
    (home / "uploads" / f"s-{'0' * 24}.zip").touch(0o644)
    assert main(["leaderboard", "token", "list", "--home", str(home)]) == 0
    for path in (home, *home.rglob("*")):
        assert mode(path) & 0o077 == 0, path
    assert caplog.text.count("was open to other users") == 4
    caplog.clear()
    assert main(["leaderboard", "migrate", "--home", str(home)]) == 0
    assert caplog.text == ""


@pytest.mark.needs("server")
@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can be another user for a moment")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """Who owns a folder can open it again, and change what is in it."""
    from leaderboard.server.home import Home

    def as_nobody(folder: Path) -> str:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            try:
                Home(folder).prepare()
                said = "prepared"
            except UsageError as error:
                said = str(error)
            os.write(writing, said.encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writing)
        with os.fdopen(reading) as output:
            return output.read()

    with tempfile.TemporaryDirectory() as place:
        outer = Path(place)
        outer.chmod(0o755)
        for name, rights in (("theirs", 0o755), ("everybody's", 0o777), ("closed", 0o700)):
            (outer / name).mkdir()
            (outer / name).chmod(rights)
            said = as_nobody(outer / name)
            assert "belongs to another user (number 0)" in said or "cannot be made (Permission denied)" in said, said
            assert mode(outer / name) == rights
        (outer / "own").mkdir()
        os.chown(outer / "own", 65534, 65534)
        assert as_nobody(outer / "own") == "prepared"
        (outer / "own" / "uploads" / f"s-{'0' * 24}.zip").touch(0o666)
        assert "belongs to another user" in as_nobody(outer / "own")


@pytest.mark.needs("server")
def test_a_file_where_a_folder_belongs_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "uploads").write_text("not a folder")
    assert main(["leaderboard", "token", "list", "--home", str(home)]) == 2
    assert "uploads: cannot be made (File exists)" in capsys.readouterr().err


@pytest.mark.needs("server")
def test_a_folder_that_others_need_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leaderboard.server.home import Home

    home.chmod(0o1777)
    monkeypatch.setenv("HOME", str(home.parent))
    for folder in (home, home.parent, Path(os.sep)):
        before = mode(folder)
        with pytest.raises(UsageError, match="others need this folder too"):
            Home(folder).prepare()
        assert mode(folder) == before
