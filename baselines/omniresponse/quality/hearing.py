"""What a recogniser hears: the generated voice against its own words, and the codec's round trip beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from baselines.omniresponse.quality.figures import Figure, resampled
from omnibench.errors import MissingError
from omnibench.features.recogniser import NAME, transcribe
from omnibench.metrics.base import PredictionSample
from omnibench.metrics.text.word_error import pooled
from omnibench.types import Audio, Dialogue

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec

Texts = tuple[str, str]


def hearing(pairs: Sequence[tuple[PredictionSample, Dialogue]], codec: Codec) -> list[Figure]:
    """Word error rates of the generated voice, of the human listener's voice through the codec, and of that voice as
    recorded.

    Where the recogniser is not installed, each figure says how to get it.
    """
    kinds = {
        "recogniser WER, generated voice against its own words": _generated(pairs),
        "recogniser WER, codec round trip of the human listener": _human(pairs, codec),
        "recogniser WER, the human listener as recorded": _human(pairs, None),
    }
    figures = []
    for name, texts in kinds.items():
        try:
            figures.append(_rate(name, list(texts)))
        except MissingError as error:
            figures.append(Figure(name, None, note=str(error)))
    return figures


def _rate(name: str, texts: Sequence[Texts]) -> Figure:
    errors = pooled(texts)
    if errors.words == 0:
        return Figure(name, None, note="no word was said")
    return Figure(
        name,
        errors.rate,
        interval=resampled(texts, lambda some: pooled(some).rate),
        count=errors.words,
        counted="words",
        note=f"{errors.substitutions} substituted, {errors.deletions} deleted, {errors.insertions} inserted; {NAME}",
    )


def _generated(pairs: Iterable[tuple[PredictionSample, Dialogue]]) -> Iterable[Texts]:
    for prediction, _ in pairs:
        if prediction.audio is not None and prediction.text is not None:
            yield prediction.text, transcribe(prediction.audio[0])


def _human(pairs: Iterable[tuple[PredictionSample, Dialogue]], codec: Codec | None) -> Iterable[Texts]:
    for _, dialogue in pairs:
        listener = dialogue.listener
        if listener.has_audio and listener.text.strip():
            audio = listener.audio()
            yield listener.text, transcribe(audio if codec is None else round_trip(audio, codec))


def round_trip(audio: Audio, codec: Codec) -> Audio:
    """A track encoded and decoded in its own voice."""
    with torch.inference_mode():
        samples = torch.from_numpy(np.array(audio, np.float32))
        voice = codec.voiceprint(samples)
        decoded: Audio = codec.decode(codec.encode(samples, voice), voice).numpy()
    return decoded[: len(audio)]
