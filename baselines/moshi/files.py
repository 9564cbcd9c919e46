"""Moshi's files: the published ones among the assets, or a folder laid out as kyutai's repositories are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from omnibench.assets.finding import find
from omnibench.assets.table import TABLE
from omnibench.errors import InputError
from omnibench.files.checked import read_object

LANGUAGE_MODEL: Final = "model.safetensors"
MIMI: Final = "tokenizer-e351c8d8-checkpoint125.safetensors"
TOKENIZER: Final = "tokenizer_spm_32k_3.model"
PUBLISHED: Final = tuple(f"moshiko/{name}" for name in (LANGUAGE_MODEL, MIMI, TOKENIZER))
PUBLISHED_BYTES: Final = 15_375_458_304
"""Of the published language model: 7,687,729,152 numbers in bfloat16."""

CONFIG: Final = "config.json"
# Keys of config.json that do not describe the language model (CheckpointInfo of moshi 0.2.13).
_NAMES: Final = {"moshi_name": LANGUAGE_MODEL, "mimi_name": MIMI, "tokenizer_name": TOKENIZER, "mimi_config_name": ""}
_OTHERS: Final = ("model_type", "lm_gen_config", "tts_config", "stt_config", "model_id", "lora_name")


@dataclass(frozen=True, slots=True)
class MoshiFiles:
    """Paths, and the shapes of both networks; None: those of the published Moshi."""

    language_model: Path
    mimi: Path
    tokenizer: Path
    language_model_config: dict[str, Any] | None = None
    mimi_config: dict[str, Any] | None = None

    def weight_bytes(self) -> int:
        """Bytes of the language model's file."""
        return self.language_model.stat().st_size


def published() -> MoshiFiles:
    """`kyutai/moshiko-pytorch-bf16`, checked. Raises MissingError naming the command that fetches it."""
    language_model, mimi, tokenizer = (find(name) for name in PUBLISHED)
    return MoshiFiles(language_model, mimi, tokenizer)


def published_bytes() -> int:
    """Bytes of the published language model, whether it is here or not."""
    sizes = {asset.name: asset.size for asset in TABLE}
    return sizes[PUBLISHED[0]] or PUBLISHED_BYTES


def found(folder: Path) -> MoshiFiles:
    """The files of a folder that holds ``config.json`` and what it names.

    Raises:
        InputError: a file that is not there or cannot be read, or a model that is not Moshi's kind.
    """
    config = _read(folder / CONFIG)
    if config.get("model_type", "moshi") != "moshi" or not config.get("dep_q"):
        raise InputError(f"{folder / CONFIG}: expected a model_type moshi that speaks (dep_q > 0).")
    if config.get("lora_name") or config.get("lora"):
        raise InputError(f"{folder / CONFIG}: LoRA beside the weights; merge it into {LANGUAGE_MODEL} first.")
    names = {key: str(config.pop(key, None) or default) for key, default in _NAMES.items()}
    for key in _OTHERS:
        config.pop(key, None)
    mimi_config = _read(folder / names["mimi_config_name"]) if names["mimi_config_name"] else None
    return MoshiFiles(
        _weights(folder, names["moshi_name"]),
        _weights(folder, names["mimi_name"]),
        _existing(folder / names["tokenizer_name"]),
        config,
        mimi_config,
    )


def _weights(folder: Path, name: str) -> Path:
    if not name.endswith(".safetensors"):
        raise InputError(f"{folder / CONFIG}: {name} is a pickle; expected a .safetensors file.")
    return _existing(folder / name)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"{path}: no such file; --checkpoint expects a folder with {CONFIG} and the files it names.")
    return path


def _read(path: Path) -> dict[str, Any]:
    return read_object(_existing(path))
