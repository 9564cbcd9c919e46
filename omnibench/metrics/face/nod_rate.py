"""Nod rate: nods a minute of the answer's head, from the rotation in the face coefficients
(`omnibench.metrics.face.nods`).

The human listener's own rate is the one to compare with (the table's ground truth), so there is no better direction. It
counts beats of a head that speaks as well, and is blind to whether a nod comes at the right time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnibench.errors import MetricError
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.face.nods import nods
from omnibench.types import Dialogue


class NodRate:
    """Nods over the minutes of all answers."""

    spec = MetricSpec(
        name="nod_rate",
        title="Nods",
        direction="none",
        level="corpus",
        needs=("face",),
        summary="nods a minute",
        section="5 (behaviour; not in the paper)",
        unit="/min",
        decimals=1,
        minimum=0.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``nods`` and ``minutes``. Raises MetricError for no frames or frames that are not finite."""
        face = prediction.face
        if face is None or len(face) == 0:
            raise MetricError("no face frames")
        if not np.isfinite(face).all():
            raise MetricError("face coefficients are not finite")
        count = len(nods(face, reference.fps, parameters["degrees"]))
        return {"nods": float(count), "minutes": float(len(face) / reference.fps) / 60.0}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Nods a minute."""
        return sum(float(s["nods"]) for s in statistics) / sum(float(s["minutes"]) for s in statistics)

    def sample_value(self, statistics: Statistics) -> float | None:
        """Nods a minute of this dialogue."""
        return float(statistics["nods"]) / float(statistics["minutes"])


nod_rate = NodRate()
