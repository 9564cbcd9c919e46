"""Finding networks and lexicons on this machine, each checked against its pinned sha256 before anything reads it.

A file is looked for in the assets folder (``$OMNIBENCH_ASSETS``, or ``~/.cache/omnibench/assets``) and then in the
packages that carry it. Nothing here touches the network: `omnibench.assets.fetching` does, for ``omnibench assets
fetch``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from omnibench.assets.table import TABLE, Asset, PackageFile, Url
from omnibench.errors import InputError, MissingError, unknown_name
from omnibench.files.checked import read_object
from omnibench.files.hashing import file_sha256
from omnibench.system.places import home

__all__ = [
    "ASSETS",
    "Asset",
    "PackageFile",
    "Url",
    "assets_folder",
    "digest",
    "find",
    "group",
    "group_folder",
]

FOLDER_VARIABLE: Final = "OMNIBENCH_ASSETS"
ASSETS: Final[Mapping[str, Asset]] = {asset.name: asset for asset in TABLE}


def assets_folder() -> Path:
    """Where fetched files lie: ``$OMNIBENCH_ASSETS``, or ``~/.cache/omnibench/assets``."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else home() / ".cache" / "omnibench" / "assets"


def group(name: str) -> tuple[Asset, ...]:
    """The assets that ``name`` stands for: one file, or all files of a group.

    Raises:
        UsageError: nobody has that name.
    """
    if name in ASSETS:
        return (ASSETS[name],)
    members = tuple(asset for asset in ASSETS.values() if asset.group == name)
    if not members:
        raise unknown_name("asset", name, {*ASSETS, *(a.group for a in ASSETS.values())}, "omnibench assets list")
    return members


def find(name: str) -> Path:
    """The file of an asset, its sha256 checked.

    A file that was checked before is not read again while its size and time stay the same.

    Raises:
        UsageError: nobody has that name.
        MissingError: it is not on this machine; the message names the command that gets it.
        InputError: it is there and is another file than the pinned one.
    """
    if name not in ASSETS:
        raise unknown_name("asset", name, ASSETS, "omnibench assets list")
    asset = ASSETS[name]
    path = locate(asset)
    if path is None:
        raise MissingError(f"{asset.purpose}: {asset.file} is not on this machine. Get it with: {how_to_get(asset)}")
    check(asset, path)
    return path


def digest(name: str) -> str:
    """Hex sha256 of an asset: the pinned one, or that of the file where the table has none. Raises as `find`."""
    asset = ASSETS.get(name)
    return asset.sha256 if asset is not None and asset.sha256 else check(ASSETS[name], find(name))


def group_folder(name: str) -> Path:
    """The folder that holds all files of a group (``roberta-large``), each checked as in `find`.

    Raises:
        UsageError, MissingError, InputError: as `find`; MissingError too where the files lie in several folders.
    """
    folders = {find(asset.name).parent for asset in group(name)}
    if len(folders) != 1:
        raise MissingError(f"{name}: its files lie in several folders. Get them with: omnibench assets fetch {name}")
    return folders.pop()


def locate(asset: Asset) -> Path | None:
    """Where the file is on this machine, unchecked; None where it is not."""
    fetched = assets_folder() / asset.file
    if fetched.is_file():
        return fetched
    packaged = (_in_package(source) for source in asset.sources if isinstance(source, PackageFile))
    return next((path for path in packaged if path is not None), None)


def how_to_get(asset: Asset) -> str:
    """The command that gets an asset: the fetch of its group where a server has it, else the package's install line."""
    if any(isinstance(source, Url) for source in asset.sources):
        return f"omnibench assets fetch {asset.group}"
    return " or ".join(source.install for source in asset.sources if isinstance(source, PackageFile))


def check(asset: Asset, path: Path, again: bool = False) -> str:
    """Compare a file with the pinned size and sha256, or with the sha256 recorded when it was fetched.

    Args:
        asset: what it should be.
        path: the file.
        again: read it even where it was checked before.

    Returns:
        Hex sha256 of the file.

    Raises:
        InputError: it is another file.
    """
    facts, stamp = path.stat(), _read_stamp(path)
    known = str(stamp.get("sha256", ""))
    unchanged = (stamp.get("size"), stamp.get("time")) == (facts.st_size, facts.st_mtime_ns)
    if unchanged and not again and known and asset.sha256 in ("", known):
        return known
    found = file_sha256(path)
    expected = asset.sha256 or known
    if expected and found != expected:
        raise InputError(
            f"{path}: sha256 {found} ({facts.st_size:,} bytes), expected {expected}"
            f"{f' ({asset.size:,} bytes)' if asset.size else ''} for {asset.name}. Delete the file, then: "
            f"{how_to_get(asset)}"
        )
    write_stamp(path, found)
    return found


def write_stamp(path: Path, sha256: str) -> None:
    """Remember that ``path``, as it is now, has this sha256; where that cannot be kept it is read again each time."""
    from omnibench.files.atomic import write_text

    facts = path.stat()
    stamp = {"size": facts.st_size, "time": facts.st_mtime_ns, "sha256": sha256}
    try:
        write_text(_stamp_path(path), json.dumps(stamp))
    except OSError:
        return


def _stamp_path(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    return assets_folder() / ".checked" / f"{name}.json"


def _read_stamp(path: Path) -> dict[str, Any]:
    try:
        return read_object(_stamp_path(path))
    except InputError:
        return {}


def _in_package(source: PackageFile) -> Path | None:
    package = importlib.util.find_spec(source.module)
    if package is None or not package.submodule_search_locations:
        return None
    candidates = (Path(folder) / source.path for folder in package.submodule_search_locations)
    return next((path for path in candidates if path.is_file()), None)
