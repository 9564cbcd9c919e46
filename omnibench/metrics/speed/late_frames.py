"""Late frames: the share of frames at which the model had nothing ready to play.

The clock plays the answer to frame ``i`` at frame ``i + 1``; where a face or picture is not there in time the last one
is held, where sound is missing it is silent, and either counts (``journal.jsonl``, `omnibench.files.records.Lateness`).
The time is the dialogue's own, not the machine's: it tells a model that answers in too large pieces or too few, not a
slow one (``rtf`` does). Each part counts for itself, and the value is that of the part that is late most often; a model
that sends no samples while it is silent is late with its sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from omnibench.errors import MetricError
from omnibench.files.records import Lateness
from omnibench.metrics.base import Corpus, Metric, MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.types import Dialogue

PARTS: Final = ("face", "audio", "image")


@runtime_checkable
class Journalled(Protocol):
    """Answers of which a journal may say how late they ran."""

    @property
    def lateness(self) -> Lateness | None:
        """None where no journal says."""


def late(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """Late frames by part, and ``frames`` that could be late: 0 where no journal says."""
    found = prediction.lateness if isinstance(prediction, Journalled) else None
    if found is None:
        return {**dict.fromkeys(PARTS, 0.0), "frames": 0.0}
    return {**{part: float(getattr(found, part)) for part in PARTS}, "frames": float(reference.frames - 1)}


def _share(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """Share in [0, 1] of the part that is late most often. Raises MetricError where no journal says."""
    frames = sum(float(s["frames"]) for s in statistics)
    if frames == 0:
        raise MetricError("no journal.jsonl says how late the answers were; `omnibench run` writes it")
    return max(sum(float(s[part]) for s in statistics) for part in PARTS) / frames


def _own_share(statistics: Statistics) -> float | None:
    frames = float(statistics["frames"])
    return max(float(statistics[part]) for part in PARTS) / frames if frames else None


late_frames = Metric(
    MetricSpec(
        name="late_frames",
        title="Late",
        direction="lower",
        needs=("timing",),
        summary="share of frames at which a face, picture or sound was not there in time",
        section="3 (online; not in the paper)",
        minimum=0.0,
        maximum=1.0,
        family="pace",
        definition="Share of frames at which the next face, picture or sound was not there in time, in the dialogue's "
        "own time.",
        pitfalls="Tells a model that answers in too large or too few pieces, not a slow machine: the real-time factor "
        "does that.",
        order=700,
    ),
    late,
    Corpus(_share, _own_share, interval="bootstrap"),
    protocols=("strict",),
    audit="how late a model's answers ran; recordings are never late",
)
