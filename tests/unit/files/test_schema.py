"""The published schemas are those of the classes, and a run's own files keep to the classes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibench.files.schema import SCHEMAS, documents

PUBLISHED = Path(__file__).parents[3] / "docs" / "schema"


def test_the_published_schemas_are_up_to_date() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED.iterdir()}
    assert found == documents(), "python -m omnibench.files.schema writes them"


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_number_of_a_schema_may_be_null(name: str) -> None:
    text = documents()[f"{name}.schema.json"]
    kinds = [kind for kind in _alternatives(json.loads(text)) if "null" in kind]
    assert not [kind for kind in kinds if kind & {"number", "integer"}]


def _alternatives(schema: object) -> list[set[str]]:
    if isinstance(schema, list):
        return [kind for item in schema for kind in _alternatives(item)]
    if not isinstance(schema, dict):
        return []
    own = [{str(item.get("type")) for item in schema["anyOf"]}] if "anyOf" in schema else []
    return own + [kind for item in schema.values() for kind in _alternatives(item)]
