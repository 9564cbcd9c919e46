"""The scripts: plain text files of short two-person dialogues, parsed into frozen dataclasses.

One dialogue starts with ``== slug | topic | mood``; then one line per turn or backchannel::

    S +0.3 (serious): Rents went up again this spring. Did your office see it coming?
    L +0.4: We did. Wages rose first, and rents always follow.
    L @4 (happy): Mm-hm.

``S`` is the speaker, ``L`` the listener. ``+0.3`` is the gap in seconds after the end of the previous turn (negative:
the turn starts before the other has finished); ``@4`` starts a backchannel when the 4th word of the last turn ends.
A backchannel ``[nod]`` is nodded and not said. A turn that is cut off ends with ``--``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from omnibench.errors import InputError

Role = Literal["speaker", "listener"]
ROLES: Final[tuple[Role, Role]] = ("speaker", "listener")
MOODS: Final = ("neutral", "happy", "sad", "surprised", "serious", "worried", "amused")
NOD: Final = "[nod]"
SCRIPTS: Final = Path(__file__).parent / "scripts"

_ROLE_OF: Final[dict[str, Role]] = {"S": "speaker", "L": "listener"}
_HEAD: Final = re.compile(r"==\s*([a-z0-9][a-z0-9-]*)\s*\|\s*([^|]+?)\s*\|\s*([a-z]+)\s*")
_LINE: Final = re.compile(r"([SL])\s+(?:([+-]\d+(?:\.\d+)?)|@(\d+))(?:\s+\(([a-z]+)\))?\s*:\s*(\S.*)")
_WORD: Final = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*'?(?:[.,!?;:]|\.\.\.|--)*")


@dataclass(frozen=True, slots=True)
class Line:
    """One turn (``gap`` in seconds, ``after_word`` None) or one backchannel (``after_word`` >= 1, ``gap`` 0)."""

    role: Role
    mood: str
    text: str
    gap: float = 0.0
    after_word: int | None = None

    @property
    def is_backchannel(self) -> bool:
        """Whether this line answers inside the other's turn."""
        return self.after_word is not None

    @property
    def is_nod(self) -> bool:
        """Whether it is a backchannel without a word."""
        return self.text == NOD

    @property
    def words(self) -> tuple[str, ...]:
        """The words with their punctuation."""
        return () if self.is_nod else tuple(self.text.split())


@dataclass(frozen=True, slots=True)
class Script:
    """One dialogue as written; ``mood`` is the overall mood, ``split`` is train, val or test."""

    slug: str
    topic: str
    mood: str
    split: str
    lines: tuple[Line, ...]


def parse_scripts(text: str, split: str, source: str) -> tuple[Script, ...]:
    """Parse one file's text.

    Args:
        text: the whole file.
        split: the split that the dialogues belong to.
        source: the file's name for error messages.

    Raises:
        InputError: a line that is not in the grammar, a mood or word that is not allowed, a backchannel without a turn
            to answer; the message names file and line.
    """
    scripts: list[Script] = []
    head: tuple[str, str, str, int] | None = None
    lines: list[Line] = []

    def close() -> None:
        if head is None:
            return
        slug, topic, mood, number = head
        if not any(line.role == "speaker" for line in lines):
            raise InputError(
                f'{source}:{number}: dialogue "{slug}" has no speaker line; write at least one `S +0.0: …`.'
            )
        scripts.append(Script(slug, topic, mood, split, tuple(lines)))

    for number, raw in enumerate(text.splitlines(), start=1):
        content = raw.strip()
        where = f"{source}:{number}"
        if not content or content.startswith("#"):
            continue
        if content.startswith("=="):
            close()
            head, lines = (*_parse_head(content, where), number), []
        elif head is None:
            raise InputError(f"{where}: a line before the first dialogue; expected `== slug | topic | mood`.")
        else:
            lines.append(_parse_line(content, where, head[2], lines))
    close()
    slugs = [script.slug for script in scripts]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise InputError(f'{source}: the slug "{slug}" is there twice; a slug is unique over all files.')
    return tuple(scripts)


def read_scripts(folder: Path = SCRIPTS, splits: tuple[str, ...] = ("train", "val", "test")) -> tuple[Script, ...]:
    """Every script under ``folder/<split>/*.txt``, in split order and then by slug.

    Raises:
        InputError: as :func:`parse_scripts`, and for a slug that two files share.
    """
    found: dict[str, str] = {}
    scripts: list[Script] = []
    for split in splits:
        in_split: list[Script] = []
        for path in sorted((folder / split).glob("*.txt")):
            source = f"{split}/{path.name}"
            for script in parse_scripts(path.read_text(encoding="utf-8"), split, source):
                if script.slug in found:
                    raise InputError(
                        f'{source}: the slug "{script.slug}" is already in {found[script.slug]}; rename one.'
                    )
                found[script.slug] = source
                in_split.append(script)
        scripts += sorted(in_split, key=lambda script: script.slug)
    return tuple(scripts)


def _parse_head(content: str, where: str) -> tuple[str, str, str]:
    match = _HEAD.fullmatch(content)
    if match is None:
        raise InputError(f"{where}: expected `== slug | topic | mood`, got `{content}`.")
    slug, topic, mood = match.groups()
    return slug, topic, _mood(mood, where)


def _parse_line(content: str, where: str, overall: str, before: list[Line]) -> Line:
    match = _LINE.fullmatch(content)
    if match is None:
        raise InputError(f"{where}: expected `S +0.3 (mood): words` or `L @4: words`, got `{content}`.")
    letter, gap, after, mood, text = match.groups()
    role = _ROLE_OF[letter]
    if text.strip() == NOD and after is None:
        raise InputError(f"{where}: {NOD} is a backchannel; expected `@` and the word that it follows, not a gap.")
    for word in text.split() if text.strip() != NOD else ():
        if _WORD.fullmatch(word) is None:
            raise InputError(f'{where}: "{word}" is not a plain word; write numbers and abbreviations out, ASCII only.')
    turns = [line for line in before if not line.is_backchannel]
    chosen = _mood(mood or overall, where)
    if after is None:
        if float(gap) < 0 and (not turns or turns[-1].role == role):
            raise InputError(
                f"{where}: a negative gap overlaps the other's turn, but the turn before is not the other's."
            )
        return Line(role, chosen, " ".join(text.split()), gap=float(gap))
    if not turns or turns[-1].role == role:
        raise InputError(f"{where}: the backchannel `@{after}` needs a turn of the other person right before it.")
    if not 1 <= int(after) <= len(turns[-1].words):
        raise InputError(f"{where}: `@{after}` points past the {len(turns[-1].words)} words of the turn before it.")
    return Line(role, chosen, " ".join(text.split()), after_word=int(after))


def _mood(mood: str, where: str) -> str:
    if mood not in MOODS:
        raise InputError(f'{where}: unknown mood "{mood}"; expected one of {", ".join(MOODS)}.')
    return mood
