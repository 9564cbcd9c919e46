"""Files from an old Windows archive or a GBK disk: names whose bytes are no UTF-8. Every command ended in a traceback.

Nothing that a run writes can hold such a name, nor one with a line break in it: that dialogue fails by name, which is
shown escaped, and the others go on.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="macOS takes no such name")
NAMES = {"x": (b"caf\xe9", "caf\\xe9"), "y": (b"two\nlines", "two\\nlines"), "z": (b"\x1b[31m", "\\x1b[31m")}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    kinds = ("audio", "vector", "text")
    root = write_dataset(tmp_path / "data", ids=("a", *NAMES), seconds=0.4, modalities=kinds)
    for path in sorted((root / "test").rglob("?.*")):
        if path.stem in NAMES:
            path.rename(path.with_name(os.fsdecode(NAMES[path.stem][0]) + path.suffix))
    return root


def test_one_dialogue_fails_by_name_and_the_others_go_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.json"
    assert main(["data", "verify", str(data), "--json", str(found)]) == 4
    problems = {Path(problem["file"]).stem: problem for problem in json.loads(found.read_text())["problems"]}
    assert set(problems) == {shown for _, shown in NAMES.values()}
    assert "not UTF-8" in problems["caf\\xe9"]["message"]
    assert "convmv" in problems["caf\\xe9"]["message"]
    assert main(["data", "stats", str(data), "--out", str(tmp_path / "plots")]) == 0
    out = tmp_path / "out"
    play = ["run", "--model", "parrot", "--data", str(data), "--workers", "0", "--no-video", "--no-score"]
    assert main([*play, "--out", str(out)]) == 4
    assert [path.name for path in (out / "text").iterdir()] == ["a.json"]
    assert main([*play, "--out", str(tmp_path / "one"), "--ids", "a"]) == 0
    assert main(["score", str(out), "--protocol", "offline", "--metrics", "rouge_l"]) == 5
    assert main(["report", str(out), "--out", str(tmp_path / "r.html"), "--media", "none"]) == 4
    assert (tmp_path / "r.html").is_file()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", [b"donn\xe9es", b"two\nlines"])
def test_a_folder_of_such_a_name_is_refused(name: bytes, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.fsdecode(os.fsencode(data.parent) + b"/" + name)
    data.rename(folder)
    assert main(["data", "verify", folder]) == 4
    assert "rename it" in capsys.readouterr().err


def test_a_name_has_room_for_the_files_of_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """251 bytes and ``.wav`` are a name, and with ``.json`` none: the run ended there."""
    kinds = ("audio", "vector")
    data = write_dataset(tmp_path / "data", ids=("a", "n" * 250, "n" * 251), seconds=0.4, modalities=kinds)
    assert main(["data", "verify", str(data)]) == 4
    out = tmp_path / "out"
    play = ["run", "--model", "parrot", "--data", str(data), "--workers", "0", "--no-video", "--no-score"]
    assert main([*play, "--out", str(out)]) == 4
    assert sorted(len(path.stem) for path in (out / "audio").iterdir()) == [1, 250]
    assert "251 bytes, at most 250" in capsys.readouterr().err
