"""What a stranger's pull request tried with the board: each attack is a branch of a real git repository.

The check judged the entries that a pull request brings, by themselves: it could change a rival's number, take its
name, withdraw it, and touch code, and passed. Now a pull request holds one new self-reported entry, or a withdrawal
that waits for its contact (exit code 5), and everything else is refused by name (4).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attacks import REFUSED, WAITING, writes
from false_entries import FALSE_ENTRIES, with_samples
from pull_requests import (
    AWARDED,
    BOARD,
    MINE,
    RIVAL,
    SUBMISSIONS,
    commit,
    document,
    entry_of,
    git,
    give_award,
    make_base,
    mine,
    put,
    rescored,
)

from omnibench.cli import main

EVERY = {**REFUSED, **FALSE_ENTRIES}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_base(tmp_path / "repository")


def check(repository: Path, *more: str) -> int:
    return main(["leaderboard", "check", "--since", "base", str(repository / BOARD), *more])


@pytest.mark.parametrize("name", EVERY)
def test_refused(name: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attack, says = EVERY[name]
    attack(repository)
    # Whether it is committed or only lies there makes no difference.
    lying = check(repository)
    said = capsys.readouterr().err
    assert (lying, says in said) == (4, True), said
    only_there = ("_submodule", "_only_in_the_index", "_submodule_that_is_ignored", "_ignored_among_the_entries")
    if git(repository, "status", "--porcelain") and attack.__name__ not in only_there:
        commit(repository)
        assert check(repository) == 4
        assert says in capsys.readouterr().err


@pytest.mark.parametrize("name", WAITING)
def test_waits_for_a_person(name: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attack, says = WAITING[name]
    attack(repository)
    commit(repository)
    assert check(repository) == 5
    said = capsys.readouterr().err
    assert "needs a person's word" in said
    assert says in said
    assert check(repository, "--maintainer") == 0


@pytest.mark.parametrize("committed", [False, True])
def test_an_honest_entry_passes(committed: bool, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_samples(1.25)(repository)
    if committed:
        commit(repository)
    assert check(repository) == 0
    assert "4 entries in order" in capsys.readouterr().out


def test_a_maintainer_may_change_what_no_stranger_may(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    writes("omnibench/scoring.py")(repository)
    put(repository, rescored(entry_of(repository, RIVAL)))
    give_award(repository, RIVAL)
    assert check(repository) == 4
    assert check(repository, "--maintainer") == 0
    assert main(["leaderboard", "check", str(repository / BOARD), "--maintainer"]) == 2
    capsys.readouterr()
    put(repository, {**entry_of(repository, RIVAL), "archive": document(MINE, "", "")["archive"]})
    give_award(repository, RIVAL)
    shutil.rmtree(repository / SUBMISSIONS / AWARDED)
    assert check(repository, "--maintainer") == 4
    said = capsys.readouterr().err
    assert f"{RIVAL}/entry.json: another archive than before" in said
    assert f"{AWARDED}: gone" in said


def test_a_base_has_to_be_where_the_branch_comes_from(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = ["leaderboard", "check", str(repository / BOARD), "--since"]
    mine(repository)
    commit(repository)
    git(repository, "checkout", "-q", "base")
    (repository / "omnibench" / "scoring.py").write_text("print('newer')\n")
    commit(repository)
    git(repository, "checkout", "-q", "theirs")
    for since, says in (("base", "git merge base"), ("no-such", "git fetch origin"), ("", "expected a git revision")):
        assert main([*board, since]) == 2
        assert says in capsys.readouterr().err
    git(repository, "merge", "-q", "--no-edit", "base")
    assert check(repository) == 0
    # A branch that brings a tag of the base's name along would choose what it is compared with.
    git(repository, "tag", "base", "theirs")
    assert main([*board, "base"]) == 2
    assert "refs/tags/base or refs/heads/base" in capsys.readouterr().err
    assert main([*board, "refs/heads/base"]) == 0


def test_a_rewritten_base_and_a_shallow_clone_are_told(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine(repository)
    commit(repository)
    git(repository, "replace", "base", "theirs")
    assert check(repository) == 0
    git(repository, "replace", "-d", "base")
    git(repository, "branch", "kept", "base")
    git(repository, "checkout", "-q", "base")
    git(repository, "commit", "-q", "--amend", "-m", "another past")
    git(repository, "checkout", "-q", "theirs")
    assert check(repository) == 2
    assert "does not come from it" in capsys.readouterr().err
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", str(shallow))
    assert main(["leaderboard", "check", "--since", "HEAD~1", str(shallow / BOARD)]) == 2
    assert "git fetch --unshallow" in capsys.readouterr().err
    shutil.rmtree(shallow / ".git")
    assert main(["leaderboard", "check", "--since", "base", str(shallow / BOARD)]) == 4
    assert "needs a git repository" in capsys.readouterr().err
