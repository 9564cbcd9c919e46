"""Listeners that take their time: `Slowed` is any other model with a busy wait in each step, and the others try to have
their work not counted. ``--model tests/support/slowed.py:Slowed --set model=lstm --set factor=1.9``.
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from listeners import card

from omnibench.responder import ModelOptions, Responder, Session, find_model
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word


def work(seconds: float) -> None:
    """Take that much of a processor."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


class Slowed:
    """Another model, whose steps take ``factor`` frames each, as far as they did not anyway: of a processor, or
    ``idle``, as one takes that waits for an accelerator.
    """

    card = card("slowed")

    def __init__(self, model: str, factor: float = 1.9, idle: bool = False) -> None:
        built = find_model(model).build(ModelOptions())
        assert isinstance(built, Responder)
        self.model, self.factor, self.spend = built, factor, time.sleep if idle else work
        self.card = replace(built.card, name=f"{built.card.name}-slowed", kind="online")

    def open(self, context: DialogueContext) -> SlowedSession:
        return SlowedSession(self.model.open(context), self.factor / float(context.fps), self.spend)


class SlowedSession:
    """Answers as the other one does, no sooner than after ``seconds``."""

    def __init__(self, session: Session, seconds: float, spend: Callable[[float], None]) -> None:
        self.session, self.seconds, self.spend = session, seconds, spend

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        begin = time.thread_time()
        answer = self.session.step(frame)
        self.spend(max(0.0, self.seconds - (time.thread_time() - begin)))
        return answer

    def close(self) -> None:
        self.session.close()


class Counting:
    """Shows the number of the frame that it answers, sounds it, and says it once a second; each step costs ``cost``
    frames and opening ``opening`` seconds, in the open or hidden by those derived from it.
    """

    card = card("counting")

    def __init__(self, cost: float = 0.0, opening: float = 0.0) -> None:
        self.cost, self.opening = cost, opening

    def open(self, context: DialogueContext) -> Counting:
        self.context = context
        work(self.opening)
        return self

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        self.spend(self.cost / float(self.context.fps))
        i, context = frame.index, self.context
        face = np.full(64, i / 1000, np.float32)
        count = context.samples_before(i + 2) - context.samples_before(i + 1)
        audio = np.full(count, (i % 100 + 1) / 128, np.float32)
        words = ()
        if i % 25 == 24:
            words = (Word(f"n{i}", (i - 8) / float(context.fps), i / float(context.fps)),)
        return ListenerFrame(face=face, audio=audio, words=words)

    def spend(self, seconds: float) -> None:
        work(seconds)

    def close(self) -> None:
        pass


class Hiding(Counting):
    """Answers at once and works on where it hopes that nobody looks: in the first dialogue in a thread, in the next in
    a child, then in a daemon, whose parent is gone, and in the last one in children that end without a trace.
    """

    def __init__(self, cost: float) -> None:
        super().__init__(cost)
        self.ways = [self.in_a_thread, self.in_a_child, self.in_a_daemon, self.without_a_trace]

    def open(self, context: DialogueContext) -> Counting:
        self.way = self.ways.pop(0)
        return super().open(context)

    def spend(self, seconds: float) -> None:
        self.way(seconds)

    def in_a_thread(self, seconds: float) -> None:
        threading.Thread(target=work, args=(seconds,), daemon=True).start()

    def in_a_child(self, seconds: float) -> None:
        if not os.fork():
            work(seconds)
            os._exit(0)

    def in_a_daemon(self, seconds: float) -> None:
        child = os.fork()
        if not child:
            os.setsid()
            if not os.fork():
                work(seconds)
            os._exit(0)
        os.waitpid(child, 0)

    def without_a_trace(self, seconds: float) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.in_a_child(seconds)


class Crowding(Counting):
    """Waits for something elsewhere, and for half of that time lets its first thread wait for the one processor that
    its own child has, or in the next dialogue its own thread, and that it leaves to them: as on a busy machine.
    """

    def __init__(self, cost: float) -> None:
        super().__init__(cost)
        self.ways = [self.behind_a_child, self.behind_a_thread]

    def open(self, context: DialogueContext) -> Counting:
        self.way = self.ways.pop(0)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        return super().open(context)

    def spend(self, seconds: float) -> None:
        time.sleep(seconds / 2)
        self.way(seconds / 2)

    def behind_a_child(self, seconds: float) -> None:
        child = os.fork()
        if not child:
            work(seconds)
            os._exit(0)
        os.setpriority(os.PRIO_PROCESS, 0, 19)
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            pass

    def behind_a_thread(self, seconds: float) -> None:
        """Where its first thread is not kept from running by Python's lock."""
        zeros = bytes(100_000_000)
        thread = threading.Thread(target=lambda: hashlib.sha256(zeros))
        thread.start()
        while thread.is_alive():
            hashlib.sha256(memoryview(zeros)[:1_000_000])
