"""package-data listed suffixes, and `.jsonl` was not among them: no wheel held a control's samples, and
``leaderboard build`` and ``serve`` ended with exit 4 for everybody who had not installed editable. A list of suffixes
ages; every tracked file is in the wheel, none is left out on purpose, and what is not tracked never gets in.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.wheel
CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("omnibench", "baselines", "leaderboard")


def tracked() -> set[str]:
    """All files of the checkout that git tracks."""
    command = ["git", "-c", f"safe.directory={CHECKOUT}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    return {name for name in listed.split("\0") if name and (CHECKOUT / name).is_file()}


def of_packages(names: set[str]) -> set[str]:
    return {name for name in names if name.split("/")[0] in PACKAGES}


def content(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_every_tracked_file_is_installed_and_no_other() -> None:
    rows = csv.reader((distribution("omnibench").read_text("RECORD") or "").splitlines())
    installed = {name: stated for name, stated, _ in rows if stated}
    assert of_packages(set(installed)) == of_packages(tracked())
    for name in of_packages(set(installed)):
        digest = hashlib.sha256((CHECKOUT / name).read_bytes()).digest()
        assert installed[name] == f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}", name


def test_an_sdist_builds_the_same_wheel_and_drafts_get_into_neither(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, checkout / name)
    for command in (["init", "-q"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=checkout, check=True)  # noqa: S607
    for draft in ("omnibench/draft.py", "baselines/new.v2/weights.bin", "build/lib/omnibench/removed.py"):
        (checkout / draft).parent.mkdir(parents=True, exist_ok=True)
        (checkout / draft).write_text("# a draft\n")
    (checkout / "omnibench.egg-info").mkdir()
    (checkout / "omnibench.egg-info" / "SOURCES.txt").write_text("omnibench/draft.py\n")
    for kind, folder in ((["--wheel"], "direct"), ([], "by_sdist")):
        build = [sys.executable, "-m", "build", *kind, "--outdir", str(tmp_path / folder), str(checkout)]
        subprocess.run(build, check=True, capture_output=True)
    direct, by_sdist = (content(*(tmp_path / folder).glob("*.whl")) for folder in ("direct", "by_sdist"))
    assert direct == by_sdist
    assert of_packages(set(direct)) == of_packages(tracked())
