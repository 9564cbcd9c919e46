"""Listeners that look into the future, or at something they must not know, each in its own way, for the audit to
catch.
"""

from __future__ import annotations

import gc
import inspect
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
import soundfile
from listeners import card

from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


def harness_locals() -> dict[str, Any] | None:
    """The local variables of the generator that hands out the speaker's frames, found through the garbage collector;
    None where there is no such generator in the process.
    """
    generators = (o for o in gc.get_objects() if isinstance(o, GeneratorType) and o.gi_code.co_name == "speaker_frames")
    return next((dict(g.gi_frame.f_locals) for g in generators if g.gi_frame is not None), None)


class Listener:
    """Answers with ``self.face(frame)``; its session is itself."""

    card = card("listener", "face")

    def open(self, context: DialogueContext) -> Listener:
        self.context = context
        return self

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(face=self.face(frame).astype(np.float32))

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face

    def close(self) -> None:
        pass


class Peeker(Listener):
    """Answers frame ``i`` with frame ``i + 1`` out of the harness's read-ahead buffer, where it finds one."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        found = harness_locals()
        if found is None:
            return frame.face
        block, at = found["face"], frame.index - found["first"] + 1
        return block[min(at, len(block) - 1)]


class Normaliser(Listener):
    """Subtracts the mean over the whole clip, which it reads through the harness's own track, where it finds one."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        found = harness_locals()
        return frame.face if found is None else frame.face - found["speaker"].face().mean(axis=0)


class Knowing(Listener):
    """Has got hold of the speaker's faces of the whole clip, by whatever way ``future`` goes, and answers with those
    of a second later; where the way is closed it answers honestly.
    """

    ahead = 25

    def open(self, context: DialogueContext) -> Knowing:
        self.context, self.clip = context, None
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        if frame.index == 0:
            with suppress(OSError, ValueError):
                self.clip = self.future(frame)
        if self.clip is None:
            return frame.face
        return self.clip[min(frame.index + self.ahead, len(self.clip) - 1)]

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        """The speaker's faces ``(T, 64)``, found by the first one."""
        raise NotImplementedError


def matching(root: Path, frame: SpeakerFrame) -> np.ndarray | None:
    """The clip below ``root`` that begins with this frame."""
    clips = [np.load(path) for path in sorted(root.rglob("vector/speaker/*.npy"))]
    return next((clip for clip in clips if np.array_equal(clip[0].astype(np.float32), frame.face)), None)


class SecondAhead(Knowing):
    """Reads the data set's folder, whose name a setting tells it."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        return matching(self.root, frame)


class FrameAhead(SecondAhead):
    """Looks no further than the next frame."""

    ahead = 1


class Told(Knowing):
    """Learns from the environment where the data lies."""

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        return matching(Path(os.environ["CHEATERS_DATA"]), frame)


class Wary(Told):
    """As `Told`, but honest wherever it smells an audit."""

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        return None if smells_of_audit() else super().future(frame)


def smells_of_audit() -> bool:
    """Whether modules, code, arguments, folder or parent of this process speak of one."""
    frame, files = inspect.currentframe(), []
    while frame:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    process, lines = os.getppid(), []
    for _ in range(2):  # itself a worker's child, as in a run
        lines.append(Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8"))
        process = int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    clues = [*sys.modules, *files, *sys.argv, *lines[:1], str(Path.cwd())]
    if any("audit" in clue for clue in clues):
        return True
    # Only an audit refuses what any process may read.
    try:
        list(Path(os.environ["CHEATERS_DATA"]).iterdir())
    except OSError:
        return True
    return False


class Remembering(Knowing):
    """Keeps what it hears in a file, and knows it in the next run."""

    def __init__(self, file: str = "") -> None:
        self.file = Path(file or Path(tempfile.gettempdir()) / "cheaters-remember.json")

    def open(self, context: DialogueContext) -> Remembering:
        super().open(context)
        self.heard: list[list[float]] = []
        return self

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        kept = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        clip = kept.get(self.context.dialogue)
        return None if clip is None else np.array(clip, np.float32)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        self.heard.append([float(value) for value in frame.face])
        return super().step(frame)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            kept = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
            kept.setdefault(self.context.dialogue, self.heard)
            self.file.write_text(json.dumps(kept), encoding="utf-8")


class BesideItself(Remembering):
    """Keeps it beside its own source."""

    def __init__(self) -> None:
        super().__init__(str(Path(__file__).with_name("remembered.json")))


class Neighbour(Remembering):
    """Keeps it in shared memory, by a well-known name."""

    def __init__(self) -> None:
        super().__init__("/dev/shm/cheaters-remember.json")  # noqa: S108


class Attached(Knowing):
    """Finds the clip in a block of shared memory that somebody else has filled."""

    def __init__(self, block: str) -> None:
        self.block = block

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        shared = SharedMemory(self.block)
        resource_tracker.unregister(f"/{self.block}", "shared_memory")  # or it would be gone with this process
        return np.frombuffer(bytes(shared.buf), np.float32).reshape(-1, 64)


class Caller(Knowing):
    """Asks somebody on this machine who knows."""

    def __init__(self, port: int) -> None:
        self.port = port

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            content = b""
            while piece := line.recv(1 << 16):
                content += piece
        return np.frombuffer(content, np.float32).reshape(-1, 64)


class Eavesdropper(Knowing):
    """Looks through the files that its parent has open."""

    def future(self, frame: SpeakerFrame) -> np.ndarray | None:
        for link in sorted(Path(f"/proc/{os.getppid()}/fd").iterdir()):
            with suppress(OSError):
                name = link.readlink()
                if name.suffix == ".wav" and name.parent.name == "speaker":
                    return matching(name.parents[2], frame)
        return None


class LazyFrame(ListenerFrame):
    """An answer that makes up its mind when it is looked at."""

    def __init__(self, source: Lazy) -> None:
        for name, value in {"source": source, "audio": None, "image": None, "words": ()}.items():
            object.__setattr__(self, name, value)

    face = property(lambda self: self.source.latest.copy())


class Lazy(Listener):
    """Answers with frames that show what has been heard by the time they are looked at."""

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        self.latest = frame.face.copy()
        return LazyFrame(self)


class Clock(Listener):
    """Takes 50 ms, and has every clock that it finds say less."""

    def open(self, context: DialogueContext) -> Clock:
        real = time.perf_counter
        for module in list(sys.modules.values()):
            for name, value in list(vars(module).items()) if hasattr(module, "__dict__") else ():
                if value is real:
                    setattr(module, name, lambda: real() * 1e-6)
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            pass
        return frame.face


class FileFinder(Listener):
    """Looks for the data set's files and reads the human listener's answers."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def open(self, context: DialogueContext) -> FileFinder:
        self.truth = np.load(next(self.root.rglob("vector/listener/*.npy")))
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return self.truth[frame.index + 1]


class QuietFileFinder(Listener):
    """Reads the speaker's whole voice with a library written in C, which no Python audit hook sees, and hides every
    failure.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        try:
            loudness = float(np.abs(soundfile.read(self.path)[0]).mean())
        except (OSError, RuntimeError):
            loudness = 0.0
        return frame.face + np.float32(loudness)


class ThreadedFinder(FileFinder):
    """Has the files read by another thread, so that the harness may be at work when it happens."""

    def open(self, context: DialogueContext) -> ThreadedFinder:
        self.truth = np.zeros((9999, 64))
        reader = threading.Thread(target=self.read)
        reader.start()
        reader.join()
        return self

    def read(self) -> None:
        with suppress(PermissionError):
            self.truth = np.load(next(self.root.rglob("vector/listener/*.npy")))


class Early(FileFinder):
    """Reads the data while it is built, and hides the failure."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        try:
            self.names = [path.name for path in self.root.rglob("*.npy")]
        except PermissionError:
            self.names = []

    def open(self, context: DialogueContext) -> Early:
        return self

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face


class Outsourcer(Listener):
    """Asks another process."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        with suppress(PermissionError):
            subprocess.run([sys.executable, "-c", ""], check=True)
        return frame.face


class Dice(Listener):
    """Answers the same input differently each time."""

    def face(self, frame: SpeakerFrame) -> np.ndarray:
        return frame.face + np.float32(os.urandom(1)[0])


class Gossip(Listener):
    """Answers each dialogue of a batch with what the next one's speaker does."""

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Gossips:
        return Gossips(self.open(context) for context in contexts)


class Gossips(list[Listener]):
    """Steps all at once."""

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        after = [*frames[1:], frames[0]]
        pairs = zip(frames, after, strict=True)
        return [None if own is None else ListenerFrame(face=(other or own).face) for own, other in pairs]
