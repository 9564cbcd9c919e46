"""The files of a ResponseNet layout: ``<split>/<modality>/<role>/<id>.<suffix>``. Names and hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from omnibench.datasets.tracks import MODALITIES, ROLES, Missing, Modality, Role
from omnibench.errors import InputError
from omnibench.files.names import alike, name_fault, printable, same

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
    """The files of one split by modality and role, then by id. A modality none of whose files is there is left out.

    ``faults``: dialogues that cannot be told by the names of their files, with one of these and the reason; a name that
    can be none is their id as it is shown.
    """

    folder: Path
    files: Mapping[Modality, Mapping[Role, Mapping[str, tuple[Path, ...]]]]
    faults: Mapping[str, Missing] = field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """Every id that has any file, sorted."""
        return tuple(sorted({i for roles in self.files.values() for by_id in roles.values() for i in by_id}))

    def find(self, modality: Modality, role: Role, dialogue: str) -> Path | Missing | None:
        """The file; `Missing` with the expected path; None where the split does not have the modality at all."""
        if modality not in self.files:
            return None
        if dialogue in self.faults:
            return self.faults[dialogue]
        found = self.files[modality][role].get(dialogue)
        if found:
            return found[0]
        expected = self.folder / modality / role / f"{dialogue}{self._usual_suffix(modality)}"
        return Missing(expected, hint=self._nearly(modality, role, dialogue))

    def of(self, role: Role, dialogue: str) -> dict[Modality, Path | Missing | None]:
        """All the files of one person in one dialogue."""
        return {modality: self.find(modality, role, dialogue) for modality in MODALITIES}

    def _nearly(self, modality: Modality, role: Role, dialogue: str) -> str:
        """What to say of a file that was perhaps meant for a dialogue that has none."""
        nearly = [name for name in self.files[modality][role] if alike(name) == alike(dialogue)]
        if not nearly:
            return ""
        name = self.files[modality][role][nearly[0]][0].name
        return f"; {printable(name)!r} is, whose name differs in case, spaces or characters that nobody sees"

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


def list_split(folder: Path, listed: Iterable[str] = ()) -> SplitFiles:
    """List the files of one split. Other folders (``sp1``), other suffixes and hidden files are passed over.

    Names that differ in how their letters are composed are one dialogue, called as it is ``listed``, else by the only
    form that there is, else composed.
    """
    found: dict[Modality, dict[Role, list[Path]]] = {}
    for modality in MODALITIES:
        roles = {role: _files(folder / modality / role, SUFFIXES[modality]) for role in ROLES}
        if any(roles.values()):
            found[modality] = roles
    everything = [path for roles in found.values() for paths in roles.values() for path in paths]
    ids = _ids((path.stem for path in everything), listed)
    files = {modality: {role: _by_id(paths, ids) for role, paths in roles.items()} for modality, roles in found.items()}
    return SplitFiles(folder, files, dict(_faults(files)))


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(
            folder.iterdir(), key=lambda p: (suffixes.index(p.suffix) if p.suffix in suffixes else 99, p.name)
        )
        if path.suffix in suffixes and not path.name.startswith(".") and path.is_file()
    ]


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


def _by_id(paths: Sequence[Path], ids: Mapping[str, str]) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    for path in paths:
        name = ids[path.stem]
        found[name] = (*found.get(name, ()), path)
    return found


def _faults(
    files: Mapping[Modality, Mapping[Role, Mapping[str, tuple[Path, ...]]]],
) -> Iterator[tuple[str, Missing]]:
    for roles in files.values():
        for by_id in roles.values():
            for name, paths in by_id.items():
                fault = name_fault(paths[0].stem)
                if len({path.stem for path in paths}) > 1:
                    fault = "is there twice, with letters composed and decomposed; remove or rename one"
                if fault:
                    yield name, Missing(paths[0], fault)
