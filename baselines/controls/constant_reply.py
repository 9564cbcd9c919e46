"""``constant_reply``: says the same thing whenever the speaker comes to a stop. The best single reply there is.

Which one was chosen on the train split alone, by ``python -m baselines.controls.choose_reply``: the listener turn
whose words have the highest mean ROUGE-L against all other dialogues' listeners. Its voice and face are the recording
it comes from. A metric on which it beats a model says that the model has not learnt to listen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from baselines.controls.entry import ControlEntry
from omnibench.media.face import EXPRESSION, neutral_face
from omnibench.responder import ModelCard
from omnibench.types import Audio, DialogueContext, Face, ListenerFrame, SpeakerFrame, Word

CARD = ModelCard(
    name="constant_reply",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary="The same recorded reply whenever the speaker stops, chosen on the train split.",
    inputs=("audio",),
    licence="Apache-2.0",
    trained_on=("mini",),
    group="Controls",
)
STORED = Path(__file__).with_suffix(".json")
PAUSE_SECONDS = 0.6
SPEECH_SECONDS = 0.3
LOUD = 0.01
"""Root mean square above which a frame of the speaker counts as speech: -40 dB of full scale."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A recorded turn: words relative to its start, samples at ``sample_rate``, faces ``(k, 64)`` at ``fps``."""

    words: tuple[Word, ...]
    audio: Audio
    sample_rate: int
    face: Face
    fps: Fraction

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return len(self.audio) / self.sample_rate

    def audio_at(self, rate: int) -> Audio:
        """The samples at another rate."""
        if rate == self.sample_rate:
            return self.audio
        from scipy.signal import resample_poly

        ratio = Fraction(rate, self.sample_rate)
        resampled: Audio = resample_poly(self.audio, ratio.numerator, ratio.denominator).astype(np.float32)
        return resampled


@cache
def stored_reply(stored: Path = STORED) -> Reply:
    """The reply that `choose_reply` left beside a control."""
    from omnibench.media.audio import audio_info, read_audio

    record = json.loads(stored.read_text(encoding="utf-8"))
    voice = stored.with_suffix(".flac")
    with np.load(stored.with_suffix(".npz"), allow_pickle=False) as arrays:
        face = arrays["face"].astype(np.float32)
    words = tuple(Word(word["text"], word["start"], word["end"]) for word in record["words"])
    return Reply(words, read_audio(voice), audio_info(voice).sample_rate, face, Fraction(record["fps"]))


class ConstantReplySession:
    """Waits for the speaker to stop and replies; deaf while it speaks."""

    def __init__(self, context: DialogueContext, reply: Reply) -> None:
        self._context, self._reply = context, reply
        self._audio = reply.audio_at(context.sample_rate)
        self._rest = neutral_face() if context.initial_face is None else context.initial_face
        self._heard_speech = self._heard_pause = 0
        self._began: int | None = None
        self._said = 0

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """One frame of waiting or of the reply."""
        if self._began is None and self._speaker_has_stopped(frame):
            self._began, self._said = frame.index + 1, 0
        if self._began is None:
            return ListenerFrame(face=self._rest, audio=np.zeros(self._samples(frame.index + 1), np.float32))
        answer = self._reply_frame(frame.index + 1, self._began)
        if (frame.index + 1 - self._began) / self._context.fps >= self._reply.seconds:
            self._began = None
        return answer

    def close(self) -> None:
        """Nothing to free."""

    def _samples(self, index: int) -> int:
        return self._context.samples_before(index + 1) - self._context.samples_before(index)

    def _speaker_has_stopped(self, frame: SpeakerFrame) -> bool:
        """Whether enough speech was followed by enough quiet; forgets what it heard when it says yes."""
        fps = self._context.fps
        if len(frame.audio) and float(np.sqrt(np.mean(frame.audio**2))) > LOUD:
            self._heard_speech, self._heard_pause = self._heard_speech + 1, 0
        else:
            self._heard_pause += 1
        stopped = self._heard_speech >= SPEECH_SECONDS * fps and self._heard_pause >= PAUSE_SECONDS * fps
        if stopped:
            self._heard_speech = self._heard_pause = 0
        return stopped

    def _reply_frame(self, index: int, began: int) -> ListenerFrame:
        context, reply = self._context, self._reply
        offset = context.samples_before(index) - context.samples_before(began)
        audio = self._audio[offset : offset + self._samples(index)]
        source = int((index - began) * reply.fps / context.fps)
        face = self._rest.copy()
        if source < len(reply.face):
            face[EXPRESSION] = reply.face[source, EXPRESSION]
        return ListenerFrame(
            face=face,
            audio=np.pad(audio, (0, self._samples(index) - len(audio))),
            words=self._finished(float(index / context.fps), float(began / context.fps)),
        )

    def _finished(self, now: float, began: float) -> tuple[Word, ...]:
        finished = []
        while self._said < len(self._reply.words) and began + self._reply.words[self._said].end <= now:
            word = self._reply.words[self._said]
            finished.append(Word(word.text, began + word.start, began + word.end))
            self._said += 1
        return tuple(finished)


class ConstantReply:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> ConstantReplySession:
        """Start to wait."""
        return ConstantReplySession(context, stored_reply())


entry = ControlEntry(CARD, ConstantReply)
