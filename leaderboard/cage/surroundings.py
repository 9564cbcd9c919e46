"""What Python needs of the machine to run in the cage: where it, its packages and their libraries lie.

An interpreter may be a chain of links into somebody's home, a package an editable install in another place, a library
one that only the loader's configuration names. What is not code stays outside: of a folder that is searched for modules
because somebody works in it, the packages alone are seen.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import leaderboard
import omnibench

_LIBRARIES: Final = tuple(
    Path(name)
    for name in (
        "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store", "/gnu/store", "/etc/ld.so.cache",
        "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/alternatives",
    )
)  # fmt: skip
_CODE: Final = (".py", ".so", ".pth", ".egg-link")
_ABOUT: Final = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``modules`` is where Python searches; ``readable`` are files and whole folders, each under the name that is used
    and under its real one; ``listed`` are folders of which the names are read.
    """

    modules: list[str]
    readable: list[Path]
    listed: list[Path]


def surroundings() -> Surroundings:
    """Of this interpreter, as it stands."""
    own = [Path(package.__path__[0]).parent for package in (omnibench, leaderboard)]
    installed, worked_in = _split(dict.fromkeys([*map(Path, sys.path), *own]), own)
    code = [path for folder in worked_in for path in _code_in(folder)]
    found = [*_LIBRARIES, *_prefixes(), *installed, *code, *_editable(), *_linked(Path(sys.executable)), *_loaded()]
    readable = [path for path in _named_twice(found) if path.exists()]
    return Surroundings([str(path) for path in (*installed, *worked_in)], readable, [*_named_twice(worked_in)])


def _prefixes() -> list[Path]:
    """The whole of an installation: interpreter, standard library, packages, the libraries and data beside them."""
    return [Path(name) for name in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)]


def _split(paths: Iterable[Path], own: list[Path]) -> tuple[list[Path], list[Path]]:
    """Folders that hold installed code and nothing else, and others: checkouts, and what somebody put on the path."""
    user = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    known = [Path(name) for name in (*sysconfig.get_paths().values(), *site.getsitepackages(), user) if name]
    here = _here()
    installed, others = [], []
    for path in paths:
        if not path.is_absolute() or not path.exists():
            continue
        if path.name in ("site-packages", "dist-packages") or any(path.is_relative_to(base) for base in known):
            installed.append(path)
        elif path in own or path != here:
            others.append(path)
    return installed, others


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        # Somebody removed it.
        return None


def _code_in(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.suffix in (*_CODE, *_ABOUT) or (entry / "__init__.py").is_file():
            yield entry


def _editable() -> list[Path]:
    """Packages that a finder of setuptools maps to where they are worked on."""
    maps = [getattr(m, "MAPPING", {}) for name, m in list(sys.modules.items()) if name.startswith("__editable__")]
    return [Path(place) for mapping in maps for place in mapping.values()]


def _linked(path: Path) -> Iterator[Path]:
    """Each link of a chain, to the file at its end."""
    for _ in range(40):
        yield path
        if not path.is_symlink():
            return
        path = Path(os.path.normpath(path.parent / path.readlink()))


def _loaded() -> Iterator[Path]:
    """The libraries that this process has loaded, and folders that the loader is told to search."""
    for configuration in (Path("/etc/ld.so.conf"), *sorted(Path("/etc/ld.so.conf.d").glob("*.conf"))):
        try:
            lines = configuration.read_text(errors="replace").splitlines()
        except OSError:
            continue
        yield from (Path(line.strip()) for line in lines if line.strip().startswith("/"))
    try:
        maps = Path("/proc/self/maps").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    names = dict.fromkeys(line.split(maxsplit=5)[-1] for line in maps if "/" in line)
    yield from (Path(name) for name in names if ".so" in name and name.startswith("/"))


def _named_twice(paths: Iterable[Path]) -> list[Path]:
    named = [name for path in paths for name in (path, Path(os.path.realpath(path)))]
    return _outermost(path for path in dict.fromkeys(named) if path != Path("/"))


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those that lie in another."""
    kept: dict[Path, None] = {}
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not any(parent in kept for parent in path.parents):
            kept[path] = None
    return list(kept)
