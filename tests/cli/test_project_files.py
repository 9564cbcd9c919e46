"""What the repository's host and other tools read: templates, hooks, the citation."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import pytest

import omnibench

ROOT = Path(__file__).parents[2]
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
yaml = pytest.importorskip("yaml")  # transformers brings it


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_issue_forms_are_forms() -> None:
    assert {path.stem for path in FORMS} == {"bug", "metric", "model", "submission"}
    assert parsed(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml").keys() == {"blank_issues_enabled"}
    for form in map(parsed, FORMS):
        assert form.keys() == {"name", "description", "labels", "body"}
        asked = [part for part in form["body"] if part["type"] != "markdown"]
        assert all(
            part["type"] in ("input", "textarea", "checkboxes") and part["attributes"]["label"] for part in asked
        )
        assert len({part["id"] for part in asked}) == len(asked)


def test_hooks_run_what_ci_runs() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    lint = tox["testenv:lint"]
    hooks = [hook for repository in parsed(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]
    assert {hook["entry"] for hook in hooks} == {*lint["commands"].split("\n")[1:], "mypy"}
    assert {needed for hook in hooks for needed in hook.get("additional_dependencies", ())} <= set(lint["deps"].split())


def test_the_citation_is_of_this_version_and_of_the_paper_as_the_readme_has_it() -> None:
    citation = parsed(ROOT / "CITATION.cff")
    assert citation["version"] == omnibench.__version__
    (paper,) = citation["references"]
    entry = (ROOT / "README.md").read_text(encoding="utf-8").split("@inproceedings")[1]
    fields = dict(re.findall(r"^  (\w+) +?= \{(.*)\}", entry, re.MULTILINE))
    people = [f"{one['family-names']}, {one['given-names']}" for one in paper["authors"]]
    assert (fields["title"], fields["author"], int(fields["year"])) == (
        paper["title"],
        " and ".join(people),
        paper["year"],
    )


def test_contributing_says_what_each_folder_of_tests_is_for() -> None:
    named = set(re.findall(r"`([^`]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert {path.parent.name for path in (ROOT / "tests").glob("*/*.py")} <= named
