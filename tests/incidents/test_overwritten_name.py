"""A plug-in overwrote a metric of the same name in silence, and the column meant something else from then on.

A name registered by two packages is an error that names both; the same package seen twice on the path is no clash.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from omnibench.errors import UsageError
from omnibench.registry import Registry


def install(folder: Path, name: str, target: str) -> str:
    """A package in ``folder`` that registers ``fd`` as ``target``, as pip leaves it."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[incident.metrics]\nfd = {target}\n")
    return str(folder)


def registry() -> Registry[object]:
    return Registry("incident.metrics", kind="metric", listing="omnibench metrics")


def test_two_packages_with_one_name_are_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, target in enumerate(("first.module:fd", "second.module:fd")):
        monkeypatch.syspath_prepend(install(tmp_path / str(number), f"package{number}", target))
    with pytest.raises(UsageError, match=r"registered 2 times \(first\.module:fd and second\.module:fd\)"):
        registry().names()


def test_one_package_seen_twice_is_no_clash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        monkeypatch.syspath_prepend(install(tmp_path / str(number), f"copy{number}", "same.module:fd"))
    assert registry().names() == ("fd",)
    assert "same" not in sys.modules
