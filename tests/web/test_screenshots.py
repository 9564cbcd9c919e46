"""``omnibench leaderboard screenshots`` with the real browser: what the README's pictures are made by."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from data_factory import write_dataset
from PIL import Image
from site_factory import write_runs

from leaderboard.site.build import build_site
from leaderboard.site.screenshots import DESKTOP, PHONE, screenshots
from leaderboard.site.sources import local_rows
from omnibench.errors import InputError

pytestmark = pytest.mark.browser


def brightness(picture: Path) -> float:
    with Image.open(picture) as image:
        levels = image.convert("L").histogram()
    return sum(level * count for level, count in enumerate(levels)) / sum(levels)


def test_a_site_is_taken_in_both_widths_and_both_schemes(tmp_path: Path) -> None:
    build_site(local_rows(write_runs(tmp_path / "runs")), tmp_path / "site")
    taken = CliRunner().invoke(screenshots, ["--site", str(tmp_path / "site"), "--out", str(tmp_path / "out")])
    assert taken.exit_code == 0, taken.output
    files = {path.stem: path for path in map(Path, taken.output.split())}
    assert sorted(files) == ["leaderboard-desktop", "leaderboard-desktop-dark", "leaderboard-phone"]
    for name, path in files.items():
        with Image.open(path) as image:
            assert image.size == (PHONE if "phone" in name else DESKTOP)
            assert len(image.getcolors(1 << 16) or ()) > 8, "an empty page has hardly any colours"
    assert brightness(files["leaderboard-desktop-dark"]) < 128 < brightness(files["leaderboard-desktop"])


def test_a_site_that_is_not_there_is_said_with_the_command_that_makes_one(tmp_path: Path) -> None:
    taken = CliRunner().invoke(screenshots, ["--site", str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(taken.exception, InputError)
    assert "omnibench leaderboard build" in str(taken.exception)
    assert not (tmp_path / "out").exists()


def test_a_reports_viewer_is_taken_with_its_videos_drawn(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=2)
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(data / "test" / part / "listener", tmp_path / "run" / part)
    build_site(local_rows(write_runs(tmp_path / "runs")), tmp_path / "site")
    given = [str(tmp_path / "run"), "--data", str(data), "--site", str(tmp_path / "site"), "--out", str(tmp_path)]
    taken = CliRunner().invoke(screenshots, given)
    assert taken.exit_code == 0, taken.output
    assert {Path(line).stem for line in taken.output.split()} >= {"report-desktop", "report-phone"}
    with Image.open(tmp_path / "report-phone.png") as image:
        assert image.size == PHONE
