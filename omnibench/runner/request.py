"""What ``omnibench run`` was asked to do, resolved; and the part of it that defines the answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omnibench.datasets.base import DataSet
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError, UsageError
from omnibench.files.records import Identity
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.responder import ModelCard, ModelEntry, ModelOptions
from omnibench.runner.recorder import file_hash


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One model on one split.

    ``workers`` processes with ``threads`` threads each; 0 runs in this process, for a debugger. Answers depend on
    ``threads`` and ``batch`` (sums in another order round differently) and never on ``workers``. ``memory`` is the most
    that each of these processes may take, in 10^9 bytes. ``renderer`` ``""`` writes no video. ``protocol`` is kept in
    ``run.json`` for those who score the answers later.
    """

    model: str
    data: str
    split: str
    out: Path
    seed: int = 0
    transcript: Transcript = field(default_factory=Transcript)
    checkpoint: Path | None = None
    device: str = "cpu"
    settings: Mapping[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    limit: int | None = None
    workers: int = 1
    threads: int = 1
    batch: int = 1
    renderer: str = DEFAULT_RENDERER
    fresh: bool = False
    allow_transfer: bool = False
    memory: float | None = None
    protocol: str = ""

    @property
    def options(self) -> ModelOptions:
        """How the model is built."""
        return ModelOptions(self.checkpoint, self.device, self.settings)

    def wanted(self, dataset: DataSet) -> tuple[str, ...]:
        """The dialogues to play, in the manifest's order.

        Raises:
            UsageError: an id that the split does not have, or nothing is left.
        """
        known = dataset.ids(self.split)
        unknown = [dialogue for dialogue in self.ids if dialogue not in known]
        if unknown:
            raise UsageError(
                f'--ids: "{unknown[0]}" is not in {dataset.name}-{self.split}, which has {len(known)} dialogues.'
            )
        chosen = [dialogue for dialogue in known if not self.ids or dialogue in self.ids]
        chosen = chosen if self.limit is None else chosen[: self.limit]
        if not chosen:
            raise UsageError(f"{dataset.name}-{self.split}: no dialogue to play; it has {len(known)}.")
        return tuple(chosen)

    def identity(self, entry: ModelEntry, dataset: DataSet) -> Identity:
        """Everything that defines the answers; a folder of predictions only ever holds one of these."""
        own: Path | None = getattr(entry, "default_checkpoint", None)
        checkpoint = self.checkpoint or (own if own is not None and own.exists() else None)
        runtime: frozenset[str] = getattr(entry, "runtime_settings", frozenset())
        fingerprint = getattr(entry, "fingerprint", None)
        named = files_of({name: value for name, value in self.settings.items() if name not in runtime})
        return Identity(
            **({} if fingerprint is None else {"fingerprint": dict(fingerprint(self.options))}),
            model=entry.card.name,
            model_version=entry.card.version,
            source=getattr(entry, "source", ""),
            checkpoint=_checkpoint_hash(checkpoint),
            settings={name: value for name, value in self.settings.items() if name not in runtime},
            **({"files": {str(path): _checkpoint_hash(path) for path in named}} if named else {}),
            seed=self.seed,
            transcript=str(self.transcript),
            data=dataset.name,
            split=self.split,
            manifest=dataset.manifest_hash(self.split),
            render=self.renderer,
            device=self.device,
            threads=self.threads,
            batch=self.batch,
        )


def check_transfer(card: ModelCard, dataset: str, allowed: bool) -> None:
    """Refuse a checkpoint trained on other, smaller data unless the user insists.

    Raises:
        InputError: the card says that it does not transfer, and ``dataset`` is not what it was trained on.
    """
    if card.transfers or allowed or dataset in card.trained_on:
        return
    raise InputError(
        f"{card.name} was trained on {', '.join(card.trained_on) or 'nothing'} only and says little about {dataset}. "
        f"Train it (`omnibench train {card.name} --data …`), or add --allow-transfer; tables will mark the row."
    )


def files_of(settings: Mapping[str, Any]) -> list[Path]:
    """The files and folders that a model's settings name, as far as they are there: what looks like a path."""
    found = [Path(text) for text in _texts(settings) if os.sep in text or Path(text).suffix]
    return [path for path in dict.fromkeys(found) if path.exists()]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


def _checkpoint_hash(path: Path | None) -> str:
    if path is None:
        return ""
    if path.is_dir():
        return " ".join(file_hash(p) for p in sorted(path.rglob("*")) if p.is_file())
    if not path.is_file():
        raise InputError(f"{path}: no such checkpoint.")
    return file_hash(path)
