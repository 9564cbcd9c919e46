"""``omnibench leaderboard serve --home board``, as the page on hosting says it, refused every submission: the process
that decodes it works in a folder of its own, from where ``board/work/…`` leads nowhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from submission_factory import pack_run, write_run

from leaderboard.archive.validation import validate_archive


def test_an_archive_is_unpacked_below_a_relative_folder(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pack_run(write_run(tmp_path / "run", synthetic), synthetic, tmp_path / "a.zip", tmp_path / "packing")
    (tmp_path / "board").mkdir()
    monkeypatch.chdir(tmp_path)
    checked = validate_archive(Path(archive.name), Path("board"), str(synthetic), "test")
    assert checked.predictions == tmp_path / "board" / "predictions"
    assert checked.parts
