"""What no limit of the kernel's bounds for a confined process is looked at from outside, about once a second."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

THREADS: Final = 1024


class Guard:
    """Looks at one process: how much it has written in all, and how many threads it has."""

    def __init__(self, writable: Path, file_bytes: int, streams: Sequence[IO[bytes]], stream_bytes: int) -> None:
        """
        Args:
            writable: the folder that it writes to.
            file_bytes: how many bytes more it may hold in the end than now.
            streams: files that its messages go to, of ``stream_bytes`` each at most.
            stream_bytes: see there.
        """
        self._writable, self._file_bytes = writable, file_bytes
        self._streams, self._stream_bytes = streams, stream_bytes
        self._free, self._before = shutil.disk_usage(writable).free, _bytes_in(writable)

    def excess(self, process: int | None) -> str | None:
        """What it takes too much of, in words that follow its name; None where all is well.

        Args:
            process: its id, None where that is not known.
        """
        if any(os.fstat(stream.fileno()).st_size > self._stream_bytes for stream in self._streams):
            return f"wrote more than the {self._stream_bytes >> 20} MiB of messages that it may"
        # Other processes write to the disk as well; counting files is for when it may have been this one.
        if self._free - shutil.disk_usage(self._writable).free > self._file_bytes:
            self._free = shutil.disk_usage(self._writable).free
            if _bytes_in(self._writable) - self._before > self._file_bytes:
                return f"wrote more than the {self._file_bytes >> 20} MiB that it may"
        if process is not None and _threads_of(process) > THREADS:
            return f"started more than the {THREADS} threads that it may"
        return None


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += (Path(parent) / name).lstat().st_blocks * 512
            except OSError:
                continue
    return total


def _threads_of(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Threads:")), 0)
