"""What a document that breaks its schema is told, field by field, in words for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

_LENGTH: Final = 100
_VALUE_LENGTH: Final = 60
NUMBER, NO_NUMBER = "a number", "no number"
"""Tags of the two kinds of a metric's entry (`omnibench.files.score_records`): no steps of a field's path."""

_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("model_type", "dict_type", "mapping_type", "model_attributes_type"), "an object"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}
"""What pydantic names by Python's types, in those of JSON."""


def field_faults(error: ValidationError) -> list[str]:
    """A pydantic error, field by field: what is there, and what was expected."""
    found = []
    for item in error.errors(include_url=False):
        steps = [str(step) for step in item["loc"] if step not in (NUMBER, NO_NUMBER)]
        path = shown(".".join(step for step in steps if step != "[key]"))
        path = f"{path} (the key)" if "[key]" in steps else path
        message = _in_words(item["type"], item.get("ctx", {}), item["input"], str(item["msg"]))
        found.append(f'field "{path}": {message}' if path else message)
    return found


def shown(text: str, length: int = _LENGTH) -> str:
    """A stranger's text as it may stand in a terminal: nothing that moves the cursor, and not endless."""
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return visible if len(visible) <= length else f"{visible[: length - 1]}…"


def _in_words(kind: str, limits: Mapping[str, Any], value: Any, message: str) -> str:
    """What pydantic found, with what is there: it says "should have at most 200 characters", and not how many it has.

    >>> _in_words("string_too_long", {"max_length": 3}, "four", "")
    '4 characters, at most 3 allowed'
    """
    if kind in ("string_too_long", "string_too_short", "too_long", "too_short"):
        bound, limit = ("most", limits["max_length"]) if kind.endswith("long") else ("least", limits["min_length"])
        what = "character" if isinstance(value, str) else "item"
        return f"{len(value)} {what}{'' if len(value) == 1 else 's'}, at {bound} {limit} allowed"
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "json_invalid":
        return message.removeprefix("Invalid JSON: ").join(("no complete JSON: ", ""))
    there = shown(json.dumps(value, ensure_ascii=False, default=str), _VALUE_LENGTH)
    if kind in _KINDS:
        return f"{there}, expected {_KINDS[kind]}"
    if kind == "string_pattern_mismatch":
        return f"{there} does not have the form {limits['pattern']}"
    if kind in ("literal_error", "enum"):
        return f"{there}, expected {limits['expected']}"
    return f"{message} (found {there})"
