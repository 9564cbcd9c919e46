"""Checkpoints of the original ViCo code (dc3ea9f/vico_challenge_baseline @16424c0), trained on these 64 coefficients.

Its ``train.py`` leaves a bare state dict, ``checkpoints/Epoch_NNN.bin``; the means and deviations that its data were
standardised with are ``features/video_feats_mean_std.bin`` and ``features/audio_feats_mean_std.bin``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from baselines.shared.checkpoints import Provenance, fill
from baselines.shared.configuration import override
from baselines.shared.original_checkpoints import read_original, renamed
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH
from baselines.vico.config import NetworkSettings, Settings
from baselines.vico.network import ListenerGenerator, Vico
from omnibench.errors import InputError, MissingError
from omnibench.media.face import FACE_DIM

PREFIXES: Final = {
    "fusion.layernorm_init.": "start_norm.",
    "fusion.get_initial_state.": "start.",
    "fusion.layernorm_driven.": "norm.",
    "fusion.fusion.": "fuse.",
    "fusion.lstm_layers.": "memory.",
    "dynam_3dmm_fc.": "leave.",
}


def load_original(path: Path, changes: Mapping[str, object]) -> tuple[Vico, Settings, Provenance]:
    """The network of an original checkpoint, with ``statistics.faces`` and ``statistics.audio`` of ``--set``, or the
    files of the original names beside it.

    Raises:
        MissingError: no statistics.
        InputError: not such a checkpoint, or one for other coefficients.
    """
    tensors = renamed(read_original(path), PREFIXES, path)
    sizes = sizes_of(tensors, path)
    if sizes["face"] != FACE_DIM or sizes["speech"] != SPEECH_WIDTH:
        raise InputError(
            f"{path}: a network for {sizes['face']} face coefficients and {sizes['speech']} speech features; expected "
            f"{FACE_DIM} and {SPEECH_WIDTH}. Coefficients of another face model mean nothing here: train the original "
            "code on ResponseNet's vectors, or run `omnibench train vico`."
        )
    settings = override(Settings(), changes, "vico")
    network = Vico(network_settings(sizes))
    fill(network.generator, tensors, path, "vico")
    faces = _statistics(settings.statistics.faces, path, "video_feats_mean_std.bin", "faces")
    audio = _statistics(settings.statistics.audio, path, "audio_feats_mean_std.bin", "audio")
    _fill_scale(network.scale, faces.get("angle.exp.trans", faces), path)
    _fill_scale(network.speech_scale, audio, path)
    return network, settings, Provenance(trained_on="", command=f"original code, {path.name}")


def sizes_of(tensors: Mapping[str, Tensor], path: Path) -> dict[str, int]:
    """Widths that the shapes of renamed tensors tell."""
    try:
        layers = sum(name.startswith("memory.weight_hh_l") for name in tensors)
        face, hidden = tensors["leave.weight"].shape
        fused, driven = tensors["fuse.0.weight"].shape
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: not a listener of the ViCo baseline ({error}).") from error
    return {"face": face, "speech": driven - face, "fused": fused, "hidden": hidden, "layers": layers}


def network_settings(sizes: Mapping[str, int]) -> NetworkSettings:
    """Settings of a network with these widths."""
    return NetworkSettings(fused=sizes["fused"], hidden=sizes["hidden"], layers=sizes["layers"])


def generator_of(tensors: Mapping[str, Tensor], path: Path) -> ListenerGenerator:
    """The bare generator of renamed tensors, at whatever face width they have."""
    sizes = sizes_of(tensors, path)
    generator = ListenerGenerator(network_settings(sizes), sizes["face"], sizes["speech"])
    fill(generator, tensors, path, "vico")
    return generator.eval()


def _statistics(given: str, checkpoint: Path, name: str, setting: str) -> Mapping[str, Any]:
    path = Path(given) if given else checkpoint.parent / name
    if not path.is_file():
        raise MissingError(
            f"{path}: the mean and deviation that {checkpoint.name} was trained with. The original code leaves them "
            f"as features/{name}; give it with `--set statistics.{setting}=FILE`."
        )
    return read_original(path)


def _fill_scale(scale: torch.nn.Module, values: Mapping[str, Any], path: Path) -> None:
    try:
        state = {"mean": values["mean"].float(), "deviation": values["std"].float()}
        scale.load_state_dict(state)
    except (KeyError, AttributeError, RuntimeError) as error:
        raise InputError(f"{path}: its statistics do not fit ({error}); expected tensors mean and std.") from error
