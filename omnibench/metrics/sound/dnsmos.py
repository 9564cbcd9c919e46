"""DNSMOS: how people would rate the sound of the answers' speech, 1 to 5, as the P.835 network of Reddy, Gopal & Cutler
(2022) predicts it. The offline protocol's stand-in for UTMOSv2 under its own name: another network on another scale.

Only voice-active audio is heard, so silence around the speech changes nothing. An answer without any speech where the
human listener spoke scores 1, the scale's end; dialogues in which the human says nothing are outside. It hears noise,
clipping and broken speech; it is blind to what is said, to when, and largely to whether it sounds human.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omnibench.features.sound import Sound
from omnibench.metrics.base import Mean, Metric, MetricSpec, Pairs, Parameters, PredictionSample, Statistics
from omnibench.metrics.sound.quality import QUALITY, WORST
from omnibench.types import Dialogue


def network_there(pairs: Pairs, parameters: Parameters) -> None:
    """Only checks that the network is there. Raises MissingError where it is not."""
    from omnibench.assets.finding import find
    from omnibench.metrics.sound.dnsmos_extractor import ASSET

    find(ASSET)


def rated(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value`` (the overall score), ``signal`` and ``background`` (1 to 5), and ``seconds`` of speech that they come
    from.

    Raises:
        MetricError: no audio.
        InputError: the audio file cannot be read.
    """
    from omnibench.metrics.sound.dnsmos_extractor import network_name
    from omnibench.metrics.sound.voice_active import NAME

    media, hop = prediction.media, float(parameters["hop_seconds"])
    key = f"{network_name()}|{NAME}|hop {hop}"
    found = parameters.features.computed(media, key, lambda: _heard(media.sound, hop))
    overall, signal, background, seconds = found["scores"].tolist()
    return {"value": overall, "signal": signal, "background": background, "seconds": seconds}


def _heard(sound: Sound, hop: float) -> dict[str, Any]:
    from omnibench.metrics.sound.dnsmos_extractor import RATE, speech_quality
    from omnibench.metrics.sound.voice_active import VoiceActive

    speech = VoiceActive(sound)
    if len(speech) == 0:
        return {"scores": np.array([WORST, WORST, WORST, 0.0])}
    scores = speech_quality(speech, hop)
    # The polynomials reach a little below the scale; nothing may count for less than silence.
    return {"scores": np.array([*(max(WORST, score) for score in scores), len(speech) / RATE])}


dnsmos = Metric(
    MetricSpec(
        name="dnsmos",
        title="DNSMOS",
        direction="higher",
        needs=("audio",),
        summary="predicted rating of the answers' sound (DNSMOS P.835 overall), speech only",
        section="5 (stands in for UTMOSv2 offline)",
        reference_words=True,
        worst=WORST,
        decimals=2,
        minimum=WORST,
        maximum=5.0,
        family="voice",
        definition="How people would rate the sound of the answers' speech (DNSMOS P.835 overall, 1 to 5), over the "
        "stretches with voice.",
        pitfalls="A stand-in for UTMOSv2 on another scale. Hears noise and clipping; largely deaf to whether a voice "
        "sounds human, and to what it says.",
        order=220,
    ),
    rated,
    Mean(),
    network_there,
    # Windows of 9.01 s over voice-active audio.
    parameters={"audio": "voice-active", "hop_seconds": 1.0},
    protocols=("offline",),
    audit=QUALITY,
)
