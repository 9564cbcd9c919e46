"""Where the turns of the speaker end that the human listener answers: the moments at which metrics of this room ask."""

from __future__ import annotations

from omnibench.features.turns import answered_turns, units_of
from omnibench.metrics.base import Parameters
from omnibench.types import Dialogue


def answered_ends(reference: Dialogue, parameters: Parameters) -> tuple[float, ...]:
    """Seconds, ascending, by the words' times (`omnibench.features.turns`; ``parameters`` as of
    `omnibench.metrics.turns.floor`).
    """
    pause = parameters["pause"]
    speaker, listener = (units_of(track.words, pause) for track in (reference.speaker, reference.listener))
    seconds, most = parameters["backchannel_seconds"], parameters["backchannel_words"]
    found = answered_turns(speaker, listener, pause, seconds, most, parameters["longest"])
    return tuple(transfer.before.end for transfer in found)


def speaker_of(reference: Dialogue) -> str:
    """Who speaks; where nobody says, somebody of this dialogue alone."""
    return reference.identities.get("speaker") or f"\0{reference.id}"
