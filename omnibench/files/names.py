"""Names of files and of dialogues: which may be one, how one is shown anywhere, and which one somebody meant.

A name is text that every file of a run can hold and every terminal can show: UTF-8, without control characters and line
breaks. Whoever copied files through another system may have changed how their letters are composed: names that are
equal in normal form C are one name.
"""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from omnibench.errors import InputError, UsageError, closest

_BREAKING: Final = ("Cc", "Cs", "Zl", "Zp")
DIFFERS: Final = "differs in case, spaces or characters that nobody sees"
_MOST_BYTES: Final = 255
_LONGEST_SUFFIX: Final = ".json"


def printable(name: str) -> str:
    r"""A name as any terminal and file can hold it: bytes that are no UTF-8, and control characters, escaped.

    >>> print(printable("caf\udce9"), printable("two\nlines"), printable("café"))
    caf\xe9 two\nlines café
    """
    text = _bytes_shown(name) if _undecoded(name) else name
    return "".join(c.encode("unicode_escape").decode() if _breaks(c) else c for c in text)


def name_fault(name: str) -> str:
    r"""Why a name can be none of a dialogue, or ``""``.

    >>> name_fault("a & b"), name_fault("a\tb")
    ('', "holds the control character '\\t'; rename it")
    """
    length = len(name.encode("utf-8", "replace"))
    if length > _MOST_BYTES - len(_LONGEST_SUFFIX):
        most = _MOST_BYTES - len(_LONGEST_SUFFIX)
        return f"a name of {length} bytes, at most {most} have room for {_LONGEST_SUFFIX} behind them; rename it"
    return _unshowable(name)


def check_path(path: Path) -> str:
    """The full path of a folder of data or answers, as text. Raises InputError for one that is not UTF-8, or has a
    control character: what a run leaves says where its data was.
    """
    full = str(path.resolve())
    if _unshowable(full):
        raise InputError(f"{printable(full)}: {_unshowable(full)}.")
    return full


def same(name: str) -> str:
    """What spellings of one name share: its letters composed.

    >>> same("cafe\u0301") == same("caf\u00e9")
    True
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def alike(name: str) -> str:
    """What names share that only look alike: without case, outer spaces, and characters that nobody sees.

    >>> alike("Clip 1") == alike("clip 1 ")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c) != "Cf").strip()


def chosen_of(given: Iterable[str], known: Sequence[str], where: str) -> list[str]:
    """The names that somebody asked for, among those that there are.

    Args:
        given: each a name, or several with commas between them; ``"a,b"`` in quotes is one with a comma in it. A name
            that there is wins over a list.
        known: all there are.
        where: they are, for the message, like ``mini-test, which has 24 dialogues``.

    Raises:
        UsageError: one that is not there, or a list that can be read in two ways.

    Example:
        >>> chosen_of(["a,one,two"], ["a", "one,two"], "here")
        ['a', 'one,two']
    """
    by_form = {same(name): name for name in known}
    found: list[str] = []
    for text in filter(str.strip, given):
        if same(text) in by_form:
            found.append(by_form[same(text)])
            continue
        ways = _ways([same(piece) for piece in text.split(",")], by_form)
        if not ways and '"' in text:
            ways = _ways([same(piece) for piece in next(csv.reader([text], skipinitialspace=True))], by_form)
        if len(ways) > 1:
            raise UsageError(
                f'--ids "{text}" can mean {" or ".join(str([*way]) for way in ways)}: give each id an --ids of its own.'
            )
        if not ways:
            raise _unknown(text, by_form, where)
        found += [by_form[name] for name in ways[0]]
    return list(dict.fromkeys(found))


def _ways(pieces: Sequence[str], known: Iterable[str]) -> list[tuple[str, ...]]:
    """How pieces can be put together to names with commas in them: at most two ways, since two are too many."""
    names = set(known)
    reached: list[list[tuple[str, ...]]] = [[()]]
    for end in range(1, len(pieces) + 1):
        ways = []
        for begin in range(end):
            text = ",".join(pieces[begin:end])
            name = text if text in names else text.strip()
            if name in names or not name:
                ways += [(*before, *([name] if name else [])) for before in reached[begin]]
        reached.append(list(dict.fromkeys(ways))[:2])
    return [way for way in reached[-1] if way]


def likely(name: str, known: Iterable[str]) -> str:
    """The name that differs from this one in case, spaces or unseen characters alone, else the closest, else ``""``."""
    names = list(known)
    return next((other for other in names if alike(other) == alike(name)), "") or closest(name, names)


def encodable(text: str) -> bool:
    """Whether UTF-8 can hold a text: no half of a character (a lone surrogate) is in it."""
    return not _undecoded(text)


def too_long(name: str) -> bool:
    """Whether no usual file system takes a file of that name."""
    return len(name.encode("utf-8", "replace")) > _MOST_BYTES


def _unknown(text: str, known: Collection[str], where: str) -> UsageError:
    absent = next((name for name in map(str.strip, text.split(",")) if name and same(name) not in known), text)
    meant = likely(absent, known)
    hint = f' Did you mean "{meant}"?' if meant else ""
    return UsageError(f'--ids: "{printable(absent)}" is not in {where}.{hint}')


def _bytes_shown(name: str) -> str:
    try:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        # What this Python can give a folder, where it knows no name but ASCII's.
        return shown.encode(sys.getfilesystemencoding(), "backslashreplace").decode(sys.getfilesystemencoding())
    except UnicodeEncodeError:  # half of a character, of a text and no file
        return name.encode("utf-8", "backslashreplace").decode()


def _unshowable(name: str) -> str:
    if _undecoded(name):
        return f"a name that is not UTF-8{_other_encoding()}; rename it (convmv -r -f latin1 -t utf8 --notest FOLDER)"
    breaking = next((c for c in name if _breaks(c)), None)
    return "" if breaking is None else f"holds the control character {breaking!r}; rename it"


def _undecoded(name: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in name)


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in _BREAKING


def _other_encoding() -> str:
    code = sys.getfilesystemencoding()
    return "" if code.lower().replace("-", "") == "utf8" else f" (this Python reads names as {code}: set PYTHONUTF8=1)"
