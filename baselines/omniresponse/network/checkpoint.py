"""One safetensors file holds it all: network and codec as float16, settings and tokenizer as metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from baselines.omniresponse.config import RUN_TIME_SECTIONS, from_json, override
from baselines.omniresponse.network.building import build_network
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.packing import pack, unpack
from baselines.omniresponse.network.quantised import parameters
from baselines.omniresponse.network.shared_codec import codec_hash, find_codec
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.shared.checkpoints import Provenance
from baselines.shared.codec.choose import codec_of
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.files.atomic import atomic_path

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec

FORMAT: Final = "omniresponse-1"
SUBJECTS: Final = "model.llm.subjects"
TRAIN_COMMAND: Final = "omnibench train omniresponse --data mini"
# Statistics in physical units: half precision would cost a head position in centimetres its third digit.
FULL_PRECISION: Final = ("model.scale.", "model.voice.voice_")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that can open sessions."""

    model: OmniResponse
    tokenizer: ChronoTokenizer
    codec: Codec
    provenance: Provenance

    @property
    def parameters(self) -> int:
        """Trained numbers, codec included."""
        codec = getattr(self.codec, "network", torch.nn.Module())
        return sum(parameters(part) for part in (self.model, codec))


def save_checkpoint(
    path: Path,
    model: OmniResponse,
    tokenizer: ChronoTokenizer,
    codec_state: Mapping[str, Tensor],
    origin: Provenance,
    shared: bool = False,
) -> None:
    """Write everything a session needs to ``path``, atomically; equal content gives equal bytes.

    With ``shared`` the codec is another checkpoint's: its hash alone is written, and the network's matrices as int8.
    What words are about is int8 in any case, for a direction needs no more.
    """
    borrowed = {f"llm.{name}" for name in model.llm.borrowed()}  # a pretrained LLM is read from its own files
    tensors = {f"model.{name}": value for name, value in model.state_dict().items() if name not in borrowed}
    if shared:
        tensors = pack(tensors)
    else:
        tensors |= pack({SUBJECTS: tensors.pop(SUBJECTS)}) | {f"codec.{n}": value for n, value in codec_state.items()}
    stored = {name: _stored(name, value) for name, value in sorted(tensors.items())}
    metadata = {
        "format": FORMAT,
        "settings": model.settings.to_json(),
        "tokenizer": tokenizer.to_json(),
        "provenance": json.dumps(asdict(origin), sort_keys=True),
    }
    if shared:
        metadata["codec_sha256"] = codec_hash(codec_state)
    with atomic_path(path) as temporary:
        save_file(stored, temporary, metadata)


def _stored(name: str, value: Tensor) -> Tensor:
    halve = value.is_floating_point() and not name.startswith(FULL_PRECISION)
    return (value.half() if halve else value).contiguous().cpu()


def load_checkpoint(path: Path, changes: Mapping[str, object]) -> Checkpoint:
    """Read a checkpoint.

    Args:
        path: the safetensors file.
        changes: settings of the sections ``sampling`` and ``runtime`` to run with instead of the checkpoint's.

    Raises:
        MissingError: no such file, or no files of the pretrained LLM or codec that its configuration names.
        InputError: truncated, not an OmniResponse checkpoint, one of another configuration, or its tensors do not fit
            its settings.
        UsageError: a change outside ``sampling`` and ``runtime``.
    """
    if not path.is_file():
        raise MissingError(
            f"{path}: no OmniResponse checkpoint there. Train one: `{TRAIN_COMMAND}` "
            "(its result can be given as --checkpoint)."
        )
    metadata, tensors = _read(path)
    if metadata.get("format") != FORMAT:
        raise InputError(
            f'{path}: metadata "format" is {metadata.get("format")!r}, expected "{FORMAT}". '
            f"Train one: `{TRAIN_COMMAND}`."
        )
    try:
        own = from_json(metadata["settings"])
        tokenizer = ChronoTokenizer.from_json(metadata["tokenizer"])
        origin = Provenance(**json.loads(metadata["provenance"]))
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}: its metadata is damaged ({error!r}). Copy it again, or train one: `{TRAIN_COMMAND}`."
        ) from error
    settings = override(own, changes)
    foreign = [name for name in own.differences(settings) if name.partition(".")[0] not in RUN_TIME_SECTIONS]
    if "name" in foreign:
        raise InputError(
            f'{path} is a checkpoint of the configuration "{own.name}", expected "{settings.name}". Leave --config '
            f"away, or train one: `{TRAIN_COMMAND} --config {settings.name}`."
        )
    if foreign:
        raise UsageError(
            f"{path} was trained with another {', '.join(foreign)}. Only settings of [sampling] and [runtime] can be "
            f"changed when running; train a checkpoint of that configuration: `{TRAIN_COMMAND} --config FILE`."
        )
    shared = metadata.get("codec_sha256")
    codec_state = _part(tensors, "codec.") if shared is None else find_codec(shared, path)
    codec = codec_of(settings.codec, codec_state)
    model = build_network(settings, tokenizer, codec)
    _fill(model, unpack(_part(tensors, "model.")), path)
    model.llm.prepare(settings.runtime.precision)
    return Checkpoint(model.eval(), tokenizer, codec, origin)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(
            f"{path}: not a whole safetensors file ({error}). Copy it again, or train one: `{TRAIN_COMMAND}`."
        ) from error


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _fill(model: OmniResponse, state: Mapping[str, Tensor], path: Path) -> None:
    borrowed = {f"llm.{name}" for name in model.llm.borrowed()}
    own = {name: value for name, value in model.state_dict().items() if name not in borrowed}
    wrong = sorted(own.keys() ^ state.keys()) or [n for n, v in own.items() if v.shape != state[n].shape]
    if wrong:
        raise InputError(
            f"{path}: {len(wrong)} tensors do not fit its configuration, first {wrong[0]}. "
            f"Train one: `{TRAIN_COMMAND}`."
        )
    model.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()}, strict=not borrowed)
