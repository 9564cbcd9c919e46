from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from omnibench.datasets.manifest import read_manifest
from omnibench.errors import InputError


def manifest(folder: Path, content: Any) -> Path:
    path = folder / "manifest.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_order_rates_and_people_are_read(tmp_path: Path) -> None:
    entries = [
        {
            "id": "z",
            "fps": "30000/1001",
            "persons": {"speaker": "anna", "listener": "carl"},
            "topic": "teaching",
            "new": 1,
        },
        {
            "id": "a",
            "fps": 25,
            "sample_rate": 16000,
            "persons": {"listener": "p"},
            "identities": {"listener": "face-3"},
        },
    ]
    found = read_manifest(manifest(tmp_path, {"name": "n", "version": "v", "splits": {"test": entries}}))
    first, second = found.splits["test"]
    assert (found.name, found.version, found.default_protocol) == ("n", "v", "paper")
    assert (first.id, first.fps, first.topic) == ("z", Fraction(30000, 1001), "teaching")
    assert first.identities == {"speaker": "anna", "listener": "carl"}
    assert (second.fps, second.sample_rate, second.identities) == (25, 16000, {"listener": "face-3"})


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("", "no complete JSON"),
        ('{"splits": {"test": [', "no complete JSON"),
        ([], '"splits"'),
        ({"splits": {"test": {}}}, "splits.test"),
        ({"splits": {"test": [{}]}}, r"splits.test\[0\].id"),
        ({"splits": {"test": [{"id": "../../etc/passwd"}]}}, r"splits.test\[0\].id"),
        ({"splits": {"test": [{"id": "a"}, {"id": "a"}]}}, "twice"),
        ({"splits": {"test": [{"id": "a", "fps": "fast"}]}}, r"splits.test\[0\].fps"),
        ({"splits": {"test": [{"id": "a", "fps": "1/0"}]}}, r"splits.test\[0\].fps"),
        ({"splits": {"test": [{"id": "a", "fps": 0}]}}, r"splits.test\[0\].fps"),
        ({"splits": {"test": [{"id": "a", "sample_rate": 16000.5}]}}, r"splits.test\[0\].sample_rate"),
        ({"splits": {"test": [{"id": "a", "persons": ["x"]}]}}, r"splits.test\[0\].persons"),
        ({"splits": {"test": [{"id": "a", "sha256": {"text/speaker/a.json": 9}}]}}, r"splits.test\[0\].sha256"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, content: Any, field: str) -> None:
    with pytest.raises(InputError, match=f"manifest.json.*{field}"):
        read_manifest(manifest(tmp_path, content))
