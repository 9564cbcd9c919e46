"""The build backend: setuptools, shown the files that git tracks and nothing else that lies in the checkout.

By itself setuptools takes every file that matches a pattern, so that a suffix nobody listed was missing from the wheel,
and what merely lay there got in: a draft, a file that the last build left in ``build/``, one that an old
``SOURCES.txt`` named.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (  # noqa: F401 (the hooks that need no copy)
    build_editable,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
)

PACKAGES = ("omnibench", "baselines", "leaderboard")
PARTS = (*PACKAGES, ".ci", "pyproject.toml", "README.md", "LICENSE")
"""What a distribution is made of; ``.ci`` because an sdist is built by this file as well."""


def sources(root: Path) -> list[str]:
    """The tracked files of ``PARTS``; all their files but caches where no git can tell (an unpacked sdist)."""
    if (root / ".git").exists() and shutil.which("git"):
        # In a container the checkout often belongs to someone else, which git refuses to read unasked.
        command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--", *PARTS]
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout  # noqa: S603
        return [name for name in listed.split("\0") if name and (root / name).is_file()]
    print("No git here: every file of the packages is taken.", file=sys.stderr)
    found = [path for part in PARTS for path in ((root / part).rglob("*") if (root / part).is_dir() else [root / part])]
    return [str(path.relative_to(root)) for path in found if path.is_file() and "__pycache__" not in path.parts]


@contextmanager
def only_sources() -> Iterator[None]:
    """Work in a copy of the sources; setuptools builds what lies in the current folder."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as copy:
        for name in sources(root):
            target = Path(copy, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)
        Path(copy, "MANIFEST.in").write_text("graft .ci\n")
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(root)


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: dict | None = None) -> str:
    """PEP 517's hook."""
    metadata_directory = str(Path(metadata_directory).resolve())
    with only_sources():
        return build_meta.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def build_wheel(
    wheel_directory: str, config_settings: dict | None = None, metadata_directory: str | None = None
) -> str:
    """PEP 517's hook."""
    wheel_directory = str(Path(wheel_directory).resolve())
    metadata_directory = metadata_directory and str(Path(metadata_directory).resolve())
    with only_sources():
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: dict | None = None) -> str:
    """PEP 517's hook."""
    sdist_directory = str(Path(sdist_directory).resolve())
    with only_sources():
        return build_meta.build_sdist(sdist_directory, config_settings)
