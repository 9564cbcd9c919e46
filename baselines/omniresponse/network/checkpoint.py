"""One safetensors file holds it all: network and codec as float16, settings and tokenizer as metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from baselines.omniresponse.config import RUN_TIME_SECTIONS, from_json, override
from baselines.omniresponse.network.building import build_network
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.packing import pack, unpack
from baselines.omniresponse.network.quantised import parameters
from baselines.omniresponse.network.shared_codec import codec_hash, find_codec
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.shared.checkpoints import Provenance, fill, in_precision, read_checkpoint, train_command
from baselines.shared.codec.choose import codec_of
from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import atomic_path

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec

FORMAT: Final = "omniresponse-1"
SUBJECTS: Final = "model.llm.subjects"
TRAIN_COMMAND: Final = train_command("omniresponse")
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
    borrowed = _borrowed(model)
    tensors = {f"model.{name}": value for name, value in model.state_dict().items() if name not in borrowed}
    if shared:
        tensors = pack(tensors)
    else:
        tensors |= pack({SUBJECTS: tensors.pop(SUBJECTS)}) | {f"codec.{n}": value for n, value in codec_state.items()}
    metadata = {
        "format": FORMAT,
        "settings": model.settings.to_json(),
        "tokenizer": tokenizer.to_json(),
        "provenance": json.dumps(asdict(origin), sort_keys=True),
    }
    if shared:
        metadata["codec_sha256"] = codec_hash(codec_state)
    with atomic_path(path) as temporary:
        save_file(in_precision(tensors, FULL_PRECISION), temporary, metadata)


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
    metadata, tensors = read_checkpoint(path, "omniresponse", FORMAT)
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
    fill(model, unpack(_part(tensors, "model.")), path, "omniresponse", _borrowed(model))
    model.llm.prepare(settings.runtime.precision)
    return Checkpoint(model.eval(), tokenizer, codec, origin)


def _borrowed(model: OmniResponse) -> set[str]:
    """Tensors of a pretrained LLM, which is read from its own files."""
    return {f"llm.{name}" for name in model.llm.borrowed()}


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
