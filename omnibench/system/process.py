"""How a command lives with the system: signals that end it, and standard streams that can break."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final, TextIO

COMPILERS: Final = {"numba", "llvmlite"}


class Ended(BaseException):
    """The process was asked to end. No ``Exception``: what a command holds is let go of, nothing is tried again."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number)


class OutputError(Exception):
    """Standard output cannot be written. No OSError: no file of a command is at fault."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.errno, self.strerror = error.errno, error.strerror


def ending_signals() -> list[signal.Signals]:
    """The signals that ask this process to end: SIGTERM and, where there is one and nohup has not set it to be ignored,
    SIGHUP.
    """
    kinds = [signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [kind for kind in kinds if signal.getsignal(kind) is not signal.SIG_IGN]


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise `Ended` in the main thread at SIGTERM or SIGHUP, once, and KeyboardInterrupt at Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {kind: signal.getsignal(kind) for kind in ending_signals()}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.default_int_handler

    def end(number: int, frame: FrameType | None) -> None:
        if _must_not_raise(frame):
            later = threading.Timer(0.1, os.kill, (os.getpid(), number))
            later.daemon = True
            later.start()
            return
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        for kind in before:
            signal.signal(kind, signal.SIG_IGN)
        raise Ended(number)

    try:
        for kind in before:
            signal.signal(kind, end)
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _must_not_raise(frame: FrameType | None) -> bool:
    """Whether numba is compiling, where an exception that passes through its callbacks from C crashes the process, or
    an object is being freed, where Python drops what is raised.
    """
    while frame is not None:
        if frame.f_code.co_name == "__del__" or COMPILERS & set(Path(frame.f_code.co_filename).parts):
            return True
        frame = frame.f_back
    return False


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Have standard output raise `OutputError` and standard error drop what it cannot write.

    A broken one is pointed at nothing afterwards, so that Python's last flush stays quiet too. A closed one counts as
    pointed at nothing.
    """
    before = sys.stdout, sys.stderr
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        out, err = _Guarded(sys.stdout or nothing, True), _Guarded(sys.stderr or nothing, False)
        sys.stdout, sys.stderr = out, err
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before
            for guarded in (out, err):
                guarded.let_go(nothing)


class _Guarded:
    """A text stream whose faults are ``loud``, as OutputError, or swallowed; what it cannot encode is escaped."""

    def __init__(self, stream: TextIO, loud: bool) -> None:
        self._stream, self._loud, self._broken = stream, loud, False

    def write(self, text: str) -> int:
        code = getattr(self._stream, "encoding", None) or "utf-8"
        self._tried(lambda: self._stream.write(text.encode(code, "backslashreplace").decode(code)))
        return len(text)

    def writelines(self, lines: Any) -> None:
        self._tried(lambda: self._stream.writelines(lines))

    def flush(self) -> None:
        self._tried(self._stream.flush)

    def let_go(self, nothing: TextIO) -> None:
        """Flush; where that is not possible, put ``nothing`` in the place of the stream's file."""
        with suppress(OutputError):
            self.flush()
        if self._broken:
            with suppress(OSError, ValueError):  # io.UnsupportedOperation: a stream without a file
                os.dup2(nothing.fileno(), self._stream.fileno())

    def _tried(self, call: Any) -> None:
        try:
            call()
        except OSError as error:
            self._broken = True
            if self._loud:
                raise OutputError(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
