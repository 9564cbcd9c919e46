"""What a stranger's pull request tried with the board: each attack is a branch of a real git repository.

The check judged the entries that a pull request brings, by themselves: it could change a rival's number, take its
name, withdraw it, and touch code, and passed. Now a pull request holds one new self-reported entry, or a withdrawal
that waits for its contact (exit code 5), and everything else is refused by name (4).
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from pull_requests import (
    AWARDED,
    BOARD,
    CONTROL,
    MINE,
    RIVAL,
    SUBMISSIONS,
    commit,
    document,
    entry_of,
    git,
    give_award,
    link,
    make_base,
    mine,
    on_rival,
    put,
    rescored,
    submodule,
    with_fields,
    with_number,
)

from omnibench.cli import main

Attack = Callable[[Path], None]
SIGNED = "FD|proto:strict|data:x-test@abababab || cov:2/2|v:0.1.0"


def _value(content: dict, value: float) -> dict:
    content["scores"]["strict"]["metrics"]["fd"]["value"] = value
    return content


def _demotes(repository: Path) -> None:
    content = {**entry_of(repository, AWARDED), "badge": "self-reported", "verification": None}
    content["scores"]["strict"]["scored_by"] = "submitter"
    put(repository, content)


def _demotes_and_takes_the_award(repository: Path) -> None:
    _demotes(repository)
    (repository / BOARD / "awards.json").write_text('{"schema_version": 1, "awards": {}}')


def _renames(repository: Path) -> None:
    content = {**entry_of(repository, RIVAL), "id": "2026-11-20_other"}
    (repository / SUBMISSIONS / RIVAL).rename(repository / SUBMISSIONS / "2026-11-20_other")
    put(repository, content)


def _removes(repository: Path) -> None:
    shutil.rmtree(repository / SUBMISSIONS / RIVAL)


def _takes_its_id(repository: Path) -> None:
    put(
        repository,
        {**document(MINE, "Our Lab", "own-model"), "id": RIVAL} | {"submission": _dated("2026-11-20")},
        RIVAL,
    )


def _dated(day: str) -> dict:
    return {"team": "Our Lab", "contact": "mine@example.org", "date": day}


def _badge_of_its_own(repository: Path) -> None:
    put(repository, rescored(document(MINE, "Our Lab", "own-model")))
    give_award(repository, MINE)


def _award_without_badge(repository: Path) -> None:
    give_award(repository, RIVAL)


def _badge_without_award(repository: Path) -> None:
    put(repository, rescored(document(MINE, "Our Lab", "own-model")))


def _forges_both(repository: Path) -> None:
    content = _value(entry_of(repository, AWARDED), 0.5)
    put(repository, content)
    give_award(repository, AWARDED)


def _awards_damaged(repository: Path) -> None:
    mine(repository)
    (repository / BOARD / "awards.json").write_text("{")


def _writes(path: str, text: str = "x\n") -> Attack:
    def attack(repository: Path) -> None:
        mine(repository)
        target = repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    return attack


def _links(path: str, target: str = "/etc/passwd") -> Attack:
    def attack(repository: Path) -> None:
        mine(repository)
        link(repository, path, target)

    return attack


def _link_for_a_folder(repository: Path) -> None:
    link(repository, f"{SUBMISSIONS}/{MINE}", RIVAL)


def _link_for_all_of_them(repository: Path) -> None:
    mine(repository)
    (repository / SUBMISSIONS).rename(repository / "elsewhere")
    link(repository, SUBMISSIONS, "../elsewhere")


def _submodule(repository: Path) -> None:
    mine(repository)
    submodule(repository, f"{SUBMISSIONS}/{MINE}/more")


def _submodule_that_is_ignored(repository: Path) -> None:
    mine(repository)
    submodule(repository, "omnibench/more")
    told = '[submodule "more"]\n\tpath = omnibench/more\n\turl = https://example.org/x\n\tignore = all\n'
    (repository / ".git" / "info" / "exclude").write_text("")
    git(repository, "config", "-f", ".gitmodules", "submodule.more.path", "omnibench/more")
    (repository / ".gitmodules").write_text(told)
    git(repository, "add", ".gitmodules")
    git(repository, "commit", "-qm", "hides it")
    # Only the hidden one stays: what names it is taken back from the tree that is checked.
    git(repository, "rm", "-qf", "--cached", ".gitmodules")
    git(repository, "commit", "-qm", "takes the traces away")


def _mode(path: str, fresh: bool) -> Attack:
    def attack(repository: Path) -> None:
        if fresh:
            mine(repository)
        commit(repository)
        git(repository, "update-index", "--chmod=+x", path)
        git(repository, "commit", "-qm", "a mode")
        (repository / path).chmod(0o755)

    return attack


def _copies(repository: Path) -> None:
    put(repository, {**entry_of(repository, RIVAL), "id": MINE} | {"submission": _dated("2026-11-22")}, MINE)


def _case_twin(repository: Path) -> None:
    put(repository, document("2026-11-20_RIVAL", "Our Lab", "own-model"))


def _composed_twin(repository: Path) -> None:
    put(
        repository,
        document("2026-11-20_rivál", "Our Lab", "own-model"),
        unicodedata.normalize("NFD", "2026-11-20_rivál"),
    )


def _two(repository: Path) -> None:
    mine(repository)
    put(repository, document("2026-11-23_more", "Our Lab", "own-model-2"))


def _nothing(_: Path) -> None:
    return


def _deletes_code(repository: Path) -> None:
    mine(repository)
    (repository / "omnibench" / "scoring.py").unlink()


def _renames_code(repository: Path) -> None:
    mine(repository)
    (repository / "omnibench" / "scoring.py").rename(repository / "omnibench" / "scoring2.py")


def _merges_code(repository: Path) -> None:
    mine(repository)
    commit(repository)
    git(repository, "checkout", "-qb", "side", "base")
    (repository / "omnibench" / "scoring.py").write_text("print('ours')\n")
    commit(repository)
    git(repository, "checkout", "-q", "theirs")
    git(repository, "merge", "-q", "--no-edit", "side")


def _only_in_the_index(repository: Path) -> None:
    mine(repository)
    commit(repository)
    code = repository / "omnibench" / "scoring.py"
    before = code.read_text()
    code.write_text("print('ours')\n")
    git(repository, "add", "-A")
    code.write_text(before)


def _ignored_among_the_entries(repository: Path) -> None:
    mine(repository)
    commit(repository)
    (repository / ".git" / "info" / "exclude").write_text("*.bin\n")
    (repository / SUBMISSIONS / "weights.bin").write_bytes(b"x")


def _attributes_hide_it(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.json -diff binary\n")
    on_rival(lambda content: _value(content, 9.5))(repository)


def _withdraws_and_changes(repository: Path) -> None:
    put(repository, {**_value(entry_of(repository, RIVAL), 9.5), "withdrawn": "by us"})


def _withdraws_with_another_type(repository: Path) -> None:
    content = entry_of(repository, RIVAL)
    content["scores"]["strict"]["metrics"]["fd"]["n_scored"] = 2.0
    put(repository, {**content, "withdrawn": "by us"})


def _withdraws_the_awarded(repository: Path) -> None:
    put(repository, {**entry_of(repository, AWARDED), "withdrawn": "by us"})


def _withdraws_and_adds(repository: Path) -> None:
    put(repository, {**entry_of(repository, RIVAL), "withdrawn": "by us"})
    mine(repository)


def _fingerprints(repository: Path) -> None:
    folder = mine(repository)
    (folder / "fingerprints.json").write_text(json.dumps({"schema_version": 1, "manifest": "ab" * 32, "dialogues": {}}))


def _samples(value: float) -> Attack:
    import hashlib

    def attack(repository: Path) -> None:
        lines = [
            {"id": name, "status": "ok", "metrics": {"fd": {"status": "ok", "value": value}}} for name in ("a", "b")
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        content = document(MINE, "Our Lab", "own-model")
        content["scores"]["strict"] |= {
            "samples": "samples.strict.jsonl",
            "samples_sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        (put(repository, content) / "samples.strict.jsonl").write_text(text)

    return attack


def _another_metric(name: str) -> Attack:
    def attack(repository: Path) -> None:
        content = document(MINE, "Our Lab", "own-model")
        metrics = content["scores"]["strict"]["metrics"]
        metrics[name] = metrics.pop("fd")
        put(repository, content)

    return attack


def _in_the_future(repository: Path) -> None:
    put(repository, document("2999-01-01_mine", "Our Lab", "own-model"))


def _before_the_task(repository: Path) -> None:
    put(repository, document("2024-01-01_mine", "Our Lab", "own-model"))


def _of_mini(repository: Path) -> None:
    content = document(MINE, "Our Lab", "own-model")
    scores = content["scores"]["strict"]
    scores["data"] |= {"name": "mini", "version": "mini-v1"}
    scores["metrics"]["fd"]["signature"] = SIGNED.replace("x-test", "mini-test")
    put(repository, content)


FD = "scores.strict.metrics.fd"
REFUSED: dict[str, tuple[Attack, str]] = {
    # Others' entries
    "a rival's value": (on_rival(lambda content: _value(content, 9.5)), f"{RIVAL}/entry.json: changes an entry that"),
    "a rival's team": (on_rival(lambda c: {**c, "submission": _dated("2026-11-20")}), "changes an entry that stands"),
    "a re-scored entry demoted": (_demotes, "though awards.json gives it re-scored"),
    "demoted, its award gone": (_demotes_and_takes_the_award, "awards.json: only a maintainer"),
    "a rival's folder renamed": (_renames, f"{RIVAL}/entry.json: removes an entry"),
    "a rival removed": (_removes, "removes an entry"),
    "a rival's id taken": (_takes_its_id, "changes an entry that stands"),
    "a rival's answers copied": (_copies, f"the archive of {RIVAL}, entered twice"),
    "withdrawn, and changed": (_withdraws_and_changes, "changes an entry that stands"),
    "withdrawn, and a number's type changed": (_withdraws_with_another_type, "changes an entry that stands"),
    "a re-scored entry withdrawn": (_withdraws_the_awarded, "changes an entry that stands"),
    "withdrawn for nothing": (on_rival(lambda c: {**c, "withdrawn": " "}), "changes an entry that stands"),
    "withdrawn, and one added": (_withdraws_and_adds, "2 entries"),
    "an executable bit on a rival's file": (_mode(f"{SUBMISSIONS}/{RIVAL}/entry.json", False), "changes an entry that"),
    # Badges
    "a badge and its award": (_badge_of_its_own, "awards.json: only a maintainer"),
    "an award without its badge": (_award_without_badge, "self-reported, though awards.json gives it re-scored"),
    "a badge without its award": (_badge_without_award, 'expected "self-reported"'),
    "an awarded value with its award": (_forges_both, "awards.json: only a maintainer"),
    "damaged awards": (_awards_damaged, "awards.json"),
    # Everything that is no entry
    "code": (_writes("omnibench/scoring.py"), "omnibench/scoring.py: outside submissions/"),
    "code removed": (_deletes_code, "omnibench/scoring.py: outside submissions/"),
    "code renamed": (_renames_code, "omnibench/scoring2.py: outside submissions/"),
    "code by a merge": (_merges_code, "omnibench/scoring.py: outside submissions/"),
    "code, staged alone": (_only_in_the_index, "omnibench/scoring.py: outside submissions/"),
    "a workflow": (_writes(".github/workflows/x.yml"), ".github/workflows/x.yml: outside submissions/"),
    "the rules": (_writes(f"{BOARD}/POLICY.md"), "leaderboard/POLICY.md: outside submissions/"),
    "a control": (_writes(f"{BOARD}/controls/{CONTROL}/entry.json"), "only a maintainer changes this"),
    "a control added": (_writes(f"{BOARD}/controls/2026-11-30_more/entry.json"), "only a maintainer changes this"),
    "attributes": (_writes(".gitattributes", "*.json -diff\n"), ".gitattributes: outside submissions/"),
    "attributes that hide a change": (_attributes_hide_it, "changes an entry that stands"),
    "attributes among the entries": (_writes(f"{SUBMISSIONS}/.gitattributes"), "lies in no entry's folder"),
    "ignored among the entries": (_ignored_among_the_entries, "weights.bin"),
    "the entries' README": (_writes(f"{SUBMISSIONS}/README.md"), "lies in no entry's folder"),
    "a file beside the folders": (_writes(f"{SUBMISSIONS}/notes.txt"), "lies in no entry's folder"),
    "a name that is not UTF-8": (_writes(os.fsdecode(b"caf\xe9.txt")), "outside submissions/"),
    # What an entry's folder holds
    "a file that is no entry's": (_writes(f"{SUBMISSIONS}/{MINE}/run.sh"), "run.sh: does not belong"),
    "a hidden file": (_writes(f"{SUBMISSIONS}/{MINE}/.gitattributes"), ".gitattributes: does not belong"),
    "a nested folder": (_writes(f"{SUBMISSIONS}/{MINE}/more/entry.json"), "expected plain files alone"),
    "a link in the folder": (_links(f"{SUBMISSIONS}/{MINE}/samples.strict.jsonl"), "a symbolic link"),
    "a link as entry.json": (_links(f"{SUBMISSIONS}/{MINE}/entry.json", f"../{RIVAL}/entry.json"), "a symbolic link"),
    "a link as folder": (_link_for_a_folder, "a symbolic link"),
    "a link for all entries": (_link_for_all_of_them, "up to leaderboard/submissions"),
    "a submodule in the folder": (_submodule, "another repository (a submodule)"),
    "a submodule that is ignored": (_submodule_that_is_ignored, "omnibench/more: outside submissions/"),
    "an executable file": (_mode(f"{SUBMISSIONS}/{MINE}/entry.json", True), "an executable file"),
    "fingerprints of its own": (_fingerprints, "made by the project"),
    "two entries": (_two, "2 entries"),
    "nothing": (_nothing, "nothing is changed"),
    "a name in capitals": (_case_twin, "expected a folder named <date>_<name>"),
    "a name in two spellings": (_composed_twin, "expected a folder named <date>_<name>"),
    # Names
    "a look-alike team": (with_fields(submission__team="Rivа1 Lab"), 'reads like "Rival Lab"'),
    "a look-alike team in other cases": (with_fields(submission__team="RlVAL-LAB"), 'reads like "Rival Lab"'),
    "an invisible character": (with_fields(submission__team="Rival\u200d Lab"), "invisible character U+200D"),
    "a Hangul filler": (with_fields(submission__team="Rival\u3164Lab"), "invisible character U+3164"),
    "a variation selector": (with_fields(submission__team="Rival Lab\ufe0e"), "invisible character U+FE0E"),
    "a tag": (with_fields(submission__team="Rival Lab\U000e0041"), "invisible character U+E0041"),
    "piled marks": (with_fields(submission__team="Riv" + "a\u0301\u0302\u0303\u0304\u0305"), "piles more than"),
    "a look-alike model": (with_fields(model__name="mlrror"), 'reads like "mirror"'),
    "the name of a control": (with_fields(model__name="Ground Truth"), 'reads like the control "ground_truth"'),
    "a control in Cyrillic": (with_fields(model__name="s\u0456lence"), 'reads like the control "silence"'),
    "GT": (with_fields(model__name="GT"), "reads like the control"),
    "a row of the paper": (with_fields(model__name="OmniResponse"), 'reads like the row "OmniResponse (Ours)"'),
    "a row of the paper, wide": (
        with_fields(model__name="\uff2d\uff4f\uff53\uff48\uff49"),
        'reads like the row "Moshi"',
    ),
    "a control as a team": (with_fields(submission__team="Metron\u00f3me"), 'reads like the control "metronome"'),
    "the project": (with_fields(submission__team="The Omnibench Project"), "reads like the project"),
    "the controls' group": (with_fields(model__group="controls"), "the group of the project's own controls"),
    # Numbers
    "1e308": (with_number(value=1e308), f"{FD}.value"),
    "not a number": (with_number(value=float("nan")), "entry.json"),
    "below the range": (with_number(value=-1.0), f'{FD}.value": -1; FD is 0 or more'),
    "an interval upside down": (with_number(interval={"low": 2, "high": 1, "method": "x"}), "its low end is above"),
    "an interval elsewhere": (with_number(interval={"low": 2, "high": 3, "method": "x"}), "1.5 is not in it"),
    "an interval out of range": (with_number(interval={"low": -9, "high": 3, "method": "x"}), "interval.low"),
    "the other direction": (with_number(direction="higher"), f'{FD}.direction": "higher"; FD has "lower"'),
    "more scored than expected": (with_number(n_scored=3), "3 of 2 expected dialogues"),
    "another metric's key": (with_number(signature=SIGNED.replace("FD|", "FVD|")), 'begins with "FVD"; expected "FD"'),
    "a condition of its own": (with_number(signature=SIGNED.replace("|data", "|easy:yes|data")), '"easy:yes"'),
    "another parameter": (with_number(signature=SIGNED.replace("|data", "|root:x|data")), 'holds "root:x"'),
    "another coverage": (with_number(signature=SIGNED.replace("cov:2/2", "cov:1/1")), '"cov:2/2"'),
    "a unit of its own": (with_number(unit="points"), f'{FD}.unit": "points"'),
    "an unknown metric": (_another_metric("fdd"), 'Did you mean "fd"'),
    "a metric of another protocol": (_another_metric("fvd_mini"), "the protocol strict does not measure it"),
    "a dialogue's value out of range": (_samples(-1.0), "samples.strict.jsonl"),
    "another mini": (_of_mini, "the test split of mini has"),
    "a trillion parameters too many": (with_fields(model__parameters=10**18), "model.parameters"),
    # Dates and addresses
    "tomorrow": (_in_the_future, "2999-01-01 is in the future"),
    "before the task": (_before_the_task, "before the data set was there"),
    "a name that is not its folder's": (with_fields(id="2026-11-22_other"), "expected the folder's name"),
    "a day that is not its folder's": (with_fields(submission__date="2026-11-21"), "expected to start with the"),
    "a rival's archive": (with_fields(archive__url=f"https://example.org/{RIVAL}.zip"), "of another team"),
    "flags of its own": (with_fields(flags=[{"kind": "frozen_face", "message": "x"}]), "raised by the project alone"),
    "withdrawn from the start": (with_fields(withdrawn="a bug"), "expected null in a new entry"),
    "attested tomorrow": (with_fields(attestation__date="2999-01-01"), "is in the future"),
    "a day in numbers": (with_fields(submission__date=1795305600), "expected a date like"),
    "javascript:": (with_fields(submission__code="javascript:alert(1)"), "is no web address"),
    "file:": (with_fields(archive__url="file:///etc/passwd"), "is no web address"),
    "a password": (with_fields(archive__url="https://us:pw@example.org/a.zip"), "user's name or password"),
    "a host of their own": (with_fields(archive__url="http://127.0.0.1/a.zip"), "only its own network reaches"),
    "a host in numbers": (with_fields(archive__url="http://2130706433/a.zip"), "expected one like example.org"),
    "a look-alike host": (with_fields(submission__code="https://xn--pple-43d.com/"), 'reads like "apple"'),
    "a line in an address": (with_fields(archive__url="https://example.org/a\nX: y"), "has to escape"),
    "an escaped line": (with_fields(archive__url="https://example.org/%0d%0aX"), "escapes a control character"),
    "a header in the contact": (with_fields(submission__contact="a@b.org?bcc=c@d.org"), "neither an e-mail address"),
    "a line in the contact": (with_fields(submission__contact="a@b.org\nBcc: c@d.org"), "control"),
    "no contact": (with_fields(submission__contact="us"), "neither an e-mail address"),
}

WAITING: dict[str, tuple[Attack, str]] = {
    "a withdrawal": (on_rival(lambda c: {**c, "withdrawn": "a bug"}), 'asks to withdraw it: "a bug"'),
    "another's team, another contact": (with_fields(submission__team="rival  LAB"), "whose contact is another"),
    "another's model": (with_fields(model__name="Mirror"), f'"Mirror" is the model of {RIVAL}'),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_base(tmp_path / "repository")


def check(repository: Path, *more: str) -> int:
    return main(["leaderboard", "check", "--since", "base", str(repository / BOARD), *more])


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attack, says = REFUSED[name]
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
    _samples(1.25)(repository)
    if committed:
        commit(repository)
    assert check(repository) == 0
    assert "4 entries in order" in capsys.readouterr().out


def test_a_maintainer_may_change_what_no_stranger_may(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _writes("omnibench/scoring.py")(repository)
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
