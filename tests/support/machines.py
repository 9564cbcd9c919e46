"""Machines that refuse things, for tests: errors put into a real process, and mounts where root may make them.

    done = omnibench("run", ..., env=refusing(tmp_path, "flock:ENOSYS"))
    done = omnibench("run", ..., prefix=mounted(f"mount -t tmpfs -o size=64k none {folder}"))

`refusing` puts a ``sitecustomize.py`` ahead of Python's own modules; nothing of omnibench is touched, and the processes
that it starts have it as well.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from data_factory import write_dataset

SHIM = textwrap.dedent("""
    import errno, fcntl, mmap, os, stat

    def refuse(name, *where):
        code = getattr(errno, name)
        raise OSError(code, os.strerror(code), *where)

    def number(handle):
        return handle if isinstance(handle, int) else handle.fileno()

    def reads_only(handle):
        return fcntl.fcntl(number(handle), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY

    def flock(name, real=fcntl.flock):
        def wrapped(handle, flags):
            if name == "NFS":
                return refuse("EBADF") if flags & fcntl.LOCK_EX and reads_only(handle) else real(handle, flags)
            refuse(name)
        fcntl.flock = wrapped

    def fsync(name, real=os.fsync):
        os.fsync = lambda handle: refuse(name)

    def fsync_folder(name, real=os.fsync):
        os.fsync = lambda handle: refuse(name) if stat.S_ISDIR(os.fstat(number(handle)).st_mode) else real(handle)

    def fsync_reading(name, real=os.fsync):
        os.fsync = lambda handle: refuse(name) if reads_only(handle) else real(handle)

    def renames(refused):
        for call in ("rename", "replace"):
            def wrapped(a, b, *more, real=getattr(os, call), **named):
                name = refused(a, b)
                return refuse(name, a, None, b) if name else real(a, b, *more, **named)
            setattr(os, call, wrapped)

    def across(name):
        renames(lambda a, b: name if os.path.dirname(a) != os.path.dirname(b) else "")

    def onto(name):
        renames(lambda a, b: name if os.path.lexists(b) else "")

    def paths(*calls):
        def put(name):
            for call in calls:
                setattr(os, call, lambda a, *more, **named: refuse(name, a))
        return put

    def maps(name):
        class Refused(mmap.mmap):
            def __new__(cls, *given, **named):
                refuse(name)
        mmap.mmap = Refused

    link, symlink, chmod = paths("link"), paths("symlink"), paths("chmod", "fchmod")

    for item in filter(None, os.environ.get("REFUSED", "").split(",")):
        what, name = item.split(":")
        globals()[what](name)
""")


def refusing(folder: Path, *what: str) -> dict[str, str]:
    """The environment in which calls fail, like ``"flock:ENOSYS"``; the functions of `SHIM` are what there is."""
    place = folder / "refusing"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(SHIM)
    return {"PYTHONPATH": str(place), "REFUSED": ",".join(what)}


def omnibench(
    *arguments: object, env: Mapping[str, str] | None = None, prefix: Sequence[str] = (), cwd: Path | None = None,
    drop: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a command line in a process of its own; without the variables named in ``drop``."""
    whole = {name: value for name, value in {**os.environ, **(env or {})}.items() if name not in drop}
    command = [*prefix, sys.executable, "-m", "omnibench", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=whole, cwd=cwd, timeout=570, check=False
    )


@functools.cache
def may_mount() -> bool:
    """Whether this user may have mounts of its own."""
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        return False
    return subprocess.run([unshare, "-m", "true"], capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(not may_mount(), reason="needs root and mount namespaces, to make file systems that refuse")


def mounted(script: str) -> list[str]:
    """What to put before a command so that it runs among the mounts that ``script`` makes, for itself alone."""
    return ["unshare", "-m", "sh", "-c", f'{script} && exec "$@"', "sh"]


ANSWERS = ("text/a.json", "audio/a.wav", "vector/a.npy")
"""What `silence_on` leaves."""


def one_dialogue(folder: Path) -> Path:
    """A data set to run on a machine."""
    return write_dataset(folder, ids=("a",), seconds=1.0, modalities=("text", "audio", "vector"))


def silence_on(data: Path, out: Path, *more: str, workers: int = 1) -> list[object]:
    """The words of a run without pictures or scores."""
    options = ("--data", data, "--out", out, "--workers", workers, "--no-score", "--no-video")
    return ["run", "--model", "silence", *options, *more]


def answers_in(out: Path) -> dict[str, bytes]:
    """The bytes of a run's files."""
    return {name: (out / name).read_bytes() for name in ANSWERS}


def stranger(folder: Path, *variables: str) -> list[str]:
    """What to put before a command so that a user runs it who has a number, and neither name, home nor rights. Where
    this Python or its environment lies below a folder that is closed to others, mounts open the way to it.
    """
    user = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "env", *variables]
    places = {place: _closed(place) for place in (Path(sys.executable).resolve().parents[1], Path(sys.prefix))}
    shut = {place: above for place, above in places.items() if above is not None}
    if not shut:
        return user
    ways = {place: folder / f"python-{number}" for number, place in enumerate(shut)}
    for way in ways.values():
        way.mkdir(exist_ok=True)
    steps = [f"mount --bind {place} {way}" for place, way in ways.items()]
    steps += [f"mount -t tmpfs -o mode=755 none {above}" for above in dict.fromkeys(shut.values())]
    steps += [f"mkdir -p {place} && mount --bind {way} {place}" for place, way in ways.items()]
    return [*mounted(" && ".join(steps)), *user]


def _closed(place: Path) -> Path | None:
    """The first folder above a place that others may not enter."""
    return next((above for above in reversed(place.parents) if not above.stat().st_mode & 0o001), None)
