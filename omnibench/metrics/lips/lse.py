"""Lip sync by SyncNet: how far lips and voice lie apart in the space that was trained to bring them together.

LSE-D is the distance at the best of 31 shifts, LSE-C how much better that shift is than the middling one, the offset
which shift it is, and LSE-D (zero) the distance with nothing shifted. LSE-D and LSE-C do not notice a constant lag of
up to 0.6 s: read the offset and the distance at zero beside them.

* ``paper`` (``pipeline = "official"``): one value a face track, mean over tracks, silence included, four lossy encodes.
* ``strict`` (``pipeline = "stream"``): in memory at 25 pictures a second by time; windows of speech alone, those of all
  tracks together; one value a dialogue. Silence where the human listener speaks has the worst value; where nobody
  speaks, the dialogue does not count.

SyncNet's distances have no greatest value: the worst ones declared here lie beyond those of unrelated lips and voice
(about 13 in Prajwal et al. 2020).

Source: Chung & Zisserman 2016; Prajwal et al. 2020, section 4; OmniResponse ``evaluation/audio/audio_sync`` @2ba1c7c.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError, SkippedError
from omnibench.features.activity import listener_spans
from omnibench.features.media import Media
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.lips.lipsync.networks import Networks, published_networks
from omnibench.metrics.lips.sync_distance import FPS, LipSync, lse
from omnibench.types import Dialogue

Part = Literal["distance", "confidence", "offset", "zero"]
SECTION = "5 (Evaluation Metrics), Table 2"


@dataclass(frozen=True)
class Lse:
    """One of the four numbers; they share the networks' work."""

    spec: MetricSpec
    part: Part

    def plan(self, pairs: Sequence[tuple[PredictionSample, Dialogue]], parameters: Parameters) -> Networks:
        """The networks, and every answer asked for. Raises MissingError where their weights are not there."""
        networks = published_networks()
        if parameters["pipeline"] == "stream":
            from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor

            for prediction, _ in pairs:
                parameters.features.want(prediction.media, LipSyncExtractor(networks))
        return networks

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``total`` over ``count`` tracks (paper), or of one dialogue (strict).

        Raises:
            MetricError: no face, no track, no speech, or no pictures or sound, with the reason.
        """
        if parameters["pipeline"] == "official":
            values = official_values(prediction.media, parameters, parameters.plan)[self.part]
        else:
            sync = stream_sync(prediction.media, parameters, parameters.plan)
            if sync is None:
                asked = sum(s.end - s.start for s in listener_spans(reference)) >= parameters["least_speech"]
                return {"total": float(self.spec.worst or 0.0) * asked, "count": float(asked)}
            values = np.array([abs(sync.offset) if self.part == "offset" else getattr(sync, self.part)])
        return {"total": float(values.sum()), "count": float(len(values))}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Mean over all tracks (paper) or dialogues (strict). Raises MetricError where none counts."""
        count = sum(float(s["count"]) for s in statistics)
        if not count:
            raise MetricError("nobody speaks long enough in these dialogues")
        return sum(float(s["total"]) for s in statistics) / count

    def sample_value(self, statistics: Statistics) -> float | None:
        """This dialogue's mean over its tracks; None where it does not count."""
        return float(statistics["total"]) / float(statistics["count"]) if statistics["count"] else None


def official_values(media: Media, parameters: Parameters, networks: Networks) -> Mapping[str, NDArray[np.float64]]:
    """Each number of every track, ``(tracks,)``, made once a clip.

    Raises:
        MetricError: no file of pictures or sound.
        SkippedError: no track: the official scripts then leave the video out unsaid.
    """
    video, audio = media.video_path, media.audio_path
    if video is None or audio is None:
        raise MetricError("the official pipeline needs a video file and an audio file")

    def compute() -> dict[str, NDArray[np.float64]]:
        from omnibench.metrics.lips.lipsync.official import official_tracks

        tracks = official_tracks(video, audio, networks)
        return {part: np.array([getattr(track, part) for track in tracks], dtype=float) for part in LipSync._fields}

    shortest = parameters["shortest_track"]
    made = parameters.features.computed(media, f"lipsync-official-3:{networks.key}:{shortest}", compute)
    if not len(made["distance"]):
        raise SkippedError(f"no face track: a face of more than 100 pixels in more than {shortest} frames of one scene")
    return made


def stream_sync(media: Media, parameters: Parameters, networks: Networks) -> LipSync | None:
    """The numbers of one clip over its windows of speech; None for less than ``least_speech`` seconds of it.

    Raises:
        MetricError: no lips to the speech.
    """
    from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor

    made = parameters.features.frames(media, LipSyncExtractor(networks))
    if made["speech"] < parameters["least_speech"] * FPS:
        return None
    if made["faces"] == 0:
        raise MetricError(f"no face in any of {int(made['seen'])} frames")
    if not len(made["distances"]):
        raise MetricError(
            f"no lips during speech: a face in {int(made['faces'])} of {int(made['seen'])} frames, and "
            f"{int(made['speech']) / FPS:.1f} s of speech, none of it together with 0.6 s of sound on both sides"
        )
    return lse(made["distances"])


def _spec(
    name: str, title: str, direction: Literal["higher", "lower"], summary: str, worst: float, unit: str = ""
) -> MetricSpec:
    return MetricSpec(
        name=name,
        title=title,
        direction=direction,
        level="sample",
        needs=("video", "audio"),
        summary=summary,
        section=SECTION,
        unit=unit,
        worst=worst,
        minimum=0.0,
    )


lse_d = Lse(_spec("lse_d", "LSE-D", "lower", "smallest mean SyncNet distance of lips and voice", 15.0), "distance")
lse_d_zero = Lse(_spec("lse_d_zero", "LSE-D (zero)", "lower", "SyncNet distance with nothing shifted", 15.0), "zero")
lse_c = Lse(_spec("lse_c", "LSE-C", "higher", "median minus smallest SyncNet distance over shifts", 0.0), "confidence")
lse_offset = Lse(
    _spec("lse_offset", "LSE offset", "lower", "absolute shift of the voice that fits", 15.0, "frames of 40 ms"),
    "offset",
)
