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
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError, SkippedError
from omnibench.features.activity import listener_spans
from omnibench.features.media import Media
from omnibench.metrics.base import Metric, MetricSpec, Pairs, Parameters, PredictionSample, Ratio, Rule, Statistics
from omnibench.metrics.lips.lipsync.networks import Networks, published_networks
from omnibench.metrics.lips.sync_distance import FPS, LipSync, lse
from omnibench.metrics.lips.sync_rules import CONFIDENCE, DISTANCE, LEAST_SPEECH, OFFSET, ZERO, SyncSpec
from omnibench.types import Dialogue

Part = Literal["distance", "confidence", "offset", "zero"]


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


def networks_asked(pairs: Pairs, parameters: Parameters) -> Networks:
    """The networks, and every answer asked for. Raises MissingError where their weights are not there."""
    networks = published_networks()
    if parameters["pipeline"] == "stream":
        from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor

        for prediction, _ in pairs:
            parameters.features.want(prediction.media, LipSyncExtractor(networks))
    return networks


def _lse(spec: MetricSpec, part: Part, audit: Sequence[Rule], protocols: tuple[str, ...] = ("strict",)) -> Metric:
    """One of the four numbers; they share the networks' work."""

    def sync(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``total`` over ``count`` tracks (paper), or of one dialogue (strict).

        Raises:
            MetricError: no face, no track, no speech, or no pictures or sound, with the reason.
        """
        if parameters["pipeline"] == "official":
            values = official_values(prediction.media, parameters, parameters.plan)[part]
        else:
            found = stream_sync(prediction.media, parameters, parameters.plan)
            if found is None:
                asked = sum(s.end - s.start for s in listener_spans(reference)) >= parameters["least_speech"]
                return {"total": float(spec.worst or 0.0) * asked, "count": float(asked)}
            values = np.array([abs(found.offset) if part == "offset" else getattr(found, part)])
        return {"total": float(values.sum()), "count": float(len(values))}

    return Metric(
        spec,
        sync,
        # Over all tracks (paper) or dialogues (strict).
        Ratio("total", "count", "nobody speaks long enough in these dialogues", level="sample"),
        networks_asked,
        parameters={"pipeline": "stream", "least_speech": LEAST_SPEECH},
        protocols=protocols,
        audit=audit,
    )


_Spec = partial(SyncSpec, section="5 (Evaluation Metrics), Table 2")

lse_d = _lse(
    _Spec(
        name="lse_d",
        title="LSE-D",
        direction="lower",
        summary="smallest mean SyncNet distance of lips and voice",
        worst=15.0,
        definition="Distance of lips and voice in SyncNet's space at the best of 31 shifts; smaller is closer.",
        pitfalls="The best shift is searched: a constant lag of up to 0.6 s costs nothing, so read the offset and the "
        "distance at zero beside it. Under paper silence counts as well, and videos without a face track drop out.",
        order=600,
    ),
    "distance",
    DISTANCE,
    protocols=(),
)
lse_d_zero = _lse(
    _Spec(
        name="lse_d_zero",
        title="LSE-D (zero)",
        direction="lower",
        summary="SyncNet distance with nothing shifted",
        worst=15.0,
        definition="SyncNet's distance of lips and voice as they are, with nothing shifted.",
        pitfalls="Saturates: beyond about 120 ms of lag lips and voice are as unrelated as they can be.",
        order=610,
    ),
    "zero",
    ZERO,
)
lse_c = _lse(
    _Spec(
        name="lse_c",
        title="LSE-C",
        direction="higher",
        summary="median minus smallest SyncNet distance over shifts",
        worst=0.0,
        definition="How much closer lips and voice are at the best shift than at a middling one (median less smallest "
        "distance).",
        pitfalls="Says that some shift fits well, not that it is zero. Noise can hide the voice without moving it.",
        order=620,
    ),
    "confidence",
    CONFIDENCE,
)
lse_offset = _lse(
    _Spec(
        name="lse_offset",
        title="LSE offset",
        direction="lower",
        summary="absolute shift of the voice that fits",
        unit="frames of 40 ms",
        worst=15.0,
        definition="Absolute shift, in frames at 25 a second, at which lips and voice fit best.",
        pitfalls="Where lips and voice do not belong together at all the best shift is chance: read LSE-C first.",
        order=630,
    ),
    "offset",
    OFFSET,
)
