"""What an entry may say. The schema is the fence between a stranger's pull request and the pages."""

from __future__ import annotations

import copy
import unicodedata
from dataclasses import fields
from typing import Any

import pytest
from entry_factory import entry_document
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leaderboard.entry.plain_text import text_fault
from leaderboard.entry.schema import Entry, Model
from omnibench.responder import ModelCard


def test_a_whole_entry_is_accepted() -> None:
    assert Entry.model_validate(entry_document()).badge == "self-reported"


def test_the_model_holds_every_field_of_the_card() -> None:
    assert {field.name for field in fields(ModelCard)} <= set(Model.model_fields)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("surprise",), 1, "Extra inputs"),
        (("submission", "surprise"), 1, "Extra inputs"),
        (("id",), "../evil", "String should match"),
        (("id",), "2025-01-01_chorus", "submission's date"),
        (("badge",), "re-scored", "does not go with"),
        (("badge",), "gold", "Input should be"),
        (("submission", "team"), "<script>", "holds markup"),
        (("submission", "team"), "Lab\u202e", "invisible"),
        (("submission", "team"), "Lab\x1b[31m", "control"),
        (("submission", "code"), "file:///etc/passwd", "no web address"),
        (("submission", "notes"), "see javascript:alert(1)", "holds markup"),
        (("archive", "sha256"), "abc", "String should match"),
        (("archive",), None, "expected, with its sha256"),
        (("scores",), {}, "at least 1"),
        (("scores", "strict", "metrics", "fd", "value"), float("nan"), "finite"),
        (("scores", "strict", "metrics", "fd", "signature"), "FD|proto:paper|data:x@1", "proto:strict"),
        (("scores", "strict", "samples"), "samples.strict.jsonl", "come together"),
        (("attestation", "test_split_used"), True, "False"),
    ],
)
def test_refused(path: tuple[str, ...], value: Any, reason: str) -> None:
    document = copy.deepcopy(entry_document())
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(ValidationError, match=reason):
        Entry.model_validate(document)


@given(st.text(max_size=60))
def test_what_passes_as_plain_text_holds_nothing_that_acts(text: str) -> None:
    if text_fault(text) is None:
        assert not any(unicodedata.category(character) == "Cc" for character in text)
        assert "<s" not in text
        assert "</" not in text


def test_ordinary_names_pass() -> None:
    for name in ("Zürich & Co. (R&D)", "李's lab", "p < 0.05", "a > b", "émotion; 2nd place"):
        assert text_fault(name) is None
