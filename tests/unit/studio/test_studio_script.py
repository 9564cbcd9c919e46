"""The script grammar: what it accepts, and that every refusal names file and line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from omnibench.errors import InputError
from omnibench.studio.script import parse_scripts, read_scripts

GOOD = """\
# a comment
== eco-rent-90 | economic_interview | serious
S +0.3 (worried): Rents went up again. I was going to--
L -0.2: We know.
S +2.5: So what now?
L @2 (happy): Mm-hm.
L @3: [nod]

== eco-rent-91 | economic_interview | happy
L +0.4: Hello there!
S +0.1: Hello.
"""


def test_grammar_fields() -> None:
    first, second = parse_scripts(GOOD, "train", "a.txt")
    assert (first.slug, first.topic, first.mood, first.split) == (
        "eco-rent-90",
        "economic_interview",
        "serious",
        "train",
    )
    opening, cut_in, _, hummed, nod = first.lines
    assert (opening.role, opening.gap, opening.mood, opening.words[-1][-2:]) == ("speaker", 0.3, "worried", "--")
    assert opening.words[-1] == "to--"
    assert (cut_in.role, cut_in.gap, cut_in.mood) == ("listener", -0.2, "serious")
    assert (hummed.is_backchannel, hummed.after_word, hummed.mood, hummed.text) == (True, 2, "happy", "Mm-hm.")
    assert (nod.is_backchannel, nod.after_word, nod.is_nod, nod.words, hummed.is_nod) == (True, 3, True, (), False)
    assert [line.role for line in second.lines] == ["listener", "speaker"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("S +0.3 (angry): Hello.", "unknown mood"),
        ("S 0.3: Hello.", "expected `S"),
        ("T +0.3: Hello.", "expected `S"),
        ("S +0.3: I have 3 dogs.", "not a plain word"),
        ("S +0.3: Caf\u00e9 time.", "not a plain word"),
        ("S -0.3: Hello.", "negative gap"),
        ("L @1: Right.", "needs a turn of the other person"),
        ("S +0.1: One two.\nL @3: Right.", "points past the 2 words"),
        ("S +0.1: One two.\nL +0.1: [nod]", "is a backchannel"),
        ("S +0.1: One two.\nL @1: [nod] yes.", "not a plain word"),
        ("S +0.1: One two.\nS @1: Right.", "needs a turn of the other person"),
        ("S +0.1: One.\n== Bad Slug | topic | happy", "expected `=="),
    ],
)
def test_refusals_name_file_and_line(line: str, reason: str) -> None:
    text = f"== ok-1 | topic | happy\n{line}\n"
    with pytest.raises(InputError, match=reason) as caught:
        parse_scripts(text, "val", "val/topic.txt")
    assert str(caught.value).startswith(f"val/topic.txt:{2 + line.count(chr(10))}:")


def test_line_before_any_dialogue_is_refused() -> None:
    with pytest.raises(InputError, match=r"t\.txt:1: a line before"):
        parse_scripts("S +0.3: Hello.\n", "val", "t.txt")


def test_a_slug_in_two_files_is_refused(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "a.txt").write_text("== same-1 | a | happy\nS +0.3: Hello.\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'test/a\.txt: the slug "same-1" is already in train/a\.txt'):
        read_scripts(tmp_path)


def test_the_shipped_scripts_parse_and_never_share_a_turn_between_splits() -> None:
    scripts = read_scripts()
    counts = Counter(script.split for script in scripts)
    assert counts["train"] >= 150
    assert counts["test"] >= 20
    long_turns: dict[str, set[str]] = {split: set() for split in counts}
    for script in scripts:
        long_turns[script.split] |= {line.text.lower() for line in script.lines if len(line.words) >= 8}
    assert not long_turns["test"] & (long_turns["train"] | long_turns["val"])
    assert not long_turns["val"] & long_turns["train"]
