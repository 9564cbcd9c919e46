"""A data set's card: JSON-LD by Croissant 1.1, which search engines for data and loaders read.

The files are sets by modality and suffix; the manifest stands with its sha256, and with it all the files that it
freezes. The dialogues are records in the card itself: id, split, topic, who speaks and who listens, rate, frames.
Nothing is in the card that the folder and `omnibench.datasets.about` do not say.

Source: Croissant 1.1 and its vocabulary for responsible AI 1.0, https://docs.mlcommons.org/croissant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from omnibench.datasets.about import About
from omnibench.datasets.alternatives import ALTERNATIVES
from omnibench.datasets.base import DataSet
from omnibench.datasets.layout import SUFFIXES
from omnibench.datasets.manifest import MANIFEST_NAME
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.tracks import ROLES
from omnibench.errors import InputError
from omnibench.files.hashing import file_sha256
from omnibench.types import Dialogue

CONFORMS_TO: Final = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
FORMATS: Final[Mapping[str, str]] = {
    ".json": "application/json",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".npy": "application/x-npy",
    ".npz": "application/x-npz",
    ".mp4": "video/mp4",
}
"""Media types by suffix."""

_TERMS: Final = (
    "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject fileProperty "
    "fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex "
    "repeated replace samplingRate sdVersion separator source subField transform value"
)
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    **{term: f"cr:{term}" for term in _TERMS.split()},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
}
SPLITS: Final[Mapping[str, str]] = {"train": "cr:TrainingSplit", "val": "cr:ValidationSplit", "test": "cr:TestSplit"}
_TEXT, _WHOLE, _NUMBER = "sc:Text", "sc:Integer", "sc:Float"


def croissant_card(data: DataSet, on_dialogue: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """The card of a data set, as JSON values.

    Args:
        data: any; of a folder, its files are in the card.
        on_dialogue: called with each dialogue's id, for lengths are read from the files.

    Raises:
        InputError: an ``about.json`` or a file that cannot be read.
    """
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": data.name,
        **({"version": data.version} if data.version else {}),
        **_told(data.about()),
        "distribution": _distribution(data),
        "recordSet": [_splits(data), _dialogues(data, on_dialogue)],
    }


def _told(about: About) -> dict[str, Any]:
    found = {
        "description": about.description,
        "license": str(about.license or ""),
        "url": str(about.url or ""),
        "creator": [{"@type": "sc:Organization", "name": name} for name in about.creators],
        "citeAs": about.citation,
        "datePublished": about.published.isoformat() if about.published else "",
        "keywords": list(about.keywords),
        "inLanguage": list(about.languages),
        "rai:dataCollection": about.collection,
        "rai:personalSensitiveInformation": about.personal,
        "rai:dataBiases": list(about.biases),
        "rai:dataLimitations": list(about.limitations),
        "rai:dataUseCases": list(about.uses),
    }
    return {key: value for key, value in found.items() if value}


def _distribution(data: DataSet) -> list[dict[str, Any]]:
    if not isinstance(data, ResponseNetFolder):
        return []
    found, manifest = [], data.folder / MANIFEST_NAME
    if manifest.is_file():
        found.append(
            {
                "@type": "cr:FileObject",
                "@id": "manifest",
                "name": MANIFEST_NAME,
                "description": "The dialogues in order, with the sha256 of each of their files.",
                "contentUrl": MANIFEST_NAME,
                "contentSize": f"{manifest.stat().st_size} B",
                "encodingFormat": FORMATS[".json"],
                "sha256": file_sha256(manifest),
            }
        )
    for modality, suffixes in SUFFIXES.items():
        for suffix in suffixes:
            globs = [f"{split}/{modality}/{role}/*{suffix}" for split in data.splits() for role in ROLES]
            found += _file_set(data, f"{modality}-{suffix[1:]}", suffix, globs)
    return found + _file_set(data, ALTERNATIVES, ".json", [f"{split}/{ALTERNATIVES}/*.json" for split in data.splits()])


def _file_set(data: ResponseNetFolder, name: str, suffix: str, globs: list[str]) -> list[dict[str, Any]]:
    there = [glob for glob in globs if any(data.folder.glob(glob))]
    if not there:
        return []
    entry = {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": FORMATS[suffix]}
    return [{**entry, "includes": there}]


def _splits(data: DataSet) -> dict[str, Any]:
    rows = []
    for split in data.splits():
        usual = {"splits/url": SPLITS[split]} if split in SPLITS else {"splits/url": "cr:Split"}
        rows.append({"splits/name": split, **usual, "splits/manifest_hash": data.manifest_hash(split)})
    fields = {
        "name": (_TEXT, "The split's folder."),
        "url": ("sc:URL", "What it is for."),
        "manifest_hash": (_TEXT, "What omnibench's scores on it are signed with: equal for equal data."),
    }
    return _record_set("splits", "The splits.", fields, rows, ["name"]) | {"dataType": "cr:Split"}


def _dialogues(data: DataSet, on_dialogue: Callable[[str], None]) -> dict[str, Any]:
    rows = []
    for split in data.splits():
        for dialogue in data.dialogues(split):
            on_dialogue(dialogue.id)
            rows.append(_row(data, split, dialogue))
    fields = {
        "id": (_TEXT, "The stem of its files."),
        "split": (_TEXT, "Where it is."),
        "topic": (_TEXT, "What it is about."),
        "speaker": (_TEXT, "Who speaks: the person's name in this data set."),
        "listener": (_TEXT, "Who listens and answers."),
        "fps": (_TEXT, "Frames a second, a whole number or a fraction."),
        "frames": (_WHOLE, "Frames of both people."),
        "seconds": (_NUMBER, "Its length."),
        "difficulty": (_TEXT, "How hard it is to follow: easy, medium or hard."),
    }
    known = {name: field for name, field in fields.items() if rows and all(row.get(name) for row in rows)}
    kept = [{f"dialogues/{name}": row[name] for name in known} for row in rows]
    found = _record_set("dialogues", "Two people, one clip.", known, kept, ["split", "id"])
    for field in found["field"]:
        if field["name"] == "split":
            field["references"] = {"field": {"@id": "splits/name"}}
    return found


def _row(data: DataSet, split: str, dialogue: Dialogue) -> dict[str, Any]:
    row: dict[str, Any] = {"id": dialogue.id, "split": split, "topic": data.topic(split, dialogue.id)}
    if isinstance(data, ResponseNetFolder):
        entry = data.entry(split, dialogue.id)
        row |= {role: entry.persons.get(role, "") for role in ROLES}
        row["difficulty"] = str(entry.difficulty.get("level", ""))
    try:
        row |= {"fps": str(dialogue.fps), "frames": dialogue.frames, "seconds": round(dialogue.duration, 4)}
    except InputError:
        return row  # a length that no file tells is left out of every record
    return row


def _record_set(
    name: str, description: str, fields: Mapping[str, tuple[str, str]], rows: list[dict[str, Any]], key: list[str]
) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "key": [{"@id": f"{name}/{own}"} for own in key],
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{own}", "name": own, "description": said, "dataType": kind}
            for own, (kind, said) in fields.items()
        ],
        "data": rows,
    }
