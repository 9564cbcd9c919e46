"""What ``omnibench run`` was asked to do, resolved; and the part of it that defines the answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnibench.errors import InputError, UsageError
from omnibench.files.hashing import file_sha256
from omnibench.files.names import chosen_of
from omnibench.files.records import Identity
from omnibench.responder import ModelEntry
from omnibench.runner.play import PlaySpec


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One model on one split: what is played, and how the run goes about it.

    ``workers`` processes with the model's ``threads`` each; 0 runs in this process, for a debugger. Answers depend on
    ``threads`` and ``batch`` (sums in another order round differently) and never on ``workers``. ``protocol`` is kept
    in ``run.json`` for those who score the answers later.
    """

    play: PlaySpec
    out: Path
    ids: tuple[str, ...] = ()
    limit: int | None = None
    workers: int = 1
    batch: int = 1
    fresh: bool = False
    protocol: str = ""

    @property
    def under(self) -> dict[str, Any]:
        """What records say of the condition: nothing where there is none."""
        return {} if self.play.condition is None else {"condition": str(self.play.condition)}

    def wanted(self) -> tuple[str, ...]:
        """The dialogues to play, in the manifest's order.

        Raises:
            UsageError: an id that the split does not have, or nothing is left.
        """
        where, known = f"{self.play.dataset.name}-{self.play.split}", self.play.dataset.ids(self.play.split)
        asked = set(chosen_of(self.ids, known, f"{where}, which has {len(known)} dialogues"))
        chosen = [dialogue for dialogue in known if not asked or dialogue in asked]
        chosen = chosen if self.limit is None else chosen[: self.limit]
        if not chosen:
            raise UsageError(f"{where}: no dialogue to play; it has {len(known)}.")
        return tuple(chosen)

    def identity(self, entry: ModelEntry) -> Identity:
        """Everything that defines the answers; a folder of predictions only ever holds one of these."""
        play, model = self.play, self.play.model
        own = entry.default_checkpoint
        checkpoint = model.checkpoint or (own if own is not None and own.exists() else None)
        settings = {name: value for name, value in model.settings.items() if name not in entry.runtime_settings}
        fingerprint, named, known = entry.fingerprint(model.options), files_of(settings), self.under
        known |= {} if fingerprint is None else {"fingerprint": dict(fingerprint)}
        known |= {"files": {str(path): _checkpoint_hash(path) for path in named}} if named else {}
        return Identity(
            **known,
            model=entry.card.name,
            model_version=entry.card.version,
            source=entry.source,
            checkpoint=_checkpoint_hash(checkpoint),
            settings=settings,
            seed=play.seed,
            transcript=str(play.transcript),
            data=play.dataset.name,
            split=play.split,
            manifest=play.dataset.manifest_hash(play.split),
            render=play.renderer,
            device=model.device,
            threads=model.threads,
            batch=self.batch,
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
        return " ".join(file_sha256(p) for p in sorted(path.rglob("*")) if p.is_file())
    if not path.is_file():
        raise InputError(f"{path}: no such checkpoint.")
    return file_sha256(path)
