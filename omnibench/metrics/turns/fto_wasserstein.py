"""How far the timing of the answers is from the human listener's in the same dialogue: the Wasserstein-1 distance
between the two distributions of floor-transfer offsets, in seconds; the mean over dialogues.

A median alone (``floor_transfer_offset``) hides a model that is half a second early and half a second late in turn.
Offsets are those of `omnibench.features.turns`: signed, overlaps kept, backchannels left out (Heldner & Edlund 2010;
Levinson & Torreira 2015). Both sides answer the same recorded speaker, so each dialogue is compared with itself and the
distances are averaged, rather than all offsets pooled, where a late dialogue could make up for an early one.

0 is the human's timing. A distance is cut at `WORST`, and a model that never takes the floor where the human does
scores `WORST`: staying silent is no way to good timing. Nor is talking at every occasion: each unit that begins where
the human listener had nothing to say (outside the windows of ``false_speech``) counts as one more answer at a distance
of `WORST`, in a mean over answers. Dialogues in which the human never takes the floor say nothing
about this and are left out of the mean. Blind to which turn is answered: see ``answered_2s``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.turns import Floor
from omnibench.metrics.base import Mean, Parameters, Statistics, notice, strongest
from omnibench.metrics.turns.false_speech import windows_of
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard
from omnibench.metrics.turns.turn_rates import NO_WAITING

WORST: Final = 5.0
"""Seconds; an answer that much off is no answer to that turn."""


def wasserstein(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Area between the two empirical distribution functions of samples ``(n,)`` and ``(m,)``, in the samples' unit.

    Source: Vallender 1974, the one-dimensional case.

    Example:
        >>> wasserstein(np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 8.0]))
        5.0
    """
    points = np.sort(np.concatenate([first, second]))
    shares = [np.searchsorted(np.sort(side), points[:-1], side="right") / len(side) for side in (first, second)]
    return float(np.abs(shares[0] - shares[1]) @ np.diff(points))


def offset_distance(talk: Talk, parameters: Parameters) -> Statistics:
    """``distance`` in seconds, and ``counted`` (0 where the human never takes the floor)."""
    human = _offsets(floor(talk, "human", parameters))
    if human.size == 0:
        return {"distance": 0.0, "counted": 0.0}
    own = _offsets(floor(talk, "own", parameters))
    if own.size == 0:
        return {"distance": WORST, "counted": 1.0}
    allowed = windows_of(talk, parameters)
    false = sum(not any(start <= unit.start <= end for start, end in allowed) for unit in talk.units("own"))
    near = min(wasserstein(own, human), WORST)
    return {"distance": (own.size * near + false * WORST) / (own.size + false), "counted": 1.0}


def _offsets(found: Floor) -> NDArray[np.float64]:
    return np.array([transfer.offset for transfer in found.transfers], dtype=np.float64)


fto_wasserstein, heard_fto_wasserstein = said_and_heard(
    TurnSpec(
        name="fto_wasserstein",
        title="FTO W1",
        direction="lower",
        onsets=True,
        summary="Wasserstein distance of the answers' floor-transfer offsets to the human's, dialogue by dialogue",
        unit="s",
        worst=WORST,
        minimum=0.0,
        definition="Distance (Wasserstein-1, seconds) of the answers' floor-transfer offsets to the human's in the "
        "same dialogue; mean over dialogues. What begins where the human had nothing to say counts as 5 s off. 0 is "
        "the human's timing.",
        pitfalls="Blind to which turn is answered and to what is said. A model that never takes the floor where the "
        "human does has the worst distance.",
        order=530,
    ),
    offset_distance,
    Mean("distance", "the human listeners never take the floor in these dialogues"),
    parameters={**RULES, "lead": 1.0, "patience": 2.0},
    audit=(
        notice(
            "word_drop",
            why="an answer that loses its first words begins later, and a lost answer counts with the worst distance",
        ),
        strongest("late_words", within_absolute=0.5, why=NO_WAITING),
        notice("other_answer", why="another dialogue's answers come when nobody asked"),
    ),
    shifted=notice("audio_shift", why="every answer is heard later than the human's"),
)
