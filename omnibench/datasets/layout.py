"""The files of a ResponseNet layout: ``<split>/<modality>/<role>/<id>.<suffix>``. Names and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnibench.datasets.tracks import MODALITIES, ROLES, Missing, Modality, Role
from omnibench.errors import InputError

# In order of preference where one dialogue has several.
SUFFIXES: Final[dict[Modality, tuple[str, ...]]] = {
    "video": (".mp4",),
    "audio": (".wav", ".flac", ".ogg"),
    "vector": (".npy", ".npz"),
    "text": (".json",),
}
USUAL_SPLITS: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of one split by modality and role, then by id. A modality none of whose files is there is left out."""

    folder: Path
    files: Mapping[Modality, Mapping[Role, Mapping[str, tuple[Path, ...]]]]

    def ids(self) -> tuple[str, ...]:
        """Every id that has any file, sorted."""
        return tuple(sorted({i for roles in self.files.values() for by_id in roles.values() for i in by_id}))

    def find(self, modality: Modality, role: Role, dialogue: str) -> Path | Missing | None:
        """The file; `Missing` with the expected path; None where the split does not have the modality at all."""
        if modality not in self.files:
            return None
        found = self.files[modality][role].get(dialogue)
        if found:
            return found[0]
        return Missing(self.folder / modality / role / f"{dialogue}{self._usual_suffix(modality)}")

    def of(self, role: Role, dialogue: str) -> dict[Modality, Path | Missing | None]:
        """All the files of one person in one dialogue."""
        return {modality: self.find(modality, role, dialogue) for modality in MODALITIES}

    def _usual_suffix(self, modality: Modality) -> str:
        fellows = next((paths for roles in self.files[modality].values() for paths in roles.values()), None)
        return fellows[0].suffix if fellows else SUFFIXES[modality][0]


def find_splits(root: Path) -> tuple[str, ...]:
    """The splits of a folder: train, val, test first, then others by name.

    Raises:
        InputError: there are none, with a hint where ``root`` is itself a split.
    """
    found = [child.name for child in root.iterdir() if child.is_dir() and any((child / m).is_dir() for m in MODALITIES)]
    if not found:
        layout = "expected train|val|test, each with text|audio|vector|video/speaker|listener/<id>.*"
        if any((root / modality).is_dir() for modality in MODALITIES):
            layout = (
                f"this is one split: name its parent, {root.resolve().parent}, and choose it with --split {root.name}"
            )
        raise InputError(f"{root}: not in ResponseNet layout: {layout}.")
    usual = [split for split in USUAL_SPLITS if split in found]
    return (*usual, *sorted(set(found) - set(usual)))


def list_split(folder: Path) -> SplitFiles:
    """List the files of one split. Other folders (``sp1``), other suffixes and hidden files are passed over."""
    files: dict[Modality, dict[Role, dict[str, tuple[Path, ...]]]] = {}
    for modality in MODALITIES:
        roles = {role: _by_id(folder / modality / role, SUFFIXES[modality]) for role in ROLES}
        if any(roles.values()):
            files[modality] = roles
    return SplitFiles(folder, files)


def _by_id(folder: Path, suffixes: tuple[str, ...]) -> dict[str, tuple[Path, ...]]:
    if not folder.is_dir():
        return {}
    found: dict[str, list[Path]] = {}
    for path in sorted(
        folder.iterdir(), key=lambda p: (suffixes.index(p.suffix) if p.suffix in suffixes else 99, p.name)
    ):
        if path.suffix in suffixes and not path.name.startswith(".") and path.is_file():
            found.setdefault(path.stem, []).append(path)
    return {dialogue: tuple(paths) for dialogue, paths in found.items()}
