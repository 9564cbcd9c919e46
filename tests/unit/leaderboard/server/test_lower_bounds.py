"""No installation brings a release of the server's packages with a hole that is known."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text())["project"]
HOLES = {
    "anyio": {"4.14.1": "CVE-2026-63349"},
    "h11": {"0.14.0": "CVE-2025-43859", "0.15.0": "CVE-2025-43859"},
    "jinja2": {"3.1.3": "CVE-2024-34064", "3.1.4": "CVE-2024-56201", "3.1.5": "CVE-2025-27516"},
    "starlette": {
        "0.39.2": "CVE-2024-47874",
        "0.47.1": "CVE-2025-54121",
        "0.49.0": "CVE-2025-62727",
        "1.0.0": "CVE-2026-48710",
        "1.3.0": "CVE-2026-54283",
    },
}


def requirements() -> dict[str, Requirement]:
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["server"]]
    return {one.name: one for one in map(Requirement, lines)}


@pytest.mark.parametrize("name", HOLES)
def test_releases_with_holes_are_refused(name: str) -> None:
    for release, hole in HOLES[name].items():
        assert release not in requirements()[name].specifier, hole


@pytest.mark.needs("server")
def test_what_is_installed_satisfies_the_bounds() -> None:
    for name, wanted in requirements().items():
        assert metadata.version(name) in wanted.specifier, name
