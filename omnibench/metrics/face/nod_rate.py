"""Nod rate: nods a minute of the answer's head, from the rotation in the face coefficients
(`omnibench.metrics.face.nods`).

The human listener's own rate is the one to compare with (the table's ground truth), so there is no better direction. It
counts beats of a head that speaks as well, and is blind to whether a nod comes at the right time.
"""

from __future__ import annotations

import numpy as np

from omnibench.errors import MetricError
from omnibench.metrics.base import (
    Metric,
    MetricSpec,
    Parameters,
    PredictionSample,
    Ratio,
    Statistics,
    blind,
    may,
    notice,
)
from omnibench.metrics.face.nods import nods
from omnibench.types import Dialogue


def counted_nods(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``nods`` and ``minutes``. Raises MetricError for no frames or frames that are not finite."""
    face = prediction.face
    if face is None or len(face) == 0:
        raise MetricError("no face frames")
    if not np.isfinite(face).all():
        raise MetricError("face coefficients are not finite")
    count = len(nods(face, reference.fps, parameters["degrees"]))
    return {"nods": float(count), "minutes": float(len(face) / reference.fps) / 60.0}


nod_rate = Metric(
    MetricSpec(
        name="nod_rate",
        title="Nods",
        direction="none",
        needs=("face",),
        summary="nods a minute",
        section="5 (behaviour; not in the paper)",
        unit="/min",
        decimals=1,
        minimum=0.0,
        family="face",
        definition="Nods a minute, from the rotation of the head.",
        pitfalls="Counts the beats of a speaking head as well, and is blind to whether a nod comes at the right time. "
        "Compare with the ground truth's own rate.",
        order=690,
    ),
    counted_nods,
    Ratio("nods", "minutes"),
    parameters={"degrees": 2.0},
    protocols=("strict",),
    audit=(
        notice("frozen_face", why="a head that stands still does not nod"),
        blind(
            "reversed_face",
            within=0.25,
            why="a nod backwards is a nod; at each of the two seams of a partial reversal one may be lost or made",
        ),
        may("face_jitter", why="noise makes turning points, but a slip of one frame is taken out first"),
        blind("other_answer", within=1e-9, why="nods over all dialogues, whosever they are"),
    ),
)
