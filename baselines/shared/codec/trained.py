"""The codec of an OmniResponse checkpoint without the network that speaks with it: other models' targets and voice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from torch import Tensor

from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec
from baselines.shared.configuration import override
from omnibench.errors import InputError, MissingError
from omnibench.files.checked import parse_json

SHIPPED: Final = Path(__file__).parents[2] / "omniresponse" / "weights" / "tiny.safetensors"
_PREFIX: Final = "codec."
_VOICE: Final = "model.voice.voice_mean"


@dataclass(frozen=True, slots=True)
class TrainedCodec:
    """``voiceprint`` is the mean voice of the training split; ``key`` names these very weights: audio tokens of another
    codec mean nothing to this one.
    """

    codec: SourceFilterCodec
    voiceprint: Tensor
    key: str


def load_codec(path: Path = SHIPPED) -> TrainedCodec:
    """The codec of a checkpoint, the shipped one by default.

    Raises:
        MissingError: no such file.
        InputError: cut short, or a checkpoint without a codec.
    """
    if not path.is_file():
        raise MissingError(
            f"{path}: no OmniResponse checkpoint there, whose codec was asked for. Train one: "
            "`omnibench train omniresponse --data mini`."
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            names = [name for name in file.keys() if name.startswith(_PREFIX)]  # noqa: SIM118
            state = {name.removeprefix(_PREFIX): file.get_tensor(name) for name in sorted(names)}
            voice = file.get_tensor(_VOICE).float() if names else None
        stored = parse_json(metadata["settings"].encode())["codec"]
        known = {name: value for name, value in stored.items() if name in CodecSettings.model_fields}
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not a whole OmniResponse checkpoint ({error}). Copy it again, or train one: "
            "`omnibench train omniresponse --data mini`."
        ) from error
    if voice is None:
        raise InputError(f"{path}: no codec in it; expected tensors codec.*, as the configuration tiny leaves.")
    digest = hashlib.sha256()
    for name, value in state.items():
        digest.update(name.encode() + value.numpy().tobytes())
    try:
        codec = SourceFilterCodec.from_state(state, override(CodecSettings(), known, "codec"))
    except (KeyError, RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: its codec does not fit its settings ({error}). Copy it again.") from error
    return TrainedCodec(codec, voice, digest.hexdigest()[:16])
