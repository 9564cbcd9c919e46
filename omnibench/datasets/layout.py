"""The files of a ResponseNet layout: ``<split>/<modality>/<role>/<id>.<suffix>``. Names and hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from omnibench.datasets.tracks import MODALITIES, ROLES, Missing, Modality, Role
from omnibench.errors import InputError
from omnibench.files.faults import shown
from omnibench.files.listing import Listing, is_left_behind, list_folder, named
from omnibench.files.names import DIFFERS, alike, name_fault, printable, same

# In order of preference where one dialogue has several.
SUFFIXES: Final[dict[Modality, tuple[str, ...]]] = {
    "video": (".mp4",),
    "audio": (".wav", ".flac", ".ogg"),
    "vector": (".npy", ".npz"),
    "text": (".json",),
}
INSERTED: Final = "inserted"
"""The folder of what a speaker does once the listener was heard, beside ``speaker`` and ``listener``."""
USUAL_SPLITS: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of one split by modality and role, then by id. A modality none of whose files is there is left out.

    ``faults``: dialogues that cannot be told by the names of their files, with one of these and the reason; a name that
    can be none is their id as it is shown. ``unread``: what lies in a folder that holds nothing that can be read.
    """

    folder: Path
    files: Mapping[Modality, Mapping[Role, Listing]]
    faults: Mapping[str, Missing] = field(default_factory=dict)
    unread: Mapping[Path, str] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """Every id that has any file, or what stands in its place, sorted; where nothing can be read, what files are
        called.
        """
        listings = [listing for roles in self.files.values() for listing in roles.values()]
        found = {i for listing in listings for i in (*listing.files, *listing.faults)}
        if not found:
            unread = (path for folder in self.unread for path in folder.iterdir() if not is_left_behind(path.name))
            found = {path.stem for path in unread if path.is_file()}
        return tuple(sorted(found))

    def find(self, modality: Modality, role: Role, dialogue: str) -> Path | Missing | None:
        """The file; `Missing` with the expected path; None where the split does not have the modality at all."""
        if modality not in self.files:
            return None
        if dialogue in self.faults:
            return self.faults[dialogue]
        listing = self.files[modality][role]
        found, fault = listing.files.get(dialogue), listing.fault(dialogue)
        if found and not fault:
            return found[0]
        expected = self.folder / modality / role / f"{dialogue}{self._usual_suffix(modality)}"
        if fault:
            return Missing(found[0] if found else expected, fault)
        return Missing(expected, hint=self._nearly(modality, role, dialogue))

    def of(self, role: Role, dialogue: str) -> dict[Modality, Path | Missing | None]:
        """All the files of one person in one dialogue."""
        return {modality: self.find(modality, role, dialogue) for modality in MODALITIES}

    def _nearly(self, modality: Modality, role: Role, dialogue: str) -> str:
        """What to say of a file that was perhaps meant for a dialogue that has none."""
        nearly = [name for name in self.files[modality][role].files if alike(name) == alike(dialogue)]
        if not nearly:
            return ""
        name = self.files[modality][role].files[nearly[0]][0].name
        return f"; {printable(name)!r} is, whose name {DIFFERS}"

    def _usual_suffix(self, modality: Modality) -> str:
        listings = self.files[modality].values()
        fellows = next((paths for listing in listings for paths in listing.files.values()), None)
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


def inserted_files(split: Path, dialogue: str) -> dict[Modality, Path | Missing | None]:
    """What an insertion is made of, in folders beside the roles'; `Missing` where a modality has the folder alone."""
    found: dict[Modality, Path | Missing | None] = {}
    for modality, suffixes in SUFFIXES.items():
        folder = split / modality / INSERTED
        paths = [folder / f"{dialogue}{suffix}" for suffix in suffixes]
        there = next((path for path in paths if path.is_file()), None)
        found[modality] = there or (Missing(paths[0]) if folder.is_dir() else None)
    return found


def list_split(folder: Path, listed: Iterable[str] = ()) -> SplitFiles:
    """List the files of one split. Other folders (``sp1``) beside the roles', what other programs leave behind, and
    what lies beside files that can be read are passed over.

    Names that differ in how their letters are composed are one dialogue, called as it is ``listed``, else by the only
    form that there is, else composed.

    Raises:
        InputError: a folder cannot be looked into.
    """
    found: dict[Modality, dict[Role, Listing]] = {}
    unread: dict[Path, str] = {}
    for modality in MODALITIES:
        roles = {role: list_folder(folder / modality / role, SUFFIXES[modality]) for role in ROLES}
        if any(listing.files or listing.faults for listing in roles.values()):
            found[modality] = roles
        else:
            unread |= dict(_unread(folder / modality, SUFFIXES[modality], roles))
    ids = _ids((stem for roles in found.values() for listing in roles.values() for stem in listing.names), listed)
    files = {modality: {r: listing.called(ids) for r, listing in roles.items()} for modality, roles in found.items()}
    return SplitFiles(folder, files, dict(_faults(files)), unread)


def _unread(folder: Path, suffixes: tuple[str, ...], roles: Mapping[Role, Listing]) -> Iterator[tuple[Path, str]]:
    """What lies in a modality's folder in which nothing can be read."""
    for listing in roles.values():
        if what := listing.nothing_read():
            yield listing.folder, what
    beside = list_folder(folder, suffixes)
    others = [name for name in beside.others if name not in ROLES]
    if beside.files or (others and len(others) == len(beside.others)):
        there = named([*(path.name for paths in beside.files.values() for path in paths), *others])
        yield folder, f"found {shown(there)}; expected the folders {' and '.join(ROLES)}"


def _ids(stems: Iterable[str], listed: Iterable[str]) -> dict[str, str]:
    """The dialogue of each name."""
    known = {same(name): name for name in listed}
    forms: dict[str, set[str]] = {}
    for stem in stems:
        forms.setdefault(same(stem), set()).add(stem)
    ids = {}
    for form, spellings in forms.items():
        name = known.get(form) or (min(spellings) if len(spellings) == 1 else form)
        ids.update(dict.fromkeys(spellings, printable(name)))
    return ids


def _faults(files: Mapping[Modality, Mapping[Role, Listing]]) -> Iterator[tuple[str, Missing]]:
    for roles in files.values():
        for listing in roles.values():
            for name, paths in listing.files.items():
                fault = name_fault(paths[0].stem)
                if len({path.stem for path in paths}) > 1:
                    fault = "is there twice, with letters composed and decomposed; remove or rename one"
                if fault:
                    yield name, Missing(paths[0], fault)
