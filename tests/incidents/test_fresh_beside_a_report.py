"""``run --fresh`` removed a run's answers and then refused the folder, because a report of another command lay in it:
the answers were gone and nothing came in their place.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from omnibench.errors import UsageError
from omnibench.files.records import Identity, RunRecord
from omnibench.runner.folder import RunFolder


def test_a_run_is_started_over_beside_what_other_commands_left(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with folder.open(Identity(seed=1), fresh=False):
        folder.write_manifest(RunRecord(identity=Identity(seed=1)))
    (folder.root / "text").mkdir()
    (folder.root / "text" / "a.json").write_text("{}")
    (folder.root / "quality.md").write_text("figures")
    with folder.open(Identity(seed=2), fresh=True):
        assert not (folder.root / "text").exists()
        folder.write_manifest(RunRecord(identity=Identity(seed=2)))
    assert folder.manifest() == RunRecord(identity=Identity(seed=2))
    assert (folder.root / "quality.md").read_text() == "figures"


def test_a_folder_that_is_no_run_is_still_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for fresh in (False, True):
        with (
            pytest.raises(UsageError, match=r"not empty \(thesis\.txt is there\)"),
            RunFolder(tmp_path).open(Identity(), fresh),
        ):
            pass
    assert (tmp_path / "thesis.txt").read_text() == "mine"
