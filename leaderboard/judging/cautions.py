"""Flags that need other entries to be seen: too good to be true, sent twice, or not what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from leaderboard.entry.entries import FINGERPRINTS, Stored
from leaderboard.entry.schema import Difference, Flag, Number, ProtocolName, ProtocolScores
from leaderboard.judging.fingerprints import same_answer
from leaderboard.judging.suspicion import LEAST_WORDS
from omnibench.errors import InputError
from omnibench.files.checked import read_object
from omnibench.metrics.signature import comparison_key

# Networks give slightly other numbers on other machines.
SAME_WITHIN: Final = 1e-3
DUPLICATE_SHARE: Final = 0.5
GROUND_TRUTH: Final = "ground_truth"
# What a machine took: a recording that is played back has no step time to beat.
CLOCKED: Final = frozenset({"step_p50", "step_p99", "rtf"})

Scores = Mapping[ProtocolName, ProtocolScores]


def differing(sent: Scores, found: Scores) -> list[Difference]:
    """The sent values that are not the recomputed ones, step times apart, which are the team's machine's."""
    differences = []
    for protocol, scores in sent.items():
        for name, number in scores.metrics.items():
            again = found[protocol].metrics.get(name) if protocol in found else None
            if not isinstance(number, Number) or not isinstance(again, Number):
                continue
            if abs(number.value - again.value) > SAME_WITHIN * max(abs(again.value), 1e-3):
                differences.append(Difference(protocol=protocol, metric=name, sent=number.value, found=again.value))
    return differences


def unconfirmed(sent: Scores, found: Scores) -> list[str]:
    """What was sent as a number and has none when it is recomputed, under a protocol that was."""
    return [
        f"{name} under {protocol}"
        for protocol, scores in sent.items()
        for name, number in scores.metrics.items()
        if isinstance(number, Number) and protocol in found and name in found[protocol].metrics
        if not isinstance(found[protocol].metrics[name], Number)
    ]


def better_than_ground_truth(scores: Scores, controls: Sequence[Stored]) -> tuple[list[Flag], str]:
    """Metrics but step times on which answers beat the human listeners' own recordings by more than their interval.

    Returns:
        The flag, if any, and what could be compared.
    """
    humans = [stored.entry.scores for stored in controls if stored.entry.model.name == GROUND_TRUTH]
    beaten, compared = [], 0
    for protocol, mine in scores.items():
        for name, number in ((n, m) for n, m in mine.metrics.items() if n not in CLOCKED):
            for theirs in humans:
                human = theirs[protocol].metrics.get(name) if protocol in theirs else None
                if not isinstance(number, Number) or not isinstance(human, Number) or not _comparable(number, human):
                    continue
                compared += 1
                if _beats(number, human):
                    beaten.append(f"{name} under {protocol} is {number.value:g}, the human listeners' {human.value:g}")
    if not compared:
        return [], "no scores of the control ground_truth to compare with"
    if not beaten:
        return [], "checked"
    message = f"Better than the human listeners: {'; '.join(beaten)}."
    return [Flag(kind="better_than_ground_truth", message=message)], "checked"


def _comparable(number: Number, human: Number) -> bool:
    # Pictures of the model and of the human listener may be drawn by different renderers; that is no other measurement.
    mine, theirs = (
        {part for part in comparison_key(item.signature).split("|") if not part.startswith("render:")}
        for item in (number, human)
    )
    return mine == theirs and number.direction != "none"


def _beats(number: Number, human: Number) -> bool:
    interval = human.interval
    if number.direction == "higher":
        return number.value > (interval.high if interval else human.value)
    return number.value < (interval.low if interval else human.value)


def duplicate_flags(entry_id: str, fingerprints: Mapping[str, Any], others: Sequence[Stored]) -> list[Flag]:
    """One flag for each other entry to the same data with the same words, sound or faces in half of the dialogues."""
    flags = []
    mine: Mapping[str, Any] = fingerprints["dialogues"]
    for stored in others:
        path = stored.folder / FINGERPRINTS
        if stored.entry.id == entry_id or not path.is_file():
            continue
        theirs = read_object(path, "Score the entry again.")
        if theirs.get("manifest") != fingerprints["manifest"]:
            continue
        try:
            both = [name for name in mine if name in theirs["dialogues"]]
            shared = {name: same_answer(mine[name], theirs["dialogues"][name], LEAST_WORDS) for name in both}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{path}: no fingerprints of answers ({error!r}). Score the entry again.") from error
        for part in ("text", "sound", "face"):
            same = [name for name, parts in shared.items() if part in parts]
            if mine and len(same) >= DUPLICATE_SHARE * len(mine):
                message = f"The same {part} as {stored.entry.id} in {len(same)} of {len(mine)} dialogues."
                flags.append(Flag(kind="duplicate_entry", message=message, dialogues=same))
    return flags
