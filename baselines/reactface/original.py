"""Checkpoints of the original ReactFace code (lingjivoo/ReactFace @fa4b3a4), trained on these 64 coefficients.

Its ``train.py`` leaves ``{"epoch", "state_dict", "optimizer"}`` with names of its own modules; faces are shifted by
``mean_face.npy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.reactface.config import NetworkSettings, SessionSettings, Settings, WaveSettings
from baselines.reactface.network import ReactFace
from baselines.shared.checkpoints import Provenance, fill
from baselines.shared.configuration import override
from baselines.shared.original_checkpoints import read_original, renamed
from omnibench.errors import InputError, MissingError
from omnibench.files.checked import read_npy
from omnibench.media.face import FACE_DIM

_WAVE: Final = "speaker_reaction_decoder.audio_encoder.wav2vec2."
PREFIXES: Final = {
    "PPE.": "",
    "PE.": "",
    "past_motion_linear.": "past.",
    f"{_WAVE}encoder.pos_conv_embed.conv.weight_g": "audio.wav2vec2.encoder.pos_conv_embed.conv."
    "parametrizations.weight.original0",
    f"{_WAVE}encoder.pos_conv_embed.conv.weight_v": "audio.wav2vec2.encoder.pos_conv_embed.conv."
    "parametrizations.weight.original1",
    _WAVE: "audio.wav2vec2.",
    "speaker_reaction_decoder.audio_encoder.lm_head.": "",
    "speaker_reaction_decoder.audio_feature_map.": "speaker.hear.",
    "speaker_reaction_decoder.PPE.": "",
    "speaker_reaction_decoder.speaker_transformer_decoder1.": "speaker.frames.",
    "speaker_reaction_decoder.speaker_transformer_decoder2.": "speaker.first.",
    "speaker_reaction_decoder.speaker_transformer_decoder3.": "speaker.second.",
    "speaker_decoder.": "rebuild.",
    "speaker_vector_map_layer.": "rebuilt.",
    "video_encoder.Conv3D.conv1.": "video.convolutions.0.",
    "video_encoder.Conv3D.conv2.": "video.convolutions.1.",
    "video_encoder.Conv3D.conv3.": "video.convolutions.2.",
    "video_encoder.Conv3D.conv4.": "video.convolutions.3.",
    "video_encoder.Conv3D.conv5.": "video.convolutions.4.",
    "video_encoder.fc.": "video.leave.",
    "transformer_fusion_plm2sm.": "see_past.",
    "transformer_fusion_plm2sa.": "hear_past.",
    "interaction_VAE.linear.": "vae.enter.",
    "interaction_VAE.seqTransEncoder.": "vae.layers.",
    "interaction_VAE.mu_token": "vae.mean",
    "interaction_VAE.logvar_token": "vae.log_variance",
    "interaction_VAE.PE.": "",
    # In the original, but no part of what it computes.
    "transformer_listener_vectors.": "",
    "listener_reaction_decoder.PE.": "",
    "listener_reaction_decoder.transformer_decoder.": "react.plan.",
    "listener_reaction_decoder.transformer_fusion_decode1.": "react.hear.",
    "listener_reaction_decoder.transformer_fusion_decode2.": "react.see.",
    "listener_reaction_decoder.listener_reaction_3dmm_map_layer.": "react.leave.",
}


def load_original(path: Path, changes: Mapping[str, object]) -> tuple[ReactFace, Settings, Provenance]:
    """The network of an original checkpoint, with ``statistics.mean_face`` (and ``statistics.std_face``) of ``--set``,
    or ``mean_face.npy`` beside it.

    Raises:
        MissingError: no mean face.
        InputError: not such a checkpoint, or one for other coefficients.
    """
    tensors = renamed(read_original(path), PREFIXES, path)
    settings = override(Settings(), changes, "reactface")
    if not any(key.startswith("session") for key in changes):
        settings = settings.model_copy(update={"session": SessionSettings(from_first_face=False)})
    network = network_of(tensors, path)
    mean = _vector(settings.statistics.mean_face, path, "mean_face.npy")
    deviation = np.ones(FACE_DIM, np.float32)
    if settings.statistics.std_face:
        deviation = _vector(settings.statistics.std_face, path, "std_face.npy")
    network.scale.load_state_dict({"mean": torch.from_numpy(mean), "deviation": torch.from_numpy(deviation)})
    return network, settings, Provenance(trained_on="", command=f"original code, {path.name}")


def network_of(tensors: Mapping[str, Tensor], path: Path) -> ReactFace:
    """The network of renamed tensors. Raises InputError where they are for other coefficients, or not ReactFace's."""
    try:
        faces, width = tensors["react.leave.weight"].shape
        hidden = tensors["speaker.hear.weight"].shape[1]
        feed_forward = tensors["vae.layers.layers.0.linear1.weight"].shape[0]
        convolution = tensors["audio.wav2vec2.feature_extractor.conv_layers.0.conv.weight"].shape[0]
        wide = tensors["audio.wav2vec2.encoder.layers.0.feed_forward.intermediate_dense.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: not a ReactFace checkpoint ({error}).") from error
    if faces != FACE_DIM:
        raise InputError(
            f"{path}: a network for {faces} face coefficients; expected {FACE_DIM}. Coefficients of another face model "
            "mean nothing here: train the original code on ResponseNet's vectors, or run `omnibench train reactface`."
        )
    layers = sum(name.endswith("feed_forward.intermediate_dense.weight") for name in tensors)
    network = ReactFace(
        NetworkSettings(width=width, vae_feed_forward=feed_forward, video="pixels", audio="wav2vec2"),
        WaveSettings(
            hidden=hidden, layers=layers, heads=max(hidden // 64, 1), feed_forward=wide, convolution=convolution
        ),
    )
    scales = {n: v for n, v in network.state_dict().items() if n.startswith(("scale.", "speech_scale."))}
    fill(network, {**tensors, **scales}, path, "reactface")
    return network.eval()


def _vector(given: str, checkpoint: Path, name: str) -> NDArray[np.float32]:
    path = Path(given) if given else checkpoint.parent / name
    if not path.is_file():
        raise MissingError(
            f"{path}: the face that {checkpoint.name} was trained relative to. The original code keeps it as "
            f"external/FaceVerse/{name}; give it with `--set statistics.{name.removesuffix('.npy')}=FILE`."
        )
    stored = read_npy(path, f"{FACE_DIM} numbers")
    if stored.dtype.kind not in "fiu":
        raise InputError(f"{path}: type {stored.dtype}, expected {FACE_DIM} numbers.")
    values = stored.reshape(-1).astype(np.float32)
    if values.shape != (FACE_DIM,):
        raise InputError(f"{path}: {len(values)} numbers, expected {FACE_DIM}.")
    return values
