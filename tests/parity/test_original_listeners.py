"""ReactFace and ViCo: the original modules at their commits give the numbers that our golden test compares with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from original_listeners import run_reactface, run_vico, source

pytestmark = pytest.mark.parity
NUMBERS = json.loads((Path(__file__).parents[1] / "golden" / "listeners.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "run"), [("reactface", run_reactface), ("vico", run_vico)])
def test_the_stored_numbers_are_the_original_code_s(name: str, run: Any) -> None:
    folder = source(name)
    if folder is None:
        pytest.skip(f"{name.upper()}_SOURCE names no folder; see original_listeners.py for the commit")
    found, stored = run(folder), NUMBERS[name]
    assert found["shapes"] == stored["shapes"]
    _compare(found["answers"], stored["answers"])
    _compare(found["losses"], stored["losses"])


def _compare(found: Any, stored: Any) -> None:
    if isinstance(stored, dict):
        assert found.keys() == stored.keys()
        for key in stored:
            _compare(found[key], stored[key])
        return
    np.testing.assert_allclose(found, stored, atol=1e-5)
