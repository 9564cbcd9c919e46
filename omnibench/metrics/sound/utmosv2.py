"""UTMOSv2: how natural people would rate the answers' speech, 1 to 5 (Baba et al., SLT 2024).

* ``paper`` (OmniResponse ``evaluation/audio/audio_quality`` @2ba1c7c with sarulab-speech/UTMOSv2 @cc2700d): fold 0, one
  random look, seeded here, where the script leaves its randomness open. ``predict`` takes its option for removing
  "silence" back before its data set reads it, so the script rates whole files; ``utmosv2_filtered`` is what the option
  is meant to do. Files that are dropped (nothing is there, or left of a quiet recording) are listed with the reason.
* ``strict``: voice-active audio alone, several looks, the mean over folds. An answer without speech where the human
  listener spoke scores 1, no value lies below that, and dialogues in which the human says nothing do not count.

In 32-bit floats everywhere; the package drops to 16 bits on a GPU. It hears noise, artefacts and robotic voices; it is
blind to what is said and to when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MetricError
from omnibench.features.media import Media
from omnibench.features.sound import Samples
from omnibench.metrics.base import Mean, Metric, MetricSpec, Pairs, Parameters, PredictionSample, Rule, Statistics
from omnibench.metrics.sound.quality import QUALITY, WORST
from omnibench.types import Dialogue

if TYPE_CHECKING:
    from omnibench.metrics.sound.utmosv2_network import UTMOSv2


def all_rated(pairs: Pairs, parameters: Parameters) -> None:
    """Rate all answers, a fold at a time, many in one pass of the network. Raises MissingError for weights that are
    not there.
    """
    from omnibench.assets.finding import find
    from omnibench.metrics.sound.utmosv2_extractor import asset_name, ratings

    for fold in parameters["folds"]:
        find(asset_name(fold))
    for fold in parameters["folds"]:
        waiting = [p.media for p, _ in pairs if not _is_kept(p.media, fold, parameters)]
        audible: list[Media] = []
        recordings = _audible(waiting, parameters, audible)
        if waiting:
            scored = ratings(_network(fold), recordings, parameters["repetitions"], parameters["seed"])
            for number, scores in enumerate(scored):
                _ratings(audible[number], fold, parameters, scores)


def rated(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``value`` (mean over folds and looks), ``spread`` (standard deviation over looks) and ``counted`` (0 where
    the protocol leaves the dialogue out).

    Raises:
        MetricError: no audio, or, under ``file``, none left: the official script drops the file there.
        InputError: the audio file cannot be read.
        MissingError: weights are not there.
    """
    from omnibench.metrics.sound.utmosv2_extractor import ratings

    media, folds, strict = prediction.media, parameters["folds"], parameters["audio"] == "voice-active"
    if strict and not reference.listener.text.strip():
        return {"value": WORST, "spread": 0.0, "counted": 0.0}
    for fold in (fold for fold in folds if not _is_kept(media, fold, parameters)):
        heard = _heard(media, parameters)
        if len(heard) == 0 and strict:
            return {"value": WORST, "spread": 0.0, "counted": 1.0}
        scored = ratings(_network(fold), [heard], parameters["repetitions"], parameters["seed"])
        _ratings(media, fold, parameters, next(scored))
    scores = np.stack([_ratings(media, fold, parameters) for fold in folds])
    value = float(scores.mean())
    return {"value": max(WORST, value) if strict else value, "spread": float(scores.mean(axis=0).std()), "counted": 1.0}


class _NotKeptError(Exception):
    """Nothing was made of this recording yet."""


@lru_cache(maxsize=1)
def _network(fold: int) -> UTMOSv2:
    from omnibench.features.device import metric_device
    from omnibench.metrics.sound.utmosv2_extractor import load

    return load(fold, metric_device())


def _heard(media: Media, parameters: Parameters) -> Samples:
    """What the network gets to hear, at 16 kHz, possibly nothing; voice-active audio is read excerpt by excerpt."""
    from omnibench.metrics.sound.utmosv2_extractor import at_16_khz
    from omnibench.metrics.sound.utmosv2_inputs import drop_quiet
    from omnibench.metrics.sound.voice_active import VoiceActive

    if parameters["audio"] == "voice-active":
        return VoiceActive(media.sound)
    whole = at_16_khz(*media.sound())
    return drop_quiet(whole) if parameters["remove_silent_section"] else whole


def _audible(waiting: Sequence[Media], parameters: Parameters, audible: list[Media]) -> Iterator[Samples]:
    """The recordings that hold anything; whose they are is added to ``audible``."""
    for media in waiting:
        try:
            heard = _heard(media, parameters)
        except (MetricError, InputError):
            # `sample` meets the same fault and reports it for its dialogue.
            continue
        if len(heard):
            audible.append(media)
            yield heard


def _ratings(
    media: Media, fold: int, parameters: Parameters, made: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The kept ratings ``(repetitions,)``; where there are none, ``made`` is kept. Raises _NotKeptError without it."""

    def compute() -> dict[str, Any]:
        if made is None:
            raise _NotKeptError
        return {"ratings": made}

    return parameters.features.computed(media, _key(fold, parameters), compute)["ratings"]


def _is_kept(media: Media, fold: int, parameters: Parameters) -> bool:
    try:
        _ratings(media, fold, parameters)
    except _NotKeptError:
        return False
    return True


def _key(fold: int, parameters: Parameters) -> str:
    """Everything that defines the ratings of one fold."""
    from omnibench.assets.finding import digest
    from omnibench.features.device import metric_device
    from omnibench.metrics.sound.utmosv2_extractor import asset_name
    from omnibench.metrics.sound.voice_active import NAME

    heard = NAME if parameters["audio"] == "voice-active" else f"file, quiet {parameters['remove_silent_section']}"
    looks = f"{parameters['repetitions']} looks from seed {parameters['seed']}"
    return f"utmosv2-2@{digest(asset_name(fold))}|{heard}|{looks}|{metric_device()}"


def _utmosv2(spec: MetricSpec, protocols: tuple[str, ...] = (), audit: Sequence[Rule] = ()) -> Metric:
    """Mean over dialogues of the predicted rating.

    Parameters: ``audio`` is ``file`` (paper) or ``voice-active`` (strict); ``remove_silent_section`` for ``file``;
    ``folds`` (1 to 4 can be added; each is a file of its own), ``repetitions`` and ``seed``.
    """
    return Metric(
        spec,
        rated,
        Mean(nothing="the human listeners say nothing in these dialogues"),
        all_rated,
        parameters={"audio": "voice-active", "folds": [0], "repetitions": 5, "seed": 42},
        protocols=protocols,
        audit=audit,
    )


_Spec = partial(
    MetricSpec,
    direction="higher",
    needs=("audio",),
    section="5 (Evaluation Metrics), Table 2",
    worst=WORST,
    decimals=2,
    # A regression on ratings of 1 to 5: of silence it may say a little less than 1 (under strict that counts as 1).
    minimum=0.0,
    maximum=5.0,
    family="voice",
)

utmosv2 = _utmosv2(
    _Spec(
        name="utmosv2",
        title="UTMOSv2",
        summary="predicted naturalness of the answers' speech",
        definition="How natural people would rate the answers' speech, 1 to 5, as UTMOSv2 predicts.",
        pitfalls="Hears noise, artefacts and robotic voices; deaf to what is said and to when. Under paper whole files "
        "are rated, mostly silence for a listener, with one random look; the human listener scores only 1.56 there.",
        order=200,
    ),
    audit=QUALITY,
)
utmosv2_filtered = _utmosv2(
    _Spec(
        name="utmosv2_filtered",
        title="UTMOSv2 (filtered)",
        summary="UTMOSv2 with the package's removal of quiet stretches in effect",
        definition="UTMOSv2 as the paper's script runs it, with the package's removal of quiet stretches really in "
        "effect.",
        pitfalls="The filter drops quiet recordings whole; which dialogues are left is part of the number. Not what "
        "the paper reports.",
        order=210,
    ),
    ("paper",),
)
