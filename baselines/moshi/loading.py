"""Reads Moshi's files into the moshi package's classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import sentencepiece
import torch
from moshi.models import loaders

from baselines.moshi import NAME, ON_A_GPU
from baselines.moshi.files import MoshiFiles, found, published
from baselines.moshi.memory import needed
from baselines.moshi.schedule import SAMPLE_RATE, STEP_SAMPLES
from baselines.moshi.settings import Settings, read_settings
from baselines.moshi.streams import Networks
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.responder import ModelOptions

T = TypeVar("T")
PRECISIONS: Final = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def load(options: ModelOptions) -> tuple[Networks, Any]:
    """Both networks on ``options.device``, and the sentencepiece tokenizer.

    Raises:
        MissingError: weights, a GPU or its memory are not there.
        InputError: a file that does not hold what its name promises.
        UsageError: a device that torch does not know, or a setting that does not fit.
    """
    settings = read_settings(options.settings)
    device = _device(options.device)
    files = published() if options.checkpoint is None else found(options.checkpoint)
    _check_room(device, files, settings)
    mimi = _read(files.mimi, lambda: _mimi(files, device))
    model = _read(files.language_model, lambda: _language_model(files, device, settings))
    tokenizer = _read(files.tokenizer, lambda: sentencepiece.SentencePieceProcessor(str(files.tokenizer)))
    if (mimi.sample_rate, mimi.frame_size) != (SAMPLE_RATE, STEP_SAMPLES):
        raise InputError(
            f"{files.mimi}: {mimi.frame_size} samples a step at {mimi.sample_rate} Hz, expected {STEP_SAMPLES} at "
            f"{SAMPLE_RATE} Hz."
        )
    if max(model.delays) > 1:
        raise InputError(f"{files.language_model}: delays of {max(model.delays)} steps, expected 1 at most.")
    if tokenizer.get_piece_size() != model.text_card:
        raise InputError(
            f"{files.tokenizer}: {tokenizer.get_piece_size()} pieces, the language model has {model.text_card}."
        )
    mimi.set_num_codebooks(max(model.dep_q, model.n_q - model.dep_q))
    return Networks(mimi.requires_grad_(False), model.requires_grad_(False), settings), tokenizer


def _mimi(files: MoshiFiles, device: torch.device) -> Any:
    return loaders.get_mimi(files.mimi, files.mimi_config, device=device)


def _language_model(files: MoshiFiles, device: torch.device, settings: Settings) -> Any:
    return loaders.get_moshi_lm(
        files.language_model,
        lm_kwargs=files.language_model_config,
        device=device,
        dtype=PRECISIONS[settings.precision],
    )


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"--device {name}: expected cpu, cuda or cuda:N.") from error
    if device.type not in ("cpu", "cuda"):
        raise UsageError(f"--device {name}: {NAME} runs on cpu, cuda or cuda:N.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise MissingError(
            f"--device {name}: torch {torch.__version__} finds no GPU here. On a machine with a GPU of 24 GB and a "
            f"CUDA build of torch: {ON_A_GPU}; without one, slowly: omnibench run --model {NAME} --device cpu"
        )
    return torch.device("cuda", torch.cuda.current_device()) if name == "cuda" else device


def _check_room(device: torch.device, files: MoshiFiles, settings: Settings) -> None:
    if device.type != "cuda":
        return
    free, wanted = torch.cuda.mem_get_info(device)[0], needed(files.weight_bytes(), settings)
    if free < wanted:
        raise MissingError(
            f"{device}: {free / 1e9:.1f} GB are free and {NAME} takes {wanted / 1e9:.1f} GB. Free the GPU, or run it "
            f"on one with 24 GB: {ON_A_GPU}"
        )


def _read(path: object, load_file: Callable[[], T]) -> T:
    """What a file holds; what torch, safetensors and sentencepiece say of a file that does not fit becomes one line."""
    try:
        return load_file()
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        if "allocate memory" in str(error):
            raise
        first = str(error).strip().splitlines()
        raise InputError(f"{path}: not what {NAME} expects: {type(error).__name__}: {' '.join(first[:2])}") from error
