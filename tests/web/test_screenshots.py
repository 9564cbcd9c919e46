"""``omnibench leaderboard screenshots`` with the real browser: what the README's pictures are made by."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from data_factory import write_dataset
from PIL import Image
from site_factory import write_runs

from leaderboard.site.build import build_site
from leaderboard.site.screenshots import DESKTOP, PHONE
from leaderboard.site.sources import local_rows

pytestmark = pytest.mark.browser


def take(*given: str | Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: Playwright's browser of the other tests may be open in this one."""
    command = [sys.executable, "-m", "omnibench", "leaderboard", "screenshots", *map(str, given)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)


def brightness(picture: Path) -> float:
    with Image.open(picture) as image:
        levels = image.convert("L").histogram()
    return sum(level * count for level, count in enumerate(levels)) / sum(levels)


def test_a_site_is_taken_in_both_widths_and_both_schemes(tmp_path: Path) -> None:
    build_site(local_rows(write_runs(tmp_path / "runs")), tmp_path / "site")
    taken = take("--site", tmp_path / "site", "--out", tmp_path / "out")
    assert taken.returncode == 0, taken.stderr
    files = {path.stem: path for path in map(Path, taken.stdout.split())}
    assert sorted(files) == ["leaderboard-desktop", "leaderboard-desktop-dark", "leaderboard-phone"]
    for name, path in files.items():
        with Image.open(path) as image:
            assert image.size == (PHONE if "phone" in name else DESKTOP)
            assert len(image.getcolors(1 << 16) or ()) > 8, "an empty page has hardly any colours"
    assert brightness(files["leaderboard-desktop-dark"]) < 128 < brightness(files["leaderboard-desktop"])


def test_a_reports_viewer_is_taken_with_its_videos_drawn(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=2)
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(data / "test" / part / "listener", tmp_path / "run" / part)
    build_site(local_rows(write_runs(tmp_path / "runs")), tmp_path / "site")
    taken = take(tmp_path / "run", "--data", data, "--site", tmp_path / "site", "--out", tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert {Path(line).stem for line in taken.stdout.split()} >= {"report-desktop", "report-phone"}
    with Image.open(tmp_path / "report-phone.png") as image:
        assert image.size == PHONE


def test_a_site_that_is_not_there_is_said_with_the_command_that_makes_one(tmp_path: Path) -> None:
    taken = take("--site", tmp_path, "--out", tmp_path / "out")
    assert taken.returncode == 4
    assert "omnibench leaderboard build" in taken.stderr
    assert "Traceback" not in taken.stderr
    assert not (tmp_path / "out").exists()
