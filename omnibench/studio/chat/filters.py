"""Which of the written chat can be acted, and why the rest cannot.

A chat is refused whole for what it is; a turn is taken out for what it says or how it is written, in the first case
together with the turn that answers it. What lies between two turns that are taken out is a stretch; one of fewer than
four turns is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cache
from typing import Final

from omnibench.assets.lexicon import ACCENTS, PRIMARY, SECONDARY, Lexicon, dictionaries_sha256, load_lexicon
from omnibench.datasets.wording import ngrams
from omnibench.errors import InputError, MissingError
from omnibench.studio.chat.corpus import Conversation, Said
from omnibench.studio.chat.rules import FOREIGN, RUDE, TURN_RULES
from omnibench.studio.chat.spellings import UNFINISHED
from omnibench.studio.chat.wording import joined, spoken
from omnibench.studio.g2p import phonemize
from omnibench.studio.kokoro import vocabulary
from omnibench.studio.visemes import SYMBOLS

FEWEST_TURNS: Final = 6
SHORTEST_STRETCH: Final = 4
MOST_WORDS: Final = 45
NOISY: Final = 0.3
"""A chat of which more than this share of turns cannot be read aloud is refused whole."""
GRAM: Final = 5
LEAK: Final = "a run of 5 words of a val or test script"
_PLAIN: Final = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*'?(?:[.,!?;:]|\.\.\.|--)*")
DICTIONARIES: Final = "c5f0652c4dcfc250ededc403813b7f4985bb195db859404ffd57c89c6ca21e05"
"""sha256 of misaki's dictionaries: others would keep other turns."""
_STRESS_AND_LENGTH: Final = {PRIMARY, SECONDARY, "ː"}

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn that can be said: ``typed`` is what laughter and smiles tell of its mood."""

    person: int
    text: str
    typed: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a chat, in its order."""

    id: str
    stretches: tuple[tuple[Spoken, ...], ...]


class Counts:
    """What was refused, by rule: chats, turns and stretches."""

    def __init__(self) -> None:
        self.conversations: Counter[str] = Counter()
        self.turns: Counter[str] = Counter()

    def as_json(self) -> dict[str, dict[str, int]]:
        """Both tables, the most frequent first."""
        return {"conversations": dict(self.conversations.most_common()), "turns": dict(self.turns.most_common())}

    def as_text(self) -> str:
        """A line a rule."""
        lines = []
        for title, table in self.as_json().items():
            lines += [title, *(f"  {count:7,}  {rule}" for rule, count in table.items())]
        return "\n".join(lines)


@cache
def known(word: str) -> bool:
    """Whether both accents can pronounce a word. Raises MissingError where other dictionaries are installed."""
    return all(lexicon.look_up(word) is not None for lexicon in _lexica())


def sayable(text: str) -> bool:
    """Whether a line can be said in both accents: a sound for each word, that the synthesiser and the lips know."""
    try:
        words = [word.phonemes for lexicon in _lexica() for word in phonemize(text, lexicon)]
    except InputError:
        return False
    sounds = {symbol for phonemes in words for symbol in phonemes} - _STRESS_AND_LENGTH
    return all(words) and sounds <= vocabulary().keys() & SYMBOLS.keys()


@cache
def _lexica() -> tuple[Lexicon, ...]:
    if dictionaries_sha256() != DICTIONARIES:
        raise MissingError(
            "The chat needs the pronouncing dictionaries of hibari-tts 0.2.1, and other ones are installed. Install "
            "them: pip install 'omnibench[studio]'"
        )
    return tuple(load_lexicon(accent) for accent in ACCENTS)


def kept_of(conversation: Conversation, leaks: Set[Gram], counts: Counts) -> Kept | None:
    """The stretches of a chat that can be acted; None where a rule refuses it whole. Adds to ``counts``.

    Args:
        chat: as written.
        leaks: runs of `GRAM` words that are said in a held-out script.
        counts: what is refused is counted there.
    """
    counts.conversations["seen"] += 1
    refusal = _whole(conversation)
    if refusal is None:
        judged = [_judged(turn, leaks) for turn in conversation.turns]
        broken = sum(turn in ("words without a pronunciation", "no English") for turn in judged)
        if broken > NOISY * len(judged):
            refusal = "more than 30 % of turns cannot be read aloud"
    if refusal is not None:
        counts.conversations[refusal] += 1
        return None
    counts.conversations["hold " + LEAK] += LEAK in judged
    counts.turns["seen"] += len(judged)
    counts.turns.update(turn for turn in judged if isinstance(turn, str))
    stretches = tuple(_stretches(judged, leaks, counts))
    counts.conversations["kept" if stretches else "no stretch of 4 turns is left"] += 1
    counts.turns["kept"] += sum(map(len, stretches))
    return Kept(conversation.id, stretches) if stretches else None


def _whole(conversation: Conversation) -> str | None:
    """The rule that refuses a chat before it is read turn by turn."""
    if conversation.people != 2:
        return "not two people"
    if len(conversation.turns) < FEWEST_TURNS:
        return "fewer than 6 turns"
    if any(RUDE.search(message) for turn in conversation.turns for message in turn.messages):
        return "rudeness"
    return None


def _judged(turn: Said, leaks: Set[Gram]) -> Spoken | str:
    """What is said, or the rule that refuses it; what only laughs is `nothing said`."""
    typed = " ".join(turn.messages)
    for rule, pattern in TURN_RULES.items():
        if pattern.search(typed):
            return rule
    text = " ".join(filter(None, (spoken(message, known) for message in joined(turn.messages))))
    words = text.split()
    if not words:
        return "nothing said"
    if len(FOREIGN.findall(text)) > max(1, len(words) // 5):
        return "no English"
    if UNFINISHED.search(text):
        return "unfinished sentences"
    if not (all(map(_PLAIN.fullmatch, words)) and sayable(text)):
        return "words without a pronunciation"
    if len(words) > MOST_WORDS:
        return "more than 45 words"
    if turn.crossed:
        return "sent before the other's turn was read"
    return LEAK if _leaks(text, leaks) else Spoken(turn.person, text, typed)


def _leaks(text: str, leaks: Set[Gram]) -> bool:
    return not leaks.isdisjoint(ngrams([text], GRAM))


def _stretches(judged: Iterable[Spoken | str], leaks: Set[Gram], counts: Counts) -> Iterable[tuple[Spoken, ...]]:
    stretch: list[Spoken] = []
    answers_refused = False
    for turn in (*judged, "end"):
        if turn == "nothing said":
            continue
        if isinstance(turn, Spoken) and answers_refused:
            counts.turns["answers to what is taken out"] += 1
        elif isinstance(turn, Spoken) and not (stretch and _joined(stretch, turn, leaks)):
            stretch.append(turn)
        if isinstance(turn, str) or answers_refused:
            if len(stretch) >= SHORTEST_STRETCH:
                yield tuple(stretch)
            else:
                counts.turns["stretches of fewer than 4 turns"] += len(stretch)
            stretch = []
        answers_refused = turn in TURN_RULES


def _joined(stretch: list[Spoken], turn: Spoken, leaks: Set[Gram]) -> bool:
    """Add a turn to the same person's before it, where the other only laughed between."""
    last = stretch[-1]
    if last.person != turn.person:
        return False
    both = Spoken(last.person, f"{last.text} {turn.text}", f"{last.typed} {turn.typed}")
    fits = len(both.text.split()) <= MOST_WORDS and not _leaks(both.text, leaks)
    stretch[-1] = both if fits else turn
    return True
