"""Every example in a docstring is what comes out."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from extras import lacking

ROOT = Path(__file__).parents[2]
WITH_EXAMPLES = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for room in ("omnibench", "baselines", "leaderboard")
    for path in sorted((ROOT / room).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
EXTRAS = {"omnibench.studio": "studio", "baselines.gpt": "gpt"}


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_are_true(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = next((extra for room, extra in EXTRAS.items() if module.startswith(room)), None)
    reason = lacking(extra) if extra else ""
    if reason:
        pytest.skip(reason)
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(import_module(module))
    assert found.attempted, module
    assert not found.failed, module
