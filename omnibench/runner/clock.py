"""The clock: hands a model one speaker frame at a time and plays its answers one frame later.

Time is virtual: a slow model gets the same answers as a fast one, its seconds are measured beside them, and what they
would cost is worked out of the files (`omnibench.runner.pacing`); a clock that waits, for each frame until it is
complete, gives no other answers either. Frame 0 of
the answer is the listener's initial face (or a neutral one) in silence; the answer to frame ``i`` plays from frame
``i + 1`` on; the answer to the last frame would play after the clip and is not kept. Where a recording has an
insertion, the speaker turns to it once the listener was heard (`omnibench.runner.insertion`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibench.conditions.base import Damage, differ
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError
from omnibench.files.records import Lateness
from omnibench.media.face import neutral_face
from omnibench.responder import ModelCard
from omnibench.runner.answers import check_words, checked_answer, model_error
from omnibench.runner.insertion import SpeakerSide
from omnibench.runner.queues import AudioQueue, HeldQueue
from omnibench.runner.stopwatch import Stopwatch
from omnibench.system.process_tree import Spent, own_spent
from omnibench.types import (
    Audio,
    Dialogue,
    DialogueContext,
    Face,
    Image,
    ListenerFrame,
    SpeakerFrame,
    Word,
)

Step = Callable[[SpeakerFrame], ListenerFrame]


@dataclass(frozen=True, slots=True)
class PlayedFrame:
    """What is seen and heard of the listener during frame ``index``; parts that the model does not have are None.

    ``image`` is None as well until the model's first picture.
    """

    index: int
    face: Face | None
    audio: Audio | None
    image: Image | None


class Player:
    """One dialogue between the recorded speaker and a model, advanced one frame at a time.

    Args:
        dialogue: the recording; only its speaker is read.
        context: what the model was opened with.
        card: the model's; its outputs decide which parts are played.
        transcript: when the speaker's words become known.
        play: receives frames ``0 … frames - 1`` of the answer, in order; ``words`` gathers what was said, and
            ``word_steps`` the step that handed each word over.
        spent: the processor time that the model has taken so far, and how long it waited for one.
        damage: what becomes of the speaker's frames on their way to the model; nothing where None.
        waits: whether each frame is handed over no earlier than it is complete by the wall clock, the first one when
            the dialogue is opened.

    Raises:
        InputError: a dialogue without frames.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        context: DialogueContext,
        card: ModelCard,
        transcript: Transcript,
        play: Callable[[PlayedFrame], None],
        spent: Callable[[], Spent] = own_spent,
        damage: Damage | None = None,
        waits: bool = False,
    ) -> None:
        self.frames, self._spent = dialogue.frames, spent
        self._stopwatch = Stopwatch(dialogue.frames, dialogue.fps, waits)
        if not self.frames:
            raise InputError(f"Dialogue {dialogue.id}: no frames in it; expected one at least.")
        self.words: list[Word] = []
        self.word_steps: list[int] = []
        self.context, self._card, self._play = context, card, play
        self._speaker = SpeakerSide(dialogue, transcript, "image" in card.inputs)
        initial = neutral_face() if context.initial_face is None else np.array(context.initial_face, np.float32)
        self._faces: HeldQueue[Face] = HeldQueue(initial)
        self._images: HeldQueue[Image] = HeldQueue(None)
        self._audio = AudioQueue()
        self._damage = damage
        self.damaged = None if damage is None else 0
        """Frames so far in which the damage changed what the model reads; None without one."""
        self._handed = {part: np.zeros(self.frames, np.int64) for part in ("face", "audio", "image")}
        self._last_word = (0.0, 0.0)
        self._word_delay = 0
        self._show(0, silent=True)

    def advance(self, step: Step) -> bool:
        """Hand the next speaker frame to ``step`` and play the answer's frame; False when there is no next one.

        Raises:
            ModelFailure: the step raised, or its answer is not valid.
            InputError: the recording cannot be read.
        """
        frame = self.listen()
        if frame is None:
            return False
        self._stopwatch.wait(frame.index)
        before, begin = self._spent(), time.perf_counter()
        self._stopwatch.begun(frame.index, begin, before.processor)
        try:
            answer: object = step(frame)
        except (Exception, SystemExit) as error:
            raise model_error(f"step {frame.index}", error) from error
        end, after = time.perf_counter(), self._spent()
        self._stopwatch.ended(frame.index, end, after.processor)
        spent = after.since(before)
        self.answer(frame.index, answer, end - begin, spent)
        return True

    def opened(self, begin: float, end: float, before: Spent) -> None:
        """Note that the model opened this dialogue, and no other, from ``begin`` to ``end`` on ``time.perf_counter``,
        and what it had spent ``before``.
        """
        self._stopwatch.opened(begin, end, before, self._spent())

    def listen(self) -> SpeakerFrame | None:
        """The next speaker frame, which ``answer`` has to follow; None when there is none.

        Raises:
            InputError: the recording cannot be read.
        """
        frame = self._speaker.next()
        if frame is None or self._damage is None or self.damaged is None:
            return frame
        got = self._damage(frame, self._heard)
        self.damaged += differ(frame, got, self._card.inputs)
        return got

    def answer(self, index: int, answer: object, seconds: float, spent: Spent) -> None:
        """Play what a model answered to frame ``index`` after ``seconds``, of which ``spent`` says what they were.

        Raises:
            ModelFailure: the answer is not valid.
        """
        self._stopwatch.took(index, seconds, spent)
        self._accept(checked_answer(answer, self._card, index), index)
        if index + 1 < self.frames:
            self._show(index + 1)

    def timing(self, open_seconds: float, load: tuple[float, float]) -> Mapping[str, NDArray[np.generic]]:
        """What the run keeps of the dialogue's times.

        What a `Stopwatch` holds, ``open_seconds``, ``word_steps`` ``(W,)``: the step in which each word was received;
        ``handed_<part>`` ``(T,)``: the items of a part that came with each answer; ``load`` ``(2,)``: the machine's,
        before and after. What a system does not count is left out.
        """
        handed = {f"handed_{part}": counts for part, counts in self._handed.items() if part in self._card.outputs}
        kept = {
            **self._stopwatch.times(),
            "open_seconds": np.array(open_seconds),
            "word_steps": np.array(self.word_steps, np.int64),
            **handed,
            "load": np.array(load, np.float64),
        }
        return {name: values for name, values in kept.items() if np.isfinite(values).all()}

    @property
    def inserted(self) -> int | None:
        """The frame from which on the speaker was the insertion's; None where it was not reached."""
        return self._speaker.inserted

    @property
    def lateness(self) -> Lateness:
        """How late the answers ran so far."""
        rate, fps = self.context.sample_rate, self.context.fps
        has = {part: part in self._card.outputs for part in ("face", "audio", "image")}
        # Of data without recorded pictures a replayed person hands over none, and the face is drawn instead.
        has["image"] &= not has["face"] or bool(self._handed["image"].any())
        return Lateness(
            face=self._faces.late * has["face"],
            audio=self._audio.late * has["audio"],
            image=self._images.late * has["image"],
            face_unplayed=len(self._faces),
            audio_unplayed=int(len(self._audio) * fps / rate),
            image_unplayed=len(self._images),
            words=self._word_delay,
        )

    def _accept(self, answer: ListenerFrame, step: int) -> None:
        fps = self.context.fps
        self._last_word = check_words(answer.words, float((step + 1) / fps), self._last_word, step)
        for word in answer.words:
            self._word_delay = max(self._word_delay, step - Transcript().frame_of(word, fps))
        self.words.extend(answer.words)
        self.word_steps.extend([step] * len(answer.words))
        for part, counts in self._handed.items():
            items = getattr(answer, part)
            counts[step] = 0 if items is None else len(items)
        if step + 1 == self.frames:
            return
        if answer.face is not None:
            self._faces.push(answer.face)
        if answer.audio is not None:
            self._audio.push(answer.audio)
        if answer.image is not None:
            self._images.push(answer.image)

    def _show(self, index: int, *, silent: bool = False) -> None:
        outputs, context = self._card.outputs, self.context
        count = context.samples_before(index + 1) - context.samples_before(index)
        face = self._faces.last if silent else self._faces.play()
        image = self._images.last if silent else self._images.play()
        audio = self._heard = np.zeros(count, np.float32) if silent else self._audio.play(count)
        self._speaker.hear(index, audio)
        self._play(
            PlayedFrame(
                index,
                face if "face" in outputs else None,
                audio if "audio" in outputs else None,
                image if "image" in outputs else None,
            )
        )
