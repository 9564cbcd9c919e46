"""Pull requests against a small leaderboard in a real git repository: a base with two teams' entries, and attacks."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from entry_factory import entry_document, write_entry_folder

import leaderboard

Attack = Callable[[Path], None]
"""What a pull request does to a repository."""

RIVAL = "2026-11-20_rival"
AWARDED = "2026-11-21_awarded"
MINE = "2026-11-22_mine"
CONTROL = "2026-11-30_frozen"
BOARD = "leaderboard"
SUBMISSIONS = f"{BOARD}/submissions"
RESCORED = {
    "by": "a maintainer",
    "date": "2026-11-23",
    "omnibench": "0.1.0",
    "checks": {"frozen_face": "checked"},
    "confinement": [],
}
Document = dict[str, Any]


def git(repository: Path, *words: str) -> str:
    """Run git there, as nobody in particular, and return what it prints."""
    command = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def document(identity: str, team: str, model: str, **changes: Any) -> Document:
    """A self-reported entry of a team of its own."""
    found = entry_document(id=identity, **changes)
    found["submission"] |= {"team": team, "contact": f"{identity[11:]}@example.org", "date": identity[:10]}
    found["model"]["name"] = model
    sha256 = hashlib.sha256(identity.encode()).hexdigest()
    found["archive"] = {"url": f"https://example.org/{identity}.zip", "sha256": sha256, "bytes": 10}
    return found


def rescored(content: Document) -> Document:
    """The same entry as a maintainer's command leaves it."""
    scores = {**content["scores"]["strict"], "scored_by": "project"}
    return {**content, "badge": "re-scored", "verification": RESCORED, "scores": {"strict": scores}}


def give_award(repository: Path, identity: str) -> None:
    """Note in ``awards.json`` that an entry, as it lies there, is re-scored."""
    path = repository / BOARD / "awards.json"
    awards = json.loads(path.read_text()) if path.exists() else {"schema_version": 1, "awards": {}}
    sha256 = hashlib.sha256((repository / SUBMISSIONS / identity / "entry.json").read_bytes()).hexdigest()
    line = {"badge": "re-scored", "entry_sha256": sha256, "by": "a maintainer", "date": "2026-11-23"}
    awards["awards"][identity] = line
    path.write_text(json.dumps(awards))


def make_base(repository: Path) -> Path:
    """A repository with code, rules, a control, a self-reported and a re-scored entry; the branch ``base`` is there."""
    board = repository / BOARD
    (repository / "omnibench").mkdir(parents=True)
    (repository / "omnibench" / "scoring.py").write_text("print('scores')\n")
    write_entry_folder(board / "submissions", document(RIVAL, "Rival Lab", "mirage"))
    write_entry_folder(board / "submissions", rescored(document(AWARDED, "Second Lab", "window")))
    (board / "submissions" / "README.md").write_text("One folder an entry.\n")
    (board / "POLICY.md").write_text("The rules.\n")
    shutil.copytree(Path(leaderboard.__file__).parent / "controls" / CONTROL, board / "controls" / CONTROL)
    git(repository, "init", "-q", "-b", "base")
    give_award(repository, AWARDED)
    commit(repository)
    git(repository, "checkout", "-qb", "theirs")
    return repository


def commit(repository: Path) -> None:
    """Commit all that lies there."""
    git(repository, "add", "-A", "-f")
    git(repository, "commit", "-qm", "a change", "--allow-empty")


def entry_of(repository: Path, identity: str) -> Document:
    """An entry's document."""
    found: Document = json.loads((repository / SUBMISSIONS / identity / "entry.json").read_text())
    return found


def put(repository: Path, content: Document, folder: str = "") -> Path:
    """Write an entry's folder, in place of one that is there."""
    target = repository / SUBMISSIONS / (folder or content["id"])
    target.mkdir(parents=True, exist_ok=True)
    (target / "entry.json").write_text(json.dumps(content))
    return target


def mine(repository: Path, **changes: Any) -> Path:
    """Add an honest entry, with changed fields by their dotted paths."""
    content = document(MINE, "Our Lab", "own-model")
    for path, value in changes.items():
        *above, last = path.split("__")
        inner = content
        for key in above:
            inner = inner[key]
        inner[last] = value
    return put(repository, content, MINE)


def with_number(**changes: Any) -> Attack:
    """An honest entry whose number says something else."""

    def attack(repository: Path) -> None:
        content = document(MINE, "Our Lab", "own-model")
        content["scores"]["strict"]["metrics"]["fd"] |= changes
        put(repository, content)

    return attack


def with_fields(**changes: Any) -> Attack:
    """An honest entry with other fields, by their paths with ``__``."""

    def attack(repository: Path) -> None:
        mine(repository, **changes)

    return attack


def on_rival(change: Callable[[Document], Document]) -> Attack:
    """Rewrite the entry of somebody else."""

    def attack(repository: Path) -> None:
        put(repository, change(entry_of(repository, RIVAL)), RIVAL)

    return attack


def link(repository: Path, name: str, target: str) -> None:
    """A symbolic link."""
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def submodule(repository: Path, name: str) -> None:
    """A link to a commit of another repository, as git has it without any file."""
    commit(repository)
    head = git(repository, "rev-parse", "HEAD")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},{name}")
    git(repository, "commit", "-qm", "a submodule")
