"""Who holds the floor in a dialogue, under a protocol's rules: what every metric of turns starts from.

Each is measured twice. As *said*: by the words and times that the model claims. As *heard* (``heard_`` before its
name): by the sound alone, of speaker, human listener and model, as a voice-activity detector has it
(`omnibench.features.voice`). A heard unit of the model takes a turn where a recogniser finds a word in it; one without
a word is a backchannel if it is as short as one and leaves the floor with the speaker, and no answer otherwise: a hum
answers nothing. Words that are claimed and not sounded, or sounded later than claimed, are the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, Protocol

from omnibench.features.heard import RECOGNISER, spoken_units, unit_texts
from omnibench.features.media import Media, voice_media
from omnibench.features.turns import LONGEST_GAP, Floor, Unit, floor_of, units_of
from omnibench.features.voice import HEARING, media_voice
from omnibench.metrics.base import (
    Aggregation,
    Metric,
    MetricSpec,
    Parameters,
    PredictionSample,
    Rule,
    Statistics,
    ignore,
    may,
)
from omnibench.metrics.text.word_error import normalise
from omnibench.types import Dialogue, Word

Who = Literal["speaker", "human", "own"]
"""The recorded speaker, the human listener, and the model."""

RULES: Final = {
    "rules": 2,
    "pause": 0.5,
    "backchannel_seconds": 1.0,
    "backchannel_words": 3,
    "longest": LONGEST_GAP,
}
"""A pause of half a second ends a unit of speech; a backchannel is short and leaves the floor with the other person; an
answer comes within five seconds. ``rules`` numbers the definitions: 2 has no backchannels of the speaker among the
turns, pairs by best assignment and no later answers, which 1 had not.
"""

TurnSpec = partial(MetricSpec, needs=("words",), section="5 (behaviour; not in the paper)", decimals=2, family="turns")


class Talk(Protocol):
    """Who speaks when in one dialogue."""

    @property
    def minutes(self) -> float:
        """How long the dialogue lasts."""

    def units(self, who: Who) -> tuple[Unit, ...]:
        """One person's units of speech; the model's begin at the times that count for turns."""

    def spans(self, who: Who) -> Sequence[tuple[float, float]]:
        """Where one person speaks, ``(start, end)`` in seconds, pauses between words left out."""


Measure = Callable[[Talk, Parameters], Statistics]


@dataclass(frozen=True, slots=True)
class Said:
    """By the words and their times."""

    prediction: PredictionSample
    reference: Dialogue
    parameters: Parameters

    @property
    def minutes(self) -> float:
        """The recording's."""
        return self.reference.duration / 60.0

    def units(self, who: Who) -> tuple[Unit, ...]:
        """Words joined over pauses shorter than ``pause``; the model's no earlier than received."""
        pause = self.parameters["pause"]
        return units_of((self.prediction.timed_words(pause) or ()) if who == "own" else self._words(who), pause)

    def spans(self, who: Who) -> Sequence[tuple[float, float]]:
        """The words'."""
        return [(word.start, word.end) for word in self._words(who)]

    def _words(self, who: Who) -> Sequence[Word]:
        if who == "own":
            return self.prediction.words or ()
        return (self.reference.speaker if who == "speaker" else self.reference.listener).words


@dataclass(frozen=True, slots=True)
class Heard:
    """By the sound alone."""

    prediction: PredictionSample
    reference: Dialogue
    parameters: Parameters

    @property
    def minutes(self) -> float:
        """The recording's."""
        return self.reference.duration / 60.0

    def units(self, who: Who) -> tuple[Unit, ...]:
        """Stretches joined over pauses shorter than ``pause``, each of one word; the model's of none where the
        recogniser finds none.
        """
        found = spoken_units(self.spans(who), self.parameters["pause"])
        words = [True] * len(found)
        if who == "own":
            values, features = self.parameters.values, self.parameters.features
            texts = unit_texts(self.prediction.media, features, values, self.parameters["pause"])
            words = [bool(normalise(text)) for text in texts]
        return tuple(unit._replace(words=int(word)) for unit, word in zip(found, words, strict=True))

    def spans(self, who: Who) -> Sequence[tuple[float, float]]:
        """The detector's stretches."""
        return media_voice(self._media(who), self.parameters.features, self.parameters.values)

    def _media(self, who: Who) -> Media:
        if who == "own":
            return self.prediction.media
        return voice_media(self.reference, "speaker" if who == "speaker" else "listener")


def floor(talk: Talk, who: Who, parameters: Parameters) -> Floor:
    """The floor between the recorded speaker and a listener: the model or the human.

    Args:
        talk: who speaks when.
        who: ``human`` or ``own``.
        parameters: ``pause`` (s) that ends a unit; ``backchannel_seconds`` and ``backchannel_words``, the most that a
            backchannel lasts and says; ``longest`` (s), after which nothing is answered.
    """
    seconds, most = parameters["backchannel_seconds"], parameters["backchannel_words"]
    partner = None if who == "human" else talk.units("human")
    return floor_of(
        talk.units("speaker"), talk.units(who), parameters["pause"], seconds, most, parameters["longest"], partner
    )


def answers(talk: Talk) -> tuple[Unit, ...]:
    """The model's units that may answer something: those that hold a word."""
    return tuple(unit for unit in talk.units("own") if unit.words)


def said_and_heard(
    spec: MetricSpec,
    measure: Measure,
    aggregation: Aggregation,
    *,
    parameters: Mapping[str, Any],
    audit: Sequence[Rule],
    shifted: Rule | None = None,
    recognised: bool = True,
) -> tuple[Metric, Metric]:
    """The two metrics of one measure, under ``strict`` and what extends it. The heard one comes first.

    Args:
        spec: of the one that is said.
        measure: the statistics of one dialogue.
        aggregation: of both.
        parameters: of both; the heard one has those of hearing too.
        audit: of the one that is said; another dialogue's answer does the same to both.
        shifted: what a voice that comes up to 0.6 s late does to the heard one.
        recognised: whether it asks for the model's units, and so for the words in them.
    """

    def sampled(talk: Callable[[PredictionSample, Dialogue, Parameters], Talk]) -> Any:
        return lambda prediction, reference, own: measure(talk(prediction, reference, own), own)

    said = Metric(spec, sampled(Said), aggregation, parameters=parameters, protocols=("strict",), audit=audit)
    own = replace(
        spec,
        name=f"heard_{spec.name}",
        title=f"{spec.title}, heard",
        needs=("audio",),
        reference_needs=("audio",),
        onsets=False,
        summary=f"by the sound alone: {spec.summary}",
        definition=f"{spec.definition} By the sound alone{', where a recogniser finds a word' if recognised else ''}.",
        order=spec.order - 1,
    )
    shifted = shifted or may("audio_shift", why="at most 0.6 s: it moves few answers over a limit")
    others = [Rule(("other_answer",), rule.expectation) for rule in audit if "other_answer" in rule.damages]
    hearing = {**HEARING, "recogniser": RECOGNISER} if recognised else HEARING
    rules = (shifted, *others, *_HEARD_RULES)
    heard = Metric(
        own, sampled(Heard), aggregation, parameters={**parameters, **hearing}, protocols=("strict",), audit=rules
    )
    return said, heard


_HEARD_RULES: Final = (
    may(
        "audio_noise", "dropouts", why="a voice is heard through noise and holes until it is not, which works both ways"
    ),
    ignore("silence_padding", within=0.02, within_absolute=0.02, why="in silence nobody is heard"),
)
