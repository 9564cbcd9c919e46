"""When the answers speak, how soon, and whether lips and voice go together; the human listener's own figures beside
them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.quality.figures import Figure, resampled
from omnibench.errors import MetricError
from omnibench.features.activity import speech_spans
from omnibench.features.media import Media, listener_media
from omnibench.features.turns import outside, spoken_seconds, units_of
from omnibench.metrics.base import Metric, Parameters, PredictionSample, Statistics
from omnibench.metrics.lips.lip_lag import lip_lag
from omnibench.metrics.lips.opening import aperture
from omnibench.metrics.turns.answered import answered_2s
from omnibench.metrics.turns.false_speech import false_speech
from omnibench.metrics.turns.floor_transfer import floor_transfer_offset
from omnibench.metrics.turns.talk_ratio import talk_ratio
from omnibench.types import Audio, Dialogue, Face, Word

METRICS: Final[tuple[Metric, ...]] = (talk_ratio, answered_2s, floor_transfer_offset, false_speech, lip_lag)


@dataclass(frozen=True, slots=True)
class HumanListener:
    """The recorded listener in the place of an answer."""

    dialogue: Dialogue

    @property
    def text(self) -> str | None:
        """The transcript."""
        return self.dialogue.listener.text

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The words."""
        return self.dialogue.listener.words

    def timed_words(self, pause: float) -> tuple[Word, ...] | None:
        """Nobody doubts when a human began."""
        return self.words

    @property
    def audio(self) -> tuple[Audio, int] | None:
        """Samples and their rate."""
        return self.dialogue.listener.audio(), self.dialogue.sample_rate

    @property
    def face(self) -> Face | None:
        """``(T, 64)``."""
        return self.dialogue.listener.face()

    def face_between(self, start: int, stop: int) -> Face:
        """Frames ``start <= i < stop`` of it."""
        return self.dialogue.listener.face(start, stop)

    @property
    def step_seconds(self) -> NDArray[np.float64] | None:
        """Nobody timed a human."""
        return None

    @property
    def media(self) -> Media:
        """The recorded pictures and sound."""
        return listener_media(self.dialogue)


Pair = tuple[PredictionSample, Dialogue]


def behaviour(pairs: Sequence[Pair], parameters: Mapping[str, Parameters]) -> list[Figure]:
    """The suite's behaviour metrics and two more.

    Args:
        pairs: answer and recording of each dialogue.
        parameters: of each metric in `METRICS`, by name.
    """
    figures = [_metric(metric, pairs, parameters[metric.spec.name]) for metric in METRICS]
    pause = float(parameters["answered_2s"]["pause"])
    humans = [(HumanListener(dialogue), dialogue) for _, dialogue in pairs]
    talking = resampled([(_over(p, pause), p[1].duration) for p in pairs], _a_minute)
    figures.append(
        Figure(
            "speech while the speaker holds the floor",
            _a_minute([(_over(p, pause), p[1].duration) for p in pairs]),
            "s/min",
            human=_a_minute([(_over(p, pause), p[1].duration) for p in humans]),
            interval=talking,
            count=len(pairs),
            counted="dialogues",
        )
    )
    figures.append(_voice_ratio(pairs))
    figures.append(_opening(pairs, humans))
    return figures


def _metric(metric: Metric, pairs: Sequence[Pair], parameters: Parameters) -> Figure:
    spec = metric.spec
    statistics = [metric.sample(prediction, dialogue, parameters) for prediction, dialogue in pairs]
    human = [metric.sample(HumanListener(dialogue), dialogue, parameters) for _, dialogue in pairs]

    def aggregate(some: Sequence[Statistics]) -> float:
        return metric.aggregate(some, parameters)

    try:
        value = aggregate(statistics)
    except MetricError as error:
        return Figure(spec.name, None, spec.unit, human=_or_none(metric, human, parameters), note=str(error))
    return Figure(
        spec.name,
        value,
        spec.unit,
        human=_or_none(metric, human, parameters),
        interval=resampled(statistics, aggregate),
        count=sum(metric.sample_value(s) is not None for s in statistics),
        counted="dialogues",
        note=spec.summary,
    )


def _or_none(metric: Metric, statistics: Sequence[Statistics], parameters: Parameters) -> float | None:
    try:
        return metric.aggregate(statistics, parameters)
    except MetricError:
        return None


def _over(pair: Pair, pause: float) -> float:
    """Seconds spoken inside the speaker's units."""
    prediction, dialogue = pair
    words = prediction.words or ()
    units = [(u.start, u.end) for u in units_of(dialogue.speaker.words, pause)]
    return spoken_seconds(words) - outside([(w.start, w.end) for w in words], units)


def _a_minute(parts: Sequence[tuple[float, float]]) -> float:
    return 60.0 * sum(seconds for seconds, _ in parts) / sum(duration for _, duration in parts)


def _voice_ratio(pairs: Sequence[Pair]) -> Figure:
    """The talk ratio as heard: seconds of speech in the sound, whatever the words' times say."""
    heard = [(_voiced(prediction), _voiced(HumanListener(dialogue))) for prediction, dialogue in pairs]

    def ratio(some: Sequence[tuple[float, float]]) -> float:
        return sum(a for a, _ in some) / sum(b for _, b in some)

    name, note = "talk ratio by sound", "seconds of speech in the audio over the human listener's"
    if sum(b for _, b in heard) == 0:
        return Figure(name, None, note="the human listeners are not heard in these dialogues")
    return Figure(
        name,
        ratio(heard),
        human=1.0,
        interval=resampled(heard, ratio),
        count=len(pairs),
        counted="dialogues",
        note=note,
    )


def _voiced(sample: PredictionSample) -> float:
    samples, rate = sample.audio or (np.zeros(0, np.float32), 1)
    return sum(span.end - span.start for span in speech_spans(samples, rate))


def _opening(pairs: Iterable[Pair], humans: Iterable[Pair]) -> Figure:
    """How much further the lips are open while there is speech than while there is none."""
    name, note = "lips in speech against silence", "mean aperture while speaking over mean aperture while silent"
    value = _opening_ratio(pairs)
    if value is None:
        return Figure(name, None, note="the answers are never, or never not, heard to speak")
    return Figure(name, value, human=_opening_ratio(humans), note=note)


def _opening_ratio(pairs: Iterable[Pair]) -> float | None:
    speaking: list[NDArray[np.float64]] = []
    silent: list[NDArray[np.float64]] = []
    for sample, dialogue in pairs:
        if sample.face is None or sample.audio is None:
            continue
        lips = aperture(sample.face)
        times = np.arange(len(lips)) / float(dialogue.fps)
        heard = np.zeros(len(lips), dtype=bool)
        for start, end in speech_spans(*sample.audio):
            heard |= (times >= start) & (times < end)
        speaking.append(lips[heard])
        silent.append(lips[~heard])
    loud, quiet = np.concatenate(speaking or [np.zeros(0)]), np.concatenate(silent or [np.zeros(0)])
    return float(loud.mean() / quiet.mean()) if loud.size and quiet.size and quiet.mean() > 0 else None
