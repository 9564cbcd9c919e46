"""Lip sync by the small SyncNet that ships with omnibench: LSE-D's arithmetic on other embeddings, so other numbers.

Distances between the lips of 0.2 s and the voice around it, on the unit sphere (0: alike, about 1.4: unrelated, 2:
opposite), averaged over the windows of speech that have voice at every shift. An answer with less than ``least_speech``
seconds of such windows has the worst value where the human listener has as many; where neither has, the dialogue is
left out. Made for faces drawn by mesh-1; on other pictures the numbers mean little. As LSE-D, blind to a constant lag
of up to 0.6 s, which the offset and the distance without a shift tell.

Source: Prajwal et al. 2020 for the two measures; the network: ``omnibench/assets/weights/CARD.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.activity import listener_spans, loud_spans, media_levels
from omnibench.features.media import Media
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.lips.sync_distance import FPS, lse, speech_windows, whole_windows
from omnibench.metrics.lips.sync_mini import ASSET, SyncMiniExtractor
from omnibench.types import Dialogue

Part = Literal["distance", "confidence", "offset", "zero"]

SECTION = "5 (offline stand-in; not the paper's SyncNet)"
EXTRACTOR = SyncMiniExtractor()


@dataclass(frozen=True)
class LseMini:
    """One of the four numbers; they share the network's work."""

    spec: MetricSpec
    part: Part

    def plan(self, pairs: Sequence[tuple[PredictionSample, Dialogue]], parameters: Parameters) -> None:
        """Ask for the embeddings of every answer. Raises MissingError where the network is not installed."""
        from omnibench.assets.finding import find

        find(ASSET)
        for prediction, _ in pairs:
            parameters.features.want(prediction.media, EXTRACTOR)

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``value``, and ``counted``: 0 where neither the model nor the human listener speaks.

        Raises:
            MetricError: pictures or sound are missing or too short.
        """
        least = parameters["least_speech"] * FPS
        distances, spoken = windows_of(prediction.media, parameters)
        if spoken.sum() >= least:
            return {"value": abs(float(getattr(lse(distances[spoken]), self.part))), "counted": 1.0}
        asked = _human_windows(reference, len(spoken)).sum() >= least
        return {"value": float(self.spec.worst or 0.0), "counted": float(asked)}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Mean over the dialogues that count. Raises MetricError where none does."""
        values = [float(s["value"]) for s in statistics if s["counted"]]
        if not values:
            raise MetricError(f"nobody speaks for {parameters['least_speech']} s in these dialogues")
        return float(np.mean(values))

    def sample_value(self, statistics: Statistics) -> float | None:
        """This dialogue's number, None where it does not count."""
        return float(statistics["value"]) if statistics["counted"] else None


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


def _spec(
    name: str, title: str, summary: str, worst: float, direction: Literal["lower", "higher"] = "lower", unit: str = ""
) -> MetricSpec:
    return MetricSpec(
        name=name,
        title=title,
        direction=direction,
        level="sample",
        needs=("video", "audio"),
        summary=f"{summary} (small SyncNet, speech only)",
        section=SECTION,
        unit=unit,
        worst=worst,
        minimum=0.0,
    )


lse_d_mini = LseMini(
    _spec("lse_d_mini", "LSE-D-mini", "smallest distance of lips and voice over shifts", 2.0), "distance"
)
lse_d_zero_mini = LseMini(
    _spec("lse_d_zero_mini", "LSE-D-mini at 0", "distance of lips and voice with nothing shifted", 2.0), "zero"
)
lse_c_mini = LseMini(
    _spec("lse_c_mini", "LSE-C-mini", "median minus smallest distance of lips and voice over shifts", 0.0, "higher"),
    "confidence",
)
lse_offset_mini = LseMini(
    _spec("lse_offset_mini", "LSE offset-mini", "absolute shift at which lips and voice fit best", 15.0, unit="frames"),
    "offset",
)
