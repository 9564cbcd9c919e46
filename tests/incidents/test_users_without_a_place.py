"""A container's user without a name, a home or a place that can be written: numba ended every import of the renderer
("no locator available"), and `doctor` itself did not start ("Could not determine home directory").

Nothing is kept then, which is said once with what to set, and the answers are the same. What numba kept may be damaged
or unreadable as well, or its disk full.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from data_factory import write_dataset
from machines import mounted, mounts, omnibench, stranger

import omnibench as package

PROGRAM = """
from omnibench.system.compiling import compiled

@compiled(nogil=True)
def double(x):
    return 2 * x

print(double(21), double.stats.cache_hits.__len__())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where any user may look; pytest's own folders are closed to others, again whenever another pytest starts."""
    with tempfile.TemporaryDirectory(prefix="omnibench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def installation(open_folder: Path) -> Path:
    """Another user's copy of the sources, without anything compiled; what lies there cannot be written by others."""
    site, source = open_folder / "site", Path(package.__file__).parents[1]
    for name in ("omnibench", "baselines", "leaderboard"):
        shutil.copytree(source / name, site / name, ignore=shutil.ignore_patterns("*.nbi", "*.nbc", "__pycache__"))
    for info in source.glob("*.egg-info"):
        shutil.copytree(info, site / info.name)
    return site


def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def python(path: Path, prefix: Sequence[str] = (), **variables: str) -> subprocess.CompletedProcess[str]:
    command, env = [*prefix, sys.executable, str(path)], {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=500, check=False)


@mounts
@pytest.mark.timeout(600)
def test_a_user_without_name_home_or_place(installation: Path, open_folder: Path) -> None:
    data, out = write_dataset(open_folder / "data", ids=("a",), seconds=0.4), open_folder / "o"
    out.mkdir()
    out.chmod(0o777)
    for home in (["-u", "HOME"], ["HOME=/nonexistent"]):
        user = stranger(open_folder, "-u", "OMNIBENCH_CACHE", *home, f"PYTHONPATH={installation}")
        found = omnibench("doctor", prefix=user, cwd=out)
        assert found.returncode == 0, found.stderr
        assert "no folder for compiled code" in found.stdout
        assert "/nonexistent/.cache/omnibench/features: not writable" in found.stdout
    done = omnibench(
        "run", "--model", "silence", "--data", data, "--out", out / "run", "--workers", "1", "--no-score",
        prefix=user, cwd=out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("compiled code is not kept") == 1
    assert done.stderr.count("NUMBA_CACHE_DIR") == 1
    assert (out / "run" / "video" / "a.mp4").stat().st_size > 0


def test_compiled_code_is_kept_where_omnibench_may(tmp_path: Path) -> None:
    first = python(program(tmp_path), NUMBA_CACHE_DIR=str(tmp_path / "kept"))
    assert first.stdout == "42 0\n", first.stderr
    assert python(program(tmp_path), NUMBA_CACHE_DIR=str(tmp_path / "kept")).stdout == "42 1\n"


@pytest.mark.parametrize("damage", ["cut", "rubbish", "folder"])
def test_what_numba_kept_is_damaged(damage: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    path = program(tmp_path)
    python(path, NUMBA_CACHE_DIR=str(kept))
    (index,) = kept.rglob("*.nbi")
    if damage == "folder":
        index.unlink()
        index.mkdir()
    else:
        index.write_bytes(index.read_bytes()[:20] if damage == "cut" else b"\x80\x04garbage")
    done = python(path, NUMBA_CACHE_DIR=str(kept))
    assert done.stdout == "42 0\n", done.stderr
    assert ("compiled code is not kept" in done.stderr) == (damage == "folder")
    assert "Traceback" not in done.stderr
    if damage != "folder":
        assert python(path, NUMBA_CACHE_DIR=str(kept)).stdout == "42 1\n"


@mounts
def test_the_disk_for_compiled_code_is_full(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    done = python(program(tmp_path), mounted(f"mount -t tmpfs -o size=4k none {kept}"), NUMBA_CACHE_DIR=str(kept))
    assert done.stdout == "42 0\n", done.stderr
    assert done.stderr.count("compiled code is not kept") == 1
    assert "Traceback" not in done.stderr


@mounts
def test_features_are_not_kept_on_a_full_disk(synthetic: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    answers = tmp_path / "answers"
    for part in ("video", "audio"):
        shutil.copytree(synthetic / "test" / part / "listener", answers / part)
    options = ("--data", synthetic, "--protocol", "offline", "--metrics", "lse_d_mini", "--json", tmp_path / "s.json")
    full = mounted(f"mount -t tmpfs -o size=4k none {cache}")
    done = omnibench("score", answers, *options, "--allow-partial", env={"OMNIBENCH_CACHE": str(cache)}, prefix=full)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("features are not kept (No space left on device). Set OMNIBENCH_CACHE") == 1
