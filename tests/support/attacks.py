"""What a stranger's pull request does to others' entries and to everything that is no entry, by name: how, in a
repository of `pull_requests`, and what the check says of it.
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from pathlib import Path

from pull_requests import (
    AWARDED,
    BOARD,
    CONTROL,
    MINE,
    RIVAL,
    SUBMISSIONS,
    Attack,
    commit,
    document,
    entry_of,
    git,
    give_award,
    link,
    mine,
    on_rival,
    put,
    rescored,
    submodule,
    with_fields,
)


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


def writes(path: str, text: str = "x\n") -> Attack:
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
    "code": (writes("omnibench/scoring.py"), "omnibench/scoring.py: outside submissions/"),
    "code removed": (_deletes_code, "omnibench/scoring.py: outside submissions/"),
    "code renamed": (_renames_code, "omnibench/scoring2.py: outside submissions/"),
    "code by a merge": (_merges_code, "omnibench/scoring.py: outside submissions/"),
    "code, staged alone": (_only_in_the_index, "omnibench/scoring.py: outside submissions/"),
    "a workflow": (writes(".github/workflows/x.yml"), ".github/workflows/x.yml: outside submissions/"),
    "the rules": (writes(f"{BOARD}/POLICY.md"), "leaderboard/POLICY.md: outside submissions/"),
    "a control": (writes(f"{BOARD}/controls/{CONTROL}/entry.json"), "only a maintainer changes this"),
    "a control added": (writes(f"{BOARD}/controls/2026-11-30_more/entry.json"), "only a maintainer changes this"),
    "attributes": (writes(".gitattributes", "*.json -diff\n"), ".gitattributes: outside submissions/"),
    "attributes that hide a change": (_attributes_hide_it, "changes an entry that stands"),
    "attributes among the entries": (writes(f"{SUBMISSIONS}/.gitattributes"), "lies in no entry's folder"),
    "ignored among the entries": (_ignored_among_the_entries, "weights.bin"),
    "the entries' README": (writes(f"{SUBMISSIONS}/README.md"), "lies in no entry's folder"),
    "a file beside the folders": (writes(f"{SUBMISSIONS}/notes.txt"), "lies in no entry's folder"),
    "a name that is not UTF-8": (writes(os.fsdecode(b"caf\xe9.txt")), "outside submissions/"),
    # What an entry's folder holds
    "a file that is no entry's": (writes(f"{SUBMISSIONS}/{MINE}/run.sh"), "run.sh: does not belong"),
    "a hidden file": (writes(f"{SUBMISSIONS}/{MINE}/.gitattributes"), ".gitattributes: does not belong"),
    "a nested folder": (writes(f"{SUBMISSIONS}/{MINE}/more/entry.json"), "expected plain files alone"),
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
}

WAITING: dict[str, tuple[Attack, str]] = {
    "a withdrawal": (on_rival(lambda c: {**c, "withdrawn": "a bug"}), 'asks to withdraw it: "a bug"'),
    "another's team, another contact": (with_fields(submission__team="rival  LAB"), "whose contact is another"),
    "another's model": (with_fields(model__name="Mirage"), f'"Mirage" is the model of {RIVAL}'),
}
