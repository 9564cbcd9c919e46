"""The Croissant card: read by the standard's own validator, of our data sets and of a stranger's folder."""

from __future__ import annotations

import json
from pathlib import Path

import mlcroissant
import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.datasets.about import About, read_about
from omnibench.datasets.embedded import embedded
from omnibench.datasets.mini import DATA as MINI
from omnibench.datasets.studio import DATA as STUDIO
from omnibench.files.hashing import file_sha256

ABOUT = {
    "description": "Two people in calls.",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "creators": ["Somebody"],
    "published": "2026-12-01",
    "limitations": ["Small.", "Clean."],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    people = {i: {"speaker": "karen", "listener": "james"} for i in ("a", "b")}
    write_dataset(tmp_path / "theirs", "val", ids=("a", "b"), seconds=1, persons=people)
    return write_dataset(tmp_path / "theirs", "test", ids=("c",), seconds=2, persons={"c": people["a"]})


def card_of(folder: Path) -> mlcroissant.Dataset:
    assert main(["data", "card", str(folder), "--out", str(folder.parent / "card.json")]) == 0
    return mlcroissant.Dataset(jsonld=folder.parent / "card.json")


def test_the_standards_validator_reads_files_dialogues_and_what_is_said_of_them(folder: Path) -> None:
    (folder / "about.json").write_text(json.dumps(ABOUT))
    card = card_of(folder)
    found = card.metadata
    assert not found.ctx.issues.errors
    assert (found.license, found.data_limitations) == ([ABOUT["license"]], ABOUT["limitations"])
    (manifest,) = found.file_objects
    assert manifest.sha256 == file_sha256(folder / "manifest.json")
    globs = {one.id: one.includes for one in found.file_sets}
    assert set(globs) >= {"text-json", "vector-npy", "video-mp4"}
    assert all(any(folder.glob(glob)) for own in globs.values() for glob in own)
    rows = list(card.records("dialogues"))
    assert [(row["dialogues/split"], row["dialogues/id"]) for row in rows] == [
        ("val", "a"),
        ("val", "b"),
        ("test", "c"),
    ]
    assert (rows[2]["dialogues/listener"], rows[2]["dialogues/seconds"]) == ("james", 2.0)
    assert "dialogues/topic" not in rows[0]


def test_what_nobody_says_of_a_strangers_folder_is_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert card_of(folder).metadata.license is None
    assert "left out, for nobody says it: description, license" in capsys.readouterr().err
    (folder / "about.json").write_text('{"license": "ours"}')
    assert main(["data", "card", str(folder)]) == 4
    assert "license" in capsys.readouterr().err


@pytest.mark.parametrize("data", [MINI, STUDIO])
def test_our_own_say_all_of_it(data: Path) -> None:
    about = read_about(data.parent)
    assert set(About.model_fields) - about.model_fields_set <= {"url", "published"}
    if data == MINI:
        assert embedded("mini", data).about() == about
