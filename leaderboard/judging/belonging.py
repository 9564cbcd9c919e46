"""Whether the parts of answers belong to one another and to the model: words to sound, lips to sound, sound to nobody
else. Judged over a split, where what one short answer hides is seen.

A part that a model does not answer with is looked for nowhere: a model without sound, without words, or whose answers
are silent and say nothing claims nothing that could be missing. Thresholds were fixed on the val splits of ``mini`` and
``studio`` alone, between the people and six attacks (`tests/benchmarks/bench_belonging.py` prints both again).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leaderboard.judging.other_words import Texts
from leaderboard.judging.sound_and_words import FURTHEST, REACH, Delay, unheard, wordless
from omnibench.errors import InputError, MissingError
from omnibench.features.activity import HOP, loud_spans, media_levels
from omnibench.features.heard import unit_texts
from omnibench.features.store import FeatureStore
from omnibench.features.voice import HEARING, media_voice
from omnibench.metrics.lips.lag import lag_scores
from omnibench.metrics.lips.opening import aperture
from omnibench.metrics.lips.sync_rules import LEAST_SPEECH
from omnibench.predictions.folder import PredictedDialogue
from omnibench.types import Dialogue

LEAST: Final = 3
"""Dialogues in which a part can be judged; with fewer no flag is raised."""
PAUSE: Final = 0.5
UNHEARD: Final = 0.25
"""Of the claimed words. People: 0; silence and noise: 1."""
WORDLESS: Final = 0.7
"""Of the energy, mean over dialogues. People: 0; lstm, whose voice is rough: .38; noise: 1."""
DELAY_SECONDS: Final = 0.2
DELAY_LEAST: Final = 0.4
"""Correlation at the lag, without which there is none. People: .86 at 0 s; sound 500 ms late: .85 at .48 s; words of
another dialogue: .14 at any."""
WRONG: Final = 0.6
"""Word error rate. People: .12; words of another dialogue: 1.06 and more."""
NEARER: Final = 0.65
"""Of the pairs. People: 1.00; omniresponse and lstm, whose voices few would understand: .84, .71; words of another
dialogue: .58 and less."""
FOLLOWED: Final = 0.2
"""Correlation of the lips' opening and loudness, at the best lag of the mean. People: .71; another dialogue's face: .04
and less; lips that stand still: 0."""
LIPS_SECONDS: Final = 0.25

Flagged = dict[str, Any]
KINDS: Final = (
    "said_without_sound",
    "sound_without_words",
    "sound_off_words",
    "sound_says_other_words",
    "lips_off_sound",
)


@dataclass
class Belonging:
    """Takes the dialogues of a split one after the other. ``features`` are the networks' views of the sounds."""

    features: FeatureStore = field(default_factory=FeatureStore)
    said: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By dialogue: words that are not heard, and words that are claimed."""
    alone: dict[str, float] = field(default_factory=dict)
    """By dialogue: the share of the sound's energy without words."""
    delay: Delay = field(default_factory=Delay.none)
    texts: Texts = field(default_factory=Texts)
    lips: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """By dialogue: `omnibench.metrics.lips.lag.lag_scores`."""
    missing: str = ""
    """Why no word is recognised on this machine."""
    silent: bool = True
    """No answer has a part for sound; ``wordless``, for words; ``faceless``, for a face."""
    wordless: bool = True
    faceless: bool = True

    def add(self, answer: PredictedDialogue, reference: Dialogue) -> None:
        """Look at one dialogue's answer."""
        words, face = answer.words, answer.face
        self.wordless &= words is None
        self.faceless &= face is None
        if answer.audio is None:
            return
        self.silent = False
        level = media_levels(answer.media, self.features)
        if words is not None:
            voice = media_voice(answer.media, self.features)
            self.said[answer.id] = unheard(words, voice), len(words)
            self.delay.add(words, voice, len(level) * HOP)
            if (share := wordless(level, words, voice)) is not None:
                self.alone[answer.id] = share
            if words:
                self._recognise(answer)
        spans = loud_spans(level)
        if face is not None and sum(span.end - span.start for span in spans) >= LEAST_SPEECH:
            try:
                self.lips[answer.id] = lag_scores(aperture(np.nan_to_num(face)), reference.fps, level, spans)
            except InputError:
                # Texts alone have no frames.
                return

    def lips_follow(self) -> float:
        """The highest mean correlation of lips and loudness at a lag within a quarter of a second, in [-1, 1]; one
        dialogue with both at least.
        """
        mean = np.mean(list(self.lips.values()), axis=0)
        return float(mean[_near(mean)].max())

    def flags(self) -> list[Flagged]:
        """Those that are raised (fields of `leaderboard.entry.schema.Flag`)."""
        judged = {kind: judge() for kind, judge in self._judges() if self._unlooked(kind) is None}
        return [flag for flag in judged.values() if flag is not None]

    def checks(self) -> dict[str, str]:
        """What was looked for, by kind of flag."""
        return {kind: self._unlooked(kind) or "checked" for kind in KINDS}

    def _judges(self) -> Iterator[tuple[str, Callable[[], Flagged | None]]]:
        return zip(KINDS, (self._unsounded, self._alone, self._late, self._other_words, self._lips), strict=True)

    def _unlooked(self, kind: str) -> str | None:
        """Why a flag cannot be looked for; None where it can."""
        if self.silent:
            return "not looked for: the model answers without sound"
        if kind == "lips_off_sound":
            if self.faceless:
                return "not looked for: the model answers without a face"
            return _too_few(len(self.lips), "hold sound to lips")
        if self.wordless or not any(claimed for _, claimed in self.said.values()):
            return "not looked for: the model claims no words"
        if kind == "sound_without_words":
            return _too_few(len(self.alone), "hold a sound")
        if kind == "sound_says_other_words":
            return f"not looked for: {self.missing}" if self.missing else self.texts.unlooked()
        return _too_few(sum(claimed > 0 for _, claimed in self.said.values()), "hold words")

    def _recognise(self, answer: PredictedDialogue) -> None:
        if self.missing:
            return
        try:
            texts = unit_texts(answer.media, self.features, HEARING, PAUSE)
        except MissingError as error:
            self.missing = str(error)
            return
        self.texts.add(answer.id, answer.text or "", " ".join(texts))

    def _unsounded(self) -> Flagged | None:
        lost, claimed = (sum(column) for column in zip(*self.said.values(), strict=True))
        if lost < UNHEARD * claimed:
            return None
        names = [name for name, (missed, words) in self.said.items() if words and missed >= UNHEARD * words]
        message = f"Of {claimed} words that are claimed, {lost} have no voice within {REACH:g} s in the sound."
        return {"kind": "said_without_sound", "message": message, "dialogues": names}

    def _alone(self) -> Flagged | None:
        share = float(np.mean(list(self.alone.values())))
        if share < WORDLESS:
            return None
        names = [name for name, own in self.alone.items() if own >= WORDLESS]
        message = (
            f"On average {share:.0%} of the sound's energy in {len(self.alone)} dialogues is no voice, or a voice "
            f"where no word is claimed within {REACH:g} s."
        )
        return {"kind": "sound_without_words", "message": message, "dialogues": names}

    def _late(self) -> Flagged | None:
        lag, there, straight = self.delay.found()
        if abs(lag) < DELAY_SECONDS or there < DELAY_LEAST:
            return None
        message = (
            f"The sound is {abs(lag):.2f} s {'later' if lag > 0 else 'earlier'} than its words say: there words and "
            f"voice correlate by {there:.2f}, without a lag by {straight:.2f} (looked for within {FURTHEST:g} s, over "
            "all dialogues)."
        )
        return {"kind": "sound_off_words", "message": message, "dialogues": [n for n, (_, w) in self.said.items() if w]}

    def _other_words(self) -> Flagged | None:
        rate, nearer = self.texts.error_rate(), self.texts.nearer_than_others()
        if rate < WRONG or nearer >= NEARER:
            return None
        message = (
            f"A recogniser hears other words than those that are claimed (word error rate {rate:.0%}), and what it "
            f"hears is nearer to a dialogue's own words than to another's in {nearer:.0%} of all pairs, where chance "
            "makes half."
        )
        names = self.texts.wrong(WRONG)
        return {"kind": "sound_says_other_words", "message": message, "dialogues": names}

    def _lips(self) -> Flagged | None:
        best = self.lips_follow()
        if best >= FOLLOWED:
            return None
        names = [name for name, own in self.lips.items() if own[_near(own)].max() < FOLLOWED]
        message = (
            f"The lips do not follow the sound: over {len(self.lips)} dialogues their opening and its loudness "
            f"correlate by {best:.2f} at best, within {LIPS_SECONDS:g} s."
        )
        return {"kind": "lips_off_sound", "message": message, "dialogues": names}


def _near(scores: NDArray[np.float64]) -> slice:
    middle, reach = scores.size // 2, round(LIPS_SECONDS / HOP)
    return slice(middle - reach, middle + reach + 1)


def _too_few(found: int, what: str) -> str | None:
    return None if found >= LEAST else f"not looked for: {found} dialogues {what}, and it takes {LEAST}"
