"""What the project's CI says of a pull request that adds entries; also of the entries that are here."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from entry_factory import entry_document, write_entry_folder

import leaderboard
from leaderboard.entry.entries import read_entries, write_entry
from leaderboard.entry.schema import Entry
from leaderboard.judging.amending import amend
from leaderboard.judging.checking import check_leaderboard
from omnibench.errors import InputError, UsageError

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
RESCORED = {
    "by": "a maintainer",
    "date": "2026-11-23",
    "omnibench": "0.1.0",
    "checks": {"frozen_face": "checked"},
    "confinement": [],
}


def rescored() -> dict:
    document = entry_document(badge="re-scored", verification=RESCORED)
    document["scores"]["strict"]["scored_by"] = "project"
    return document


def award(root: Path, folder: Path, badge: str = "re-scored") -> None:
    sha256 = hashlib.sha256((folder / "entry.json").read_bytes()).hexdigest()
    line = {"badge": badge, "entry_sha256": sha256, "by": "a maintainer", "date": "2026-11-23"}
    (root / "awards.json").write_text(json.dumps({"schema_version": 1, "awards": {folder.name: line}}))


def test_the_entries_of_this_repository_are_in_order() -> None:
    _, problems = check_leaderboard(Path(leaderboard.__file__).parent)
    assert problems == []


def test_a_self_reported_entry_is_in_order(tmp_path: Path) -> None:
    write_entry_folder(tmp_path / "submissions", entry_document())
    assert check_leaderboard(tmp_path) == (1, [])
    assert read_entries(tmp_path / "submissions")[0].entry.model.name == "chorus"


def test_an_award_makes_a_badge_and_a_later_change_unmakes_it(tmp_path: Path) -> None:
    folder = write_entry_folder(tmp_path / "submissions", rescored())
    award(tmp_path, folder)
    assert check_leaderboard(tmp_path) == (1, [])
    content = (folder / "entry.json").read_text()
    (folder / "entry.json").write_text(content.replace('"value": 1.5', '"value": 0.5'))
    assert "it was changed since" in str(check_leaderboard(tmp_path)[1])


def _stranger_file(root: Path, folder: Path) -> None:
    (folder / "video.mp4").write_bytes(b"")


def _link(root: Path, folder: Path) -> None:
    (folder / "samples.strict.jsonl").symlink_to("/etc/passwd")


def _forged_badge(root: Path, folder: Path) -> None:
    (folder / "entry.json").write_text(json.dumps(rescored()))


def _better_badge(root: Path, folder: Path) -> None:
    _forged_badge(root, folder)
    award(root, folder, "reproduced")


def _control(root: Path, folder: Path) -> None:
    document = entry_document()
    document["model"]["name"] = "silence"
    (folder / "entry.json").write_text(json.dumps(document))


def _no_address(root: Path, folder: Path) -> None:
    document = entry_document()
    document["archive"]["url"] = None
    (folder / "entry.json").write_text(json.dumps(document))


def _twice(root: Path, folder: Path) -> None:
    write_entry_folder(folder.parent, entry_document(id="2026-11-22_other"))


def _other_folder(root: Path, folder: Path) -> None:
    folder.rename(folder.with_name("2026-11-22_other"))


def _no_date(root: Path, folder: Path) -> None:
    folder.rename(folder.with_name("chorus"))


def _loose_file(root: Path, folder: Path) -> None:
    (folder.parent / "notes.txt").write_text("hello")


def _half(root: Path, folder: Path) -> None:
    (folder / "entry.json").write_text((folder / "entry.json").read_text()[:200])


def _award_of_nothing(root: Path, folder: Path) -> None:
    award(root, folder)
    folder.joinpath("entry.json").unlink()
    folder.rmdir()


def _missing_samples(root: Path, folder: Path) -> None:
    document = entry_document()
    document["scores"]["strict"] |= {"samples": "samples.strict.jsonl", "samples_sha256": "0" * 64}
    (folder / "entry.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_stranger_file, "does not belong"),
        (_link, "plain files alone"),
        (_forged_badge, 'expected "self-reported"'),
        (_better_badge, 'expected "self-reported"'),
        (_control, "is a control"),
        (_no_address, "archive.url"),
        (_twice, "entered twice"),
        (_other_folder, "folder's name"),
        (_no_date, "<date>_<name>"),
        (_loose_file, "<date>_<name>"),
        (_half, "no complete JSON"),
        (_award_of_nothing, "no such entry"),
        (_missing_samples, "missing, though"),
    ],
)
def test_noticed(tmp_path: Path, damage: Callable[[Path, Path], None], reason: str) -> None:
    folder = write_entry_folder(tmp_path / "submissions", entry_document())
    damage(tmp_path, folder)
    assert any(reason in str(problem) for problem in check_leaderboard(tmp_path)[1])


def test_a_pull_request_gives_itself_no_badge_and_touches_nothing_of_others(tmp_path: Path) -> None:
    old = write_entry_folder(tmp_path / "submissions", rescored())
    award(tmp_path, old)
    subprocess.run([*GIT, "-C", str(tmp_path), "init", "-q"], check=True)
    subprocess.run([*GIT, "-C", str(tmp_path), "add", "."], check=True)
    subprocess.run([*GIT, "-C", str(tmp_path), "commit", "-qm", "before"], check=True)
    new = entry_document(id="2026-11-22_mine")
    new["archive"]["sha256"] = "ef" * 32
    folder = write_entry_folder(tmp_path / "submissions", new)
    subprocess.run([*GIT, "-C", str(tmp_path), "add", "."], check=True)
    assert check_leaderboard(tmp_path, "HEAD") == (2, [])
    forged = {**rescored(), "id": new["id"], "archive": new["archive"]}
    (folder / "entry.json").write_text(json.dumps(forged))
    given = json.loads((tmp_path / "awards.json").read_text())
    sha256 = hashlib.sha256((folder / "entry.json").read_bytes()).hexdigest()
    given["awards"][folder.name] = {**given["awards"][old.name], "entry_sha256": sha256}
    (tmp_path / "awards.json").write_text(json.dumps(given))
    assert check_leaderboard(tmp_path) == (2, [])
    noticed = " ".join(str(problem) for problem in check_leaderboard(tmp_path, "HEAD")[1])
    assert "awards.json: only a maintainer" in noticed
    assert "re-scored; a new entry is self-reported" in noticed
    (old / "entry.json").unlink()
    old.rmdir()
    assert "removes an entry" in " ".join(str(problem) for problem in check_leaderboard(tmp_path, "HEAD")[1])
    with pytest.raises(UsageError, match="revision"):
        check_leaderboard(tmp_path, "no-such-branch")


def test_damaged_awards_are_told_field_by_field(tmp_path: Path) -> None:
    folder = write_entry_folder(tmp_path / "submissions", rescored())
    award(tmp_path, folder, "gold")
    with pytest.raises(InputError, match=r'badge": "gold", expected \'re-scored\' or \'reproduced\''):
        check_leaderboard(tmp_path)


def test_an_entry_is_replaced_whole(tmp_path: Path) -> None:
    first = Entry.model_validate(entry_document())
    write_entry(tmp_path, first, {}, {"schema_version": 1})
    folder = write_entry(tmp_path, first, {})
    assert [path.name for path in tmp_path.iterdir()] == [first.id]
    assert [path.name for path in folder.iterdir()] == ["entry.json"]


def test_a_maintainer_clears_a_flag_and_withdraws_an_entry(tmp_path: Path) -> None:
    flag = {"kind": "frozen_face", "message": "The face stands still in 2 of 2 dialogues."}
    folder = write_entry_folder(tmp_path / "submissions", {**rescored(), "flags": [flag]})
    award(tmp_path, folder)
    with pytest.raises(UsageError, match="it has: frozen_face"):
        amend(tmp_path, folder.name, "a maintainer", "looked at it", "precedes_cause")
    amend(tmp_path, folder.name, "a maintainer", "a portrait is what this model shows", "frozen_face")
    amend(tmp_path, folder.name, "a maintainer", "the team asked for it", None)
    entry = read_entries(tmp_path / "submissions")[0].entry
    assert entry.withdrawn == "the team asked for it"
    assert entry.flags[0].cleared is not None
    assert check_leaderboard(tmp_path) == (1, [])
    with pytest.raises(UsageError, match="Did you mean"):
        amend(tmp_path, "2026-11-22_ecko", "a maintainer", "x", None)
