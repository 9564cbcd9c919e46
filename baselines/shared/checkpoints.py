"""One safetensors file per trained listener: its tensors, its settings and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from baselines.shared.configuration import Section, override
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.files.atomic import atomic_path
from omnibench.files.checked import JsonFault, parse_json

if TYPE_CHECKING:
    from torch import Tensor, nn

    from omnibench.responder import ModelCard

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where weights come from."""

    trained_on: str
    manifest: str = ""
    command: str = ""
    commit: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint(Generic[S]):
    """What a file holds. ``notes`` are further texts of the model's own, like the key of the codec it speaks with."""

    settings: S
    tensors: Mapping[str, Tensor]
    provenance: Provenance
    notes: Mapping[str, str]


def described(card: ModelCard, parameters: int, origin: Provenance) -> ModelCard:
    """The card of a loaded checkpoint. Weights of unknown origin may run on any data: the user knows what they are."""
    known = (origin.trained_on,) if origin.trained_on else ()
    return replace(card, parameters=parameters, trained_on=known, transfers=card.transfers or not known)


def train_command(model: str) -> str:
    """The command that makes a checkpoint."""
    return f"omnibench train {model} --data mini"


def save_checkpoint(
    path: Path,
    model: str,
    network: nn.Module,
    settings: Section,
    origin: Provenance,
    *,
    full_precision: tuple[str, ...] = (),
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write a network as float16, atomically; equal content gives equal bytes.

    Args:
        path: the file.
        model: the model's name; a checkpoint of another model is refused.
        network: its state dict is stored.
        settings: stored as JSON.
        origin: stored as JSON.
        full_precision: beginnings of tensor names that stay float32, like statistics in physical units.
        notes: further texts.
    """
    metadata = {
        "format": _format(model),
        "settings": settings.to_json(),
        "provenance": json.dumps(asdict(origin), sort_keys=True),
        "notes": json.dumps(dict(notes or {}), sort_keys=True),
    }
    with atomic_path(path) as temporary:
        save_file(in_precision(network.state_dict(), full_precision), temporary, metadata)


def load_checkpoint(
    path: Path, model: str, default: S, changes: Mapping[str, object], run_time: tuple[str, ...]
) -> Checkpoint[S]:
    """Read a checkpoint.

    Args:
        path: the safetensors file.
        model: whose checkpoint it must be.
        default: settings that the stored ones go on top of.
        changes: settings to run with instead of the checkpoint's.
        run_time: sections that ``changes`` may touch.

    Raises:
        MissingError: no such file.
        InputError: truncated, or a checkpoint of something else.
        UsageError: a change outside ``run_time``.
    """
    metadata, tensors = read_checkpoint(path, model, _format(model))
    try:
        stored, notes = (_object(metadata, key) for key in ("settings", "notes"))
        origin = Provenance(**_object(metadata, "provenance"))
    except (JsonFault, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: its metadata is damaged ({error}). Copy it again, or train one: `{train_command(model)}`."
        ) from error
    own = override(default, stored, model)
    settings = override(own, changes, model)
    foreign = [name for name in own.differences(settings) if name.partition(".")[0] not in run_time]
    if foreign:
        allowed = " and ".join(f"[{section}]" for section in run_time) or "none"
        raise UsageError(
            f"{path} was trained with another {', '.join(foreign)}. Sections that can be changed when running: "
            f"{allowed}; for the rest train a checkpoint: `{train_command(model)} --set ...`."
        )
    return Checkpoint(settings, tensors, origin, notes)


def read_checkpoint(path: Path, model: str, form: str) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors of a checkpoint of ``model``, whose metadata names the format ``form``.

    Raises:
        MissingError: no such file.
        InputError: truncated, or a checkpoint of something else.
    """
    if not path.is_file():
        raise MissingError(
            f"{path}: no {model} checkpoint there. Train one: `{train_command(model)}` "
            "(its result can be given as --checkpoint)."
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(
            f"{path}: not a whole safetensors file ({error}). Copy it again, or train one: `{train_command(model)}`."
        ) from error
    if metadata.get("format") != form:
        raise InputError(
            f'{path}: metadata "format" is {metadata.get("format")!r}, expected "{form}". '
            f"Train one: `{train_command(model)}`."
        )
    return metadata, tensors


def _object(metadata: Mapping[str, str], key: str) -> dict[str, Any]:
    found = parse_json(metadata[key].encode())
    if not isinstance(found, dict):
        raise TypeError(f"{key}: expected an object")
    return found


def fill(
    network: nn.Module, tensors: Mapping[str, Tensor], path: Path, model: str, borrowed: Collection[str] = ()
) -> None:
    """Put tensors into a network, all but those named ``borrowed``, which are there already.

    Raises:
        InputError: a name or shape does not fit.
    """
    own = {name: value for name, value in network.state_dict().items() if name not in borrowed}
    wrong = sorted(own.keys() ^ tensors.keys()) or [n for n, v in own.items() if v.shape != tensors[n].shape]
    if wrong:
        raise InputError(
            f"{path}: {len(wrong)} tensors do not fit its configuration, first {wrong[0]}. "
            f"Train one: `{train_command(model)}`."
        )
    found = {name: value.to(own[name].dtype) for name, value in tensors.items()}
    network.load_state_dict(found, strict=not borrowed)


def in_precision(state: Mapping[str, Tensor], full_precision: tuple[str, ...]) -> dict[str, Tensor]:
    """Tensors as a checkpoint keeps them, by name: float16, but for those whose names begin with one of
    ``full_precision``.
    """
    stored = {}
    for name, value in sorted(state.items()):
        halve = value.is_floating_point() and not name.startswith(full_precision)
        stored[name] = (value.half() if halve else value).contiguous().cpu()
    return stored


def _format(model: str) -> str:
    return f"omnibench-{model}-1"
