"""Small listeners of the tests, loaded by path: ``--model tests/support/listeners.py:Echo``. Each is honest unless its
name says otherwise.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from omnibench.media.face import FACE_DIM
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word


def card(name: str, *outputs: str, **more: object) -> ModelCard:
    """A card of a test's listener."""
    return ModelCard(name, "1", "online", outputs or ("face", "audio", "words"), "A listener of the tests.", **more)


class EchoSession:
    """Answers with the speaker's last frame, noise from the context's seed, and a small picture of it."""

    def __init__(self, context: DialogueContext, pictures: bool) -> None:
        self.context, self.pictures = context, pictures
        self.rng = np.random.default_rng([context.seed, int(context.dialogue, 16)])

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        face = frame.face + self.rng.normal(0, 0.01, FACE_DIM).astype(np.float32)
        return ListenerFrame(face, frame.audio, frame.words, self.picture(frame) if self.pictures else None)

    def picture(self, frame: SpeakerFrame) -> np.ndarray:
        image = np.full((64, 64, 3), frame.index % 200, np.uint8)
        image[:32] += (np.abs(frame.face[:32, None, None]) * 50).astype(np.uint8)
        return image

    def close(self) -> None:
        pass


class Echo:
    """Repeats the speaker."""

    card = card("chorus", "face", "audio", "words", "image")

    def __init__(self, sleep: float = 0.0) -> None:
        self.sleep = sleep

    def open(self, context: DialogueContext) -> EchoSession:
        time.sleep(self.sleep)
        return EchoSession(context, pictures=True)


def die_at(left: int, folder: str) -> None:
    """Kill this process at the ``left``-th time that something below ``folder`` is opened, renamed, removed or made."""

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("open", "os.rename", "os.remove", "os.mkdir") and str(arguments[0]).startswith(folder):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


# At import, which is before a run touches its folder.
if "KILL_AT" in os.environ:
    die_at(int(os.environ["KILL_AT"]), os.environ["KILL_BELOW"])


class Failing:
    """Raises in the dialogue whose first face is the highest, half way."""

    card = card("failing", "words")

    def __init__(self, at: int = 20) -> None:
        self.at, self.opened = at, 0

    def open(self, context: DialogueContext) -> FailingSession:
        self.opened += 1
        return FailingSession(self.at if self.opened == 2 else None)


class FailingSession:
    """Says a word a second, and raises at step ``at``."""

    def __init__(self, at: int | None) -> None:
        self.at = at

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        if frame.index == self.at:
            raise RuntimeError("no idea what to say")
        word = (Word("yes.", frame.index / 25, frame.index / 25),) if frame.index % 25 == 0 else ()
        return ListenerFrame(words=word)

    def close(self) -> None:
        pass


class Homebound(Failing):
    """Never fails, but was trained on one data set alone."""

    card = card("homebound", "words", trained_on=("mini",), transfers=False)

    def open(self, context: DialogueContext) -> FailingSession:
        return FailingSession(None)


class Doomed(Failing):
    """Takes its whole process down in every dialogue."""

    card = card("doomed", "words")

    def open(self, context: DialogueContext) -> FailingSession:
        os.kill(os.getpid(), signal.SIGKILL)
        return FailingSession(None)


class Needy(Failing):
    """Cannot be built without a setting."""

    card = card("needy", "words")

    def __init__(self, need: int) -> None:
        super().__init__(need)


class Unmarked:
    """Has no card."""


class Chorus:
    """Opens dialogues together; each says how many they are."""

    card = card("chorus", "words")

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Sequence[ChorusSession]:
        return [ChorusSession(len(contexts)) for _ in contexts]


class ChorusSession:
    """Says its size once."""

    def __init__(self, size: int) -> None:
        self.size = size

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(words=() if frame.index else (Word(str(self.size), 0.0, 0.0),))

    def close(self) -> None:
        pass


class Choir:
    """Echoes of dialogues that are only ever answered together; ``refuses`` the n-th, and ``breaks`` at a step."""

    card = card("choir", "face", "audio", "words", "image")

    def __init__(self, refuses: int = -1, breaks: int = -1) -> None:
        self.refuses, self.breaks, self.known = refuses, breaks, list[str]()

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Ensemble:
        self.known += [context.dialogue for context in contexts if context.dialogue not in self.known]
        if self.refuses in [self.known.index(context.dialogue) for context in contexts]:
            raise ValueError(f"does not sing number {self.refuses}")
        return Ensemble([ChoirSession(context, pictures=True) for context in contexts], self.breaks)


class ChoirSession(EchoSession):
    """Answers alone only where it is alone."""

    alone = True

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        assert self.alone
        return super().step(frame)


class Ensemble(list[ChoirSession]):
    """Steps its sessions."""

    def __init__(self, sessions: Sequence[ChoirSession], breaks: int) -> None:
        super().__init__(sessions)
        self.breaks = breaks
        for session in sessions:
            session.alone = len(sessions) == 1

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        if self.breaks in [frame.index for frame in frames if frame is not None]:
            raise ValueError("out of tune")
        return [
            None if frame is None else EchoSession.step(session, frame)
            for session, frame in zip(self, frames, strict=True)
        ]


class Glutton(Failing):
    """Takes eight gigabytes at step 5 of the first dialogue it opens, all of it for real."""

    card = card("glutton", "words")

    def open(self, context: DialogueContext) -> GluttonSession:
        self.opened += 1
        return GluttonSession(self.opened == 1)


class GluttonSession(FailingSession):
    """Fills memory where ``hungry``."""

    def __init__(self, hungry: bool) -> None:
        super().__init__(None)
        self.hungry = hungry

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        if self.hungry and frame.index == 5:
            np.ones(10**9)
        return super().step(frame)


class Spender(Failing):
    """Cannot say what its second dialogue cost."""

    card = card("spender", "words")

    def open(self, context: DialogueContext) -> SpenderSession:
        self.opened += 1
        return SpenderSession(self.opened == 2)


class SpenderSession(FailingSession):
    """Says a word a second, for nothing or for nobody knows what."""

    def __init__(self, lost: bool) -> None:
        super().__init__(None)
        self.lost = lost

    def account(self) -> dict[str, float]:
        if self.lost:
            raise ValueError("where is the receipt?")
        return {"coins": 0.0}


class Quitter(Failing):
    """Ends its process while it is built."""

    card = card("quitter", "words")

    def __init__(self) -> None:
        os._exit(3)


class Inventory(Failing):
    """Says which files its process has open, as far as they have a name."""

    card = card("inventory", "words")

    def open(self, context: DialogueContext) -> InventorySession:
        return InventorySession()


class InventorySession(FailingSession):
    """Says them at step 10."""

    def __init__(self) -> None:
        super().__init__(None)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        if frame.index != 10:
            return ListenerFrame()
        names = []
        for link in sorted(Path("/proc/self/fd").iterdir()):
            with suppress(FileNotFoundError):  # the one that the listing itself took
                names.append(str(link.readlink()))
        return ListenerFrame(words=tuple(Word(name, 0.1, 0.1) for name in names))


class Slow(Choir):
    """A choir that takes 50 ms to answer all of its dialogues."""

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Ensemble:
        return Dawdling([ChoirSession(context, pictures=False) for context in contexts], -1)


class Dawdling(Ensemble):
    """Steps its sessions after a while."""

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        time.sleep(0.05)
        return super().step_batch(frames)
