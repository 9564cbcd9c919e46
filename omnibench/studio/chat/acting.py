"""Written chat to scripts: cut into dialogues, with moods, gaps and backchannels.

What is drawn depends on the seed and on which piece of which chat it is, and on nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from omnibench.studio.chat.filters import Kept, Spoken
from omnibench.studio.chat.laws import NODDED, laws, slots
from omnibench.studio.people import draw
from omnibench.studio.script import NOD, ROLES, Line, Script

SHORTEST: Final = 20.0
LONGEST: Final = 60.0
TOPIC: Final = "small talk"
# Of 100 dialogues as acted; silence at both ends is 1.2 s.
_SECONDS_A_WORD: Final = 0.3
_SECONDS_A_TURN: Final = 0.45
_SECONDS_AROUND: Final = 1.2
_LAUGHS: Final = re.compile(r"\b(?:b?a?(?:ha){2,}\w*|a*haha\w*|lol\w*|(?:he){2,}|xd+)\b|[:;=]-?[D)P]", re.IGNORECASE)
_MOOD_WORDS: Final = tuple(
    (mood, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for mood, words in (
        ("surprised", "wow|whoa|no way|really[?!]|seriously[?!]|what[?!]|oh my gosh|crazy|insane|unbelievable"),
        ("sad", "sad|sorry|miss|unfortunately|bummer|lonely|sucks|terrible|too bad|rough|lost|cried|cry|regret"),
        ("worried", "worried|worry|nervous|scared|scary|afraid|stress\\w*|hopefully|hard time|struggl\\w*|fail\\w*"),
        (
            "happy",
            "love|loved|awesome|amazing|excited|exciting|fun|great|glad|yay|congrat\\w*|happy|favorite|beautiful",
        ),
    )
)
_GRAVE_FROM: Final = 25


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive turns of one chat that make one dialogue; ``number`` counts those of the chat."""

    conversation: str
    number: int
    turns: tuple[Spoken, ...]


def pieces(kept: Kept) -> tuple[Piece, ...]:
    """All dialogues of some 20 to 60 s that a chat gives, cut between turns; shorter ends are left out."""
    found: list[tuple[Spoken, ...]] = []
    for number, stretch in enumerate(kept.stretches):
        found += _cut(stretch, f"{kept.id}/{number}")
    return tuple(Piece(kept.id, number, turns) for number, turns in enumerate(found))


def seconds_of(turns: Sequence[Spoken]) -> float:
    """About how long it takes to say these turns."""
    return _SECONDS_AROUND + sum(_SECONDS_A_WORD * len(turn.text.split()) + _SECONDS_A_TURN for turn in turns)


def _cut(stretch: tuple[Spoken, ...], key: str) -> Iterator[tuple[Spoken, ...]]:
    start, count = 0, 0
    while start < len(stretch):
        wanted = SHORTEST + (LONGEST - SHORTEST) * draw(key, str(count)) / 2**48
        end = start + 1
        while end < len(stretch) and seconds_of(stretch[start : end + 1]) <= wanted:
            end += 1
        rest = seconds_of(stretch[end:])
        if rest < SHORTEST and seconds_of(stretch[start:]) <= LONGEST:
            end = len(stretch)
        if end - start > 1 and seconds_of(stretch[start:end]) >= SHORTEST:
            yield stretch[start:end]
        start, count = end, count + 1


def act(piece: Piece, slug: str) -> Script:
    """The script of a piece. Who talks first is the speaker or the listener, by a draw from the slug."""
    first = draw(slug, "first") % 2
    roles = {piece.turns[0].person: ROLES[first], 1 - piece.turns[0].person: ROLES[1 - first]}
    lines: list[Line] = []
    for i, turn in enumerate(piece.turns):
        before = piece.turns[i - 1] if i else None
        gap = 0.0 if before is None else _drawn_gap(before, f"{slug}/{i}")
        line = Line(roles[turn.person], mood_of(turn), turn.text, gap=gap)
        other = ROLES[1 - ROLES.index(line.role)]
        lines += [line, *(Line(other, line.mood, text, after_word=at) for at, text in _answers(line, f"{slug}/{i}"))]
    mood = Counter(line.mood for line in lines).most_common(1)[0][0]
    return Script(slug, TOPIC, mood, "train", tuple(lines))


def mood_of(turn: Spoken) -> str:
    """The mood of a turn by what it says, and by how it was typed: laughter and smiles are not said."""
    if _LAUGHS.search(turn.typed):
        return "amused"
    for mood, words in _MOOD_WORDS:
        if words.search(turn.text):
            return mood
    if "!" in turn.text:
        return "happy"
    return "serious" if len(turn.text.split()) >= _GRAVE_FROM else "neutral"


def _drawn_gap(before: Spoken, key: str) -> float:
    gaps = laws().after_question if before.text.endswith("?") else laws().after_statement
    return gaps[draw(key, "gap") % len(gaps)]


def _answers(line: Line, key: str) -> Iterator[tuple[int, str]]:
    """Backchannels inside a turn: after which word, and what; never two at neighbouring slots."""
    law, last = laws(), -1
    rate = law.backchannel_rate / (1 - NODDED)
    for i, at in enumerate(slots(line.words)):
        if draw(key, str(at), "answers") / 2**48 >= rate or last == i - 1 >= 0:
            continue
        last = i
        nodded = draw(key, str(at), "nods") / 2**48 < NODDED
        texts = law.backchannels.get(line.mood) or law.backchannels["neutral"]
        yield at, NOD if nodded else texts[draw(key, str(at), "says") % len(texts)]
