"""Fixtures for every room. Factories lie in ``tests/support``, on pytest's path: ``from data_factory import …``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from data_factory import write_dataset
from extras import OF_MARKERS, lacking
from hypothesis import settings

# The examples are the same on every run, and a busy machine is no failure.
settings.register_profile("omnibench", deadline=None, derandomize=True)
settings.load_profile("omnibench")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs an extra that is not installed, with the line that gets it."""
    for item in items:
        wanted = [str(mark.args[0]) for mark in item.iter_markers("needs")]
        wanted += [extra for marker, extra in OF_MARKERS.items() if item.get_closest_marker(marker)]
        for reason in filter(None, map(lacking, wanted)):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A feature cache of the test run's own, for this process and those it starts."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMNIBENCH_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three valid 2 s dialogues at 25 fps (split ``test``). Read only: a test that damages writes its own."""
    return write_dataset(tmp_path_factory.mktemp("synthetic"), ids=("a", "b", "c"))
