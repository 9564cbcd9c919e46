"""Where Python has no fcntl, as on Windows, help still comes, and everything else says in one sentence what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = "import sys; sys.modules['fcntl'] = sys.modules['resource'] = None; from omnibench.cli import main; "


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0),
        (("run", "--help"), 0),
        (("run", "--model", "silence"), 3),
        (("run", "--model", "my_listener.py:Mine"), 3),
        (("bench", "silence", "--minutes", "0.01"), 3),
        (("assets", "fetch", "s3fd"), 3),
    ],
)
def test_without_posix(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    (tmp_path / "my_listener.py").write_text("class Mine: ...\n")
    line = [sys.executable, "-c", f"{WITHOUT}sys.exit(main({list(arguments)!r}))"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert not code or "this needs Linux or macOS" in done.stderr
    assert not code or "WSL 2" in done.stderr
