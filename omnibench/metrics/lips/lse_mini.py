"""Lip sync by the small SyncNet that ships with omnibench: LSE-D's arithmetic on other embeddings, so other numbers.

Distances between the lips of 0.2 s and the voice around it, on the unit sphere (0: alike, about 1.4: unrelated, 2:
opposite), averaged over the windows of speech that have voice at every shift. An answer with less than ``least_speech``
seconds of such windows has the worst value where the human listener has as many; where neither has, the dialogue is
left out. Made for faces drawn by mesh-1; on other pictures the numbers mean little. As LSE-D, blind to a constant lag
of up to 0.6 s, which the offset and the distance without a shift tell.

Source: Prajwal et al. 2020 for the two distances; the network: ``omnibench/assets/weights/CARD.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import listener_spans, loud_spans, media_levels
from omnibench.features.media import Media
from omnibench.metrics.base import Mean, Metric, MetricSpec, Pairs, Parameters, PredictionSample, Rule, Statistics
from omnibench.metrics.lips.sync_distance import FPS, lse, speech_windows, whole_windows
from omnibench.metrics.lips.sync_mini import ASSET, SyncMiniExtractor
from omnibench.metrics.lips.sync_rules import CONFIDENCE, DISTANCE, LEAST_SPEECH, OFFSET, ZERO, SyncSpec
from omnibench.types import Dialogue

Part = Literal["distance", "confidence", "offset", "zero"]

EXTRACTOR = SyncMiniExtractor()


def windows_of(media: Media, parameters: Parameters) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Distances ``(n, 31)`` of a clip's windows at every shift, and which windows count: speech, with sound at every
    shift.
    """
    distances = parameters.features.frames(media, EXTRACTOR)["distances"]
    spans = loud_spans(media_levels(media, parameters.features))
    return distances, speech_windows(spans, len(distances)) & whole_windows(len(distances))


def _human_windows(reference: Dialogue, windows: int) -> NDArray[np.bool_]:
    """The same of the human listener."""
    return speech_windows(listener_spans(reference), windows) & whole_windows(windows)


def embeddings_asked(pairs: Pairs, parameters: Parameters) -> None:
    """Ask for the embeddings of every answer. Raises MissingError where the network is not installed."""
    from omnibench.assets.finding import find

    find(ASSET)
    for prediction, _ in pairs:
        parameters.features.want(prediction.media, EXTRACTOR)


def _lse_mini(spec: MetricSpec, part: Part, audit: Sequence[Rule]) -> Metric:
    """One of the four numbers; they share the network's work."""

    def sync(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``value``, and ``counted``: 0 where neither the model nor the human listener speaks.

        Raises:
            MetricError: pictures or sound are missing or too short.
        """
        least = parameters["least_speech"] * FPS
        distances, spoken = windows_of(prediction.media, parameters)
        if spoken.sum() >= least:
            return {"value": abs(float(getattr(lse(distances[spoken]), part))), "counted": 1.0}
        asked = _human_windows(reference, len(spoken)).sum() >= least
        return {"value": float(spec.worst or 0.0), "counted": float(asked)}

    return Metric(
        spec,
        sync,
        Mean(nothing="nobody speaks for {least_speech} s in these dialogues"),
        embeddings_asked,
        parameters={"least_speech": LEAST_SPEECH},
        protocols=("offline",),
        audit=audit,
    )


_Spec = partial(SyncSpec, section="5 (offline stand-in; not the paper's SyncNet)")

lse_d_mini = _lse_mini(
    _Spec(
        name="lse_d_mini",
        title="LSE-D-mini",
        direction="lower",
        summary="smallest distance of lips and voice over shifts (small SyncNet, speech only)",
        worst=2.0,
        definition="LSE-D's arithmetic on a small SyncNet that ships with omnibench, speech only: 0 is alike, about "
        "1.4 unrelated.",
        pitfalls="A stand-in for faces drawn by the embedded renderer; on other pictures the numbers mean little. "
        "Blind to a constant lag of up to 0.6 s.",
        order=640,
    ),
    "distance",
    DISTANCE,
)
lse_d_zero_mini = _lse_mini(
    _Spec(
        name="lse_d_zero_mini",
        title="LSE-D-mini at 0",
        direction="lower",
        summary="distance of lips and voice with nothing shifted (small SyncNet, speech only)",
        worst=2.0,
        definition="The small SyncNet's distance of lips and voice with nothing shifted.",
        pitfalls="Made for faces of the embedded renderer. Saturates beyond about 120 ms of lag.",
        order=650,
    ),
    "zero",
    ZERO,
)
lse_c_mini = _lse_mini(
    _Spec(
        name="lse_c_mini",
        title="LSE-C-mini",
        direction="higher",
        summary="median minus smallest distance of lips and voice over shifts (small SyncNet, speech only)",
        worst=0.0,
        definition="Median less smallest distance over the shifts, with the small SyncNet, speech only.",
        pitfalls="Says that some shift fits, not that it is zero. Made for faces of the embedded renderer.",
        order=660,
    ),
    "confidence",
    CONFIDENCE,
)
lse_offset_mini = _lse_mini(
    _Spec(
        name="lse_offset_mini",
        title="LSE offset-mini",
        direction="lower",
        summary="absolute shift at which lips and voice fit best (small SyncNet, speech only)",
        unit="frames",
        worst=15.0,
        definition="Absolute shift, in frames at 25 a second, at which lips and voice fit best for the small SyncNet.",
        pitfalls="Chance where lips and voice do not belong together: read LSE-C-mini first.",
        order=670,
    ),
    "offset",
    OFFSET,
)
