"""Names of dialogues: which can be one, how one is shown, and which ones somebody asked for."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import UsageError
from omnibench.files.names import chosen_of, name_fault, printable, same

KNOWN = ("a", "one,two", "one", "b c", "-dash", "café", " lead", 'say "hi"', "x,")
ANY = st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)


@given(ANY)
def test_every_name_can_be_shown(name: str) -> None:
    for shown in (printable(name), name_fault(name)):
        assert shown.encode() is not None
        assert len(shown.splitlines()) <= 1


@given(ANY)
def test_a_name_without_a_fault_is_shown_as_it_is(name: str) -> None:
    assert name_fault(name) or printable(name) == name


@given(st.lists(st.text("ab, \"'é", min_size=1, max_size=6), min_size=1, max_size=6, unique_by=same), st.data())
def test_every_id_can_be_asked_for(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    if name.strip():
        assert chosen_of([name], known, "here") == [name]
        assert chosen_of([unicodedata.normalize("NFD", name)], known, "here") == [name]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["a,b c"], ["a", "b c"]),
        (["a", "b c"], ["a", "b c"]),
        (["one,two"], ["one,two"]),
        (["one,two,a"], ["one,two", "a"]),
        (["a, one,two"], ["a", "one,two"]),
        (['"one,two",one'], ["one,two", "one"]),
        (["one,a"], ["one", "a"]),
        (["a,a,"], ["a"]),
        (["cafe\u0301"], ["café"]),
        (["-dash"], ["-dash"]),
        (['say "hi"'], ['say "hi"']),
        ([" lead"], [" lead"]),
        (["x,"], ["x,"]),
        ([], []),
        ([""], []),
    ],
)
def test_lists_and_names_with_commas(given: list[str], found: list[str]) -> None:
    assert chosen_of(given, KNOWN, "here") == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("A", '"A" is not in here. Did you mean "a"?'),
        ("a,nowhere", '"nowhere" is not in here'),
        ("lead", 'Did you mean " lead"?'),
        ("caf\udce9", r'"caf\xe9" is not in here'),
    ],
)
def test_a_name_that_is_not_there(given: str, says: str) -> None:
    with pytest.raises(UsageError) as told:
        chosen_of([given], KNOWN, "here")
    assert says in str(told.value)


def test_a_list_that_can_mean_two_things_is_asked_about() -> None:
    with pytest.raises(UsageError, match="an --ids of its own"):
        chosen_of(["x,one,two"], ["x", "one", "two", "one,two"], "here")
