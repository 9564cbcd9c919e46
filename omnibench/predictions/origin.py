"""Which data a folder of answers belongs to: what its ``run.json`` says, unless the command says otherwise.

``run.json`` keeps the data set's name or folder, its manifest hash, the split, the protocol and the dialogues that the
run was asked for. The hash decides whether data are the run's own: a folder may be renamed, and a name may stand for
other data tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import DATASETS, open_dataset
from omnibench.errors import InputError
from omnibench.files.names import alike, printable, same
from omnibench.files.records import RunData
from omnibench.predictions.folder import Predictions

DEFAULT_DATA: Final = "mini"
DEFAULT_SPLIT: Final = "test"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a folder of answers is scored with or shown beside.

    ``note`` is a line for the reader, or ``""``; ``chosen`` is False where neither the command nor ``run.json`` names
    the data.
    """

    dataset: DataSet
    split: str
    protocol: str
    note: str = ""
    chosen: bool = True


def open_origin(
    answers: Predictions,
    data: str | DataSet | None = None,
    split: str | None = None,
    protocol: str | None = None,
) -> Origin:
    """The data set, split and protocol of a folder; what is given, open or by name, wins over ``run.json``.

    Raises:
        UsageError: ``data`` is no data set.
        InputError: the data set that ``run.json`` names is not where it was, or cannot be read.
        MissingError: a registered data set whose files have to be fetched or built first.
    """
    ran = answers.ran.data
    known = bool(ran.document())
    if isinstance(data, DataSet):
        dataset = data
    elif data is not None:
        dataset = open_dataset(data)
    else:
        dataset = _reopened(answers, ran) if known else open_dataset(DEFAULT_DATA)
    chosen = split or (ran.split or DEFAULT_SPLIT)
    rules = protocol or (answers.ran.protocol or dataset.default_protocol)
    if not known:
        if data is not None:
            return Origin(dataset, chosen, rules)
        took = f"took {dataset.name} {chosen}; --data and --split name others"
        note = f"{answers.root}: no run.json that names its data, {took}."
        return Origin(dataset, chosen, rules, note, chosen=False)
    if chosen in dataset.splits() and not is_own(answers, dataset, chosen):
        note = f"{answers.root} was run on {_named(ran.document())}; this is {_named(_described(dataset, chosen))}."
        return Origin(dataset, chosen, rules, note)
    return Origin(dataset, chosen, rules)


def is_own(answers: Predictions, dataset: DataSet, split: str) -> bool:
    """Whether a folder's answers are to these dialogues, as far as its ``run.json`` tells: by split and manifest hash,
    or by name where it holds no hash. True without ``run.json``.
    """
    ran, this = answers.ran.data.document(), _described(dataset, split)
    if ran.get("manifest"):
        return ran.get("split", split) == split and ran["manifest"] in dataset.known_hashes(split)
    return all(ran[key] == this[key] for key in ("split", "name") if ran.get(key))


def asked_for(answers: Predictions, dataset: DataSet, split: str) -> tuple[str, ...]:
    """The dialogues that an answer is expected to, in the data set's order: those the run was asked for, or all of the
    split where nobody says, or where it was run on other data.
    """
    known = dataset.ids(split)
    asked = answers.ran.ids
    if asked is None or not is_own(answers, dataset, split):
        return known
    forms = {same(dialogue) for dialogue in asked}
    return tuple(dialogue for dialogue in known if same(dialogue) in forms) or known


def check_matched(answers: Predictions, dataset: DataSet, split: str) -> None:
    """Raises InputError where the folder answers no dialogue of the split at all."""
    known = dataset.ids(split)
    own = tuple(dict.fromkeys([*answers.ids, *answers.journal]))
    if not own:
        raise InputError(f"{answers.root}: holds no answer yet; expected files like text/{known[0]}.json.")
    if not answers.answered(known):
        nearly = next(((name, other) for name in own for other in known if alike(name) == alike(other)), None)
        hint = (
            ""
            if nearly is None
            else f' "{printable(nearly[0])}" and "{nearly[1]}" differ in case, spaces or characters that nobody sees.'
        )
        raise InputError(
            f"{answers.root}: none of the folder's {len(own)} dialogues is among the {len(known)} of {dataset.name} "
            f"{split}. The folder has {_first(own)}; the data set has {_first(known)}.{hint} Name the data that these "
            f"are answers to with --data and --split."
        )


def _reopened(answers: Predictions, ran: RunData) -> DataSet:
    """The data set that ``run.json`` names."""
    place, name = ran.location, ran.name
    again = "The same command with --data DIR finds it."
    if not place and name not in DATASETS.names():
        raise InputError(f"{answers.root / 'run.json'}: the data set {name} has no place there. {again}")
    if place and place not in DATASETS.names() and not Path(place).is_dir():
        raise InputError(f"{answers.root / 'run.json'}: the data set {name} was at {place}; it is not there. {again}")
    return open_dataset(place or name)


def _described(dataset: DataSet, split: str) -> dict[str, str]:
    return {"name": dataset.name, "split": split, "manifest": dataset.manifest_hash(split)}


def _named(data: Mapping[str, Any]) -> str:
    return f"{data.get('name')} {data.get('split')} ({str(data.get('manifest') or 'no manifest')[:8]})"


def _first(ids: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(map(printable, ids[:most])) + (", …" if len(ids) > most else "")
