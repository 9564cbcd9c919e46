"""What can go wrong, one class per exit code.

Every message says what happened, where, what was expected, and the next command. The command line prints the message
alone; a traceback means a bug of ours (exit 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

SIMILAR: Final = 0.67
"""How alike two names are, by difflib's ratio, of which one is suggested for the other."""


class OmnibenchError(Exception):
    """Base of every error that a user can cause or cure. ``exit_code`` is the process's exit status."""

    exit_code = 1


class UsageError(OmnibenchError):
    """The command's words do not fit together: unknown names, clashing options."""

    exit_code = 2


class MissingError(OmnibenchError):
    """Something that has to be fetched or installed first. The message names the command that gets it."""

    exit_code = 3


class InputError(OmnibenchError):
    """A file or value that does not hold what its format promises. The message names file, field and expectation."""

    exit_code = 4


class AbsentError(InputError):
    """Data without any file of a kind that something is taken from: nothing is damaged, it is just not told."""


class CoverageError(OmnibenchError):
    """Some expected samples have no answer or no score."""

    exit_code = 5


class MismatchError(OmnibenchError):
    """A reproduction or an audit that does not come out as it must."""

    exit_code = 6


class MetricError(OmnibenchError):
    """One sample cannot be scored by one metric; the text is the reason that goes into ``samples.jsonl``."""

    exit_code = 5


class SkippedError(MetricError):
    """One sample that the official scripts leave out of their number, and say nothing; the protocol ``paper`` counts
    it as they do.
    """


class ModelFailure(CoverageError):
    """The model could not answer one dialogue; the text is the reason that the journal keeps."""


class ModelUnavailable(ModelFailure):
    """Something that the model needs was not there, like the server that it asks: no fault of its answers, so the
    dialogue never becomes a number.
    """


def text_of(error: BaseException) -> str:
    """What an error out of somebody else's code says, whatever its ``__str__`` does."""
    try:
        return str(error)
    except Exception:
        return "which does not say what it is"


def unknown_name(kind: str, name: str, known: Iterable[str], listing: str) -> UsageError:
    """The error for a name nobody registered.

    Args:
        kind: what was asked for, like ``"model"``.
        name: the name as typed.
        known: the names there are.
        listing: the command that lists them, like ``"omnibench models"``.
    """
    return UsageError(f'Unknown {kind} "{name}".{did_you_mean(name, known)} Known: `{listing}`.')


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What to say behind a sentence on an unknown name, ``""`` where none that is known is near.

    Example:
        >>> did_you_mean("strickt", ["paper", "strict"])
        ' Did you mean "strict"?'
    """
    meant = closest(name, known)
    return f' Did you mean "{meant}"?' if meant else ""


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that somebody who typed ``name`` most likely meant; ``""`` where none is near.

    Near: two letters in three agree, whatever their case, or ``name`` is how it begins.

    Example:
        >>> closest("Silense", ["moshi", "silence"]), closest("nothing", ["moshi", "silence"])
        ('silence', '')
    """
    by_case = {other.lower(): other for other in sorted(known)}
    typed = name.lower()
    begun = sorted((other for other in by_case if len(typed) > 2 and other.startswith(typed)), key=len)
    close = begun or get_close_matches(typed, list(by_case), n=1, cutoff=SIMILAR)
    return by_case[close[0]] if close else ""
