"""Late frames: the share of frames at which the model had nothing ready to play.

The clock plays the answer to frame ``i`` at frame ``i + 1``; where a face or picture is not there in time the last one
is held, where sound is missing it is silent, and either counts (``journal.jsonl``, `omnibench.files.journal.Lateness`).
The time is the dialogue's own, not the machine's: it tells a model that answers in too large pieces or too few, not a
slow one (``rtf`` does). Each part counts for itself, and the value is that of the part that is late most often; a model
that sends no samples while it is silent is late with its sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from omnibench.errors import MetricError
from omnibench.files.records import Lateness
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.types import Dialogue

PARTS: Final = ("face", "audio", "image")


@runtime_checkable
class Journalled(Protocol):
    """Answers of which a journal may say how late they ran."""

    @property
    def lateness(self) -> Lateness | None:
        """None where no journal says."""


class LateFrames:
    """Late frames over all frames but the first, which is given."""

    spec = MetricSpec(
        name="late_frames",
        title="Late",
        direction="lower",
        level="corpus",
        needs=("timing",),
        summary="share of frames at which a face, picture or sound was not there in time",
        section="3 (online; not in the paper)",
        decimals=3,
        minimum=0.0,
        maximum=1.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Late frames by part, and ``frames`` that could be late: 0 where no journal says."""
        late = prediction.lateness if isinstance(prediction, Journalled) else None
        if late is None:
            return {**dict.fromkeys(PARTS, 0.0), "frames": 0.0}
        return {**{part: float(getattr(late, part)) for part in PARTS}, "frames": float(reference.frames - 1)}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Share in [0, 1] of the part that is late most often. Raises MetricError where no journal says."""
        frames = sum(float(s["frames"]) for s in statistics)
        if frames == 0:
            raise MetricError("no journal.jsonl says how late the answers were; `omnibench run` writes it")
        return max(sum(float(s[part]) for s in statistics) for part in PARTS) / frames

    def sample_value(self, statistics: Statistics) -> float | None:
        """The share in this dialogue, None where no journal says."""
        frames = float(statistics["frames"])
        return max(float(statistics[part]) for part in PARTS) / frames if frames else None


late_frames = LateFrames()
