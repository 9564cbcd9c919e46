"""Whether a metric claims to measure listening, and why: what ``omnibench audit ranking`` holds it to.

A metric listens where its number is of whether the answer belongs to *this* speaker: what was said, or when the speaker
stopped. It then must not put a control, which does not listen, above people. Most metrics claim no such thing, and a
control may well be above people by them; that is no fault of theirs, only nothing to rank listeners by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Claim:
    """``listening``: whether it claims to measure that. ``why``: the reason, for and against."""

    listening: bool
    why: str


def listens(why: str) -> Claim:
    """It measures listening, since what does not listen has nothing by it."""
    return Claim(True, why)


def no_listening(why: str) -> Claim:
    """It measures something else, or what does not listen may do well by it."""
    return Claim(False, why)


BY_FAMILY: Final[Mapping[str, Claim]] = {
    "words": no_listening(
        "words in common with a human answer, or their variety, are had by a fixed reply or the speaker's own words"
    ),
    "voice": no_listening("how the voice sounds and whether it says its words, whoever spoke before"),
    "lips": no_listening("lips against the own voice, whoever spoke before"),
    "face": no_listening("how often a face looks or moves like people's, not when: the speaker's own face will do"),
    "video": no_listening("how often a picture looks like people's, not when: the speaker's own picture will do"),
    "turns": no_listening("an amount or a rate of speech, which speaking by the clock or at each pause has as well"),
    "coupling": no_listening("its declaration claims nothing"),
    "pace": no_listening("how fast the machine computes"),
    "other": no_listening("its declaration claims nothing"),
}
"""What a metric of each family claims unless its declaration says otherwise."""
