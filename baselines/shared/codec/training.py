"""Stage 0 of OmniResponse's training: the codec learns on features alone, without waveforms in the loop."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.envelope import BANDS
from baselines.shared.codec.features import (
    FRAMES_PER_TOKEN,
    TOKEN_SAMPLES,
    Analysis,
    analyse,
    normalise,
    silent_tokens,
    voiceprint_of,
)
from baselines.shared.codec.network import CodecNetwork
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import build_network
from omnibench.errors import InputError
from omnibench.files.atomic import write_bytes

State = dict[str, Tensor]
Progress = Callable[[int, int, dict[str, float]], None]

LOSSES: Final = ("loss", "envelope", "motion", "pitch", "voicing")
_STATE_FILE: Final = "codec_state.pt"
_LOSS_FILE: Final = "codec_losses.csv"
_MOTION_WEIGHT: Final = 0.5
_PITCH_WEIGHT: Final = 0.15
_VOICING_WEIGHT: Final = 0.1
_WARP: Final = 0.12
_EQUALISER: Final = 0.3


def train_codec(
    clips: Sequence[NDArray[np.float32]],
    out_dir: Path,
    settings: CodecSettings,
    seed: int,
    on_progress: Progress,
    resume: bool,
) -> State:
    """Train the codec and give its weights.

    Args:
        clips: one speaker each, (n,) float32 in [-1, 1] at 16 kHz; silence in them is used only as silence.
        out_dir: gets ``codec_losses.csv`` (one row per update) and ``codec_state.pt`` (to resume from).
        settings: sizes and length.
        seed: of weights, crops and augmentation; each update draws from (seed, update), so resuming changes nothing.
        on_progress: called with (updates done, updates in all, losses by name) after each update.
        resume: continue from ``out_dir`` if there is a state.

    Returns:
        the state dict, floating point as float16, for `SourceFilterCodec.from_state`.

    Raises:
        InputError: no clip holds as much sound as a crop.
    """
    torch.manual_seed(seed)
    network = build_network(settings)
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=0.01)
    crops = CropSource(clips, settings)
    network.voice_mean.copy_(torch.from_numpy(crops.voice_mean))
    network.voice_scale.copy_(torch.from_numpy(crops.voice_scale))
    out_dir.mkdir(parents=True, exist_ok=True)
    rows: list[list[str]] = []
    if resume and (out_dir / _STATE_FILE).exists():
        rows = _restore(out_dir, network, optimiser)
    for step in range(len(rows), settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * _schedule(step, settings)
        losses = update(network, optimiser, crops.batch(np.random.default_rng([seed, step])))
        rows.append([str(step + 1), *(f"{losses[name]:.6f}" for name in LOSSES)])
        if (step + 1) % settings.save_every == 0 or step + 1 == settings.steps:
            _save(out_dir, network, optimiser, rows)
        on_progress(step + 1, settings.steps, losses)
    return {name: v.half() if v.is_floating_point() else v.clone() for name, v in network.state_dict().items()}


class CropSource:
    """Random augmented crops out of analysed clips."""

    def __init__(self, clips: Sequence[NDArray[np.float32]], settings: CodecSettings) -> None:
        analyses = [analyse(clip) for clip in clips]
        self._settings = settings
        self._frames = settings.crop_tokens * FRAMES_PER_TOKEN
        self._clips = [(a, ~silent_tokens(a), voiceprint_of(a)) for a in analyses if a.voiced.any()]
        self._clips = [entry for entry in self._clips if len(entry[0].voiced) >= self._frames]
        if not self._clips:
            seconds = settings.crop_tokens * TOKEN_SAMPLES / 16_000
            raise InputError(f"The codec needs clips of at least {seconds:.1f} s with speech in them; none has.")
        self._weights = np.array([sounding.sum() for _, sounding, _ in self._clips], float)
        self._weights /= self._weights.sum()
        voices = np.stack([voice for _, _, voice in self._clips])
        self.voice_mean = voices.mean(axis=0)
        self.voice_scale = np.maximum(voices.std(axis=0), 0.05).astype(np.float32)
        self.voice_scale[:BANDS] = 0.5

    def batch(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Frames (B, 2 N, FRAME_WIDTH), silence (B, N) and voiceprints (B, VOICEPRINT_WIDTH)."""
        crops = [self._crop(rng) for _ in range(self._settings.batch)]
        frames, silent, voices = zip(*crops, strict=True)
        return tuple(torch.from_numpy(np.stack(part)) for part in (frames, silent, voices))  # type: ignore[return-value]

    def _crop(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
        analysis, sounding, voice = self._clips[rng.choice(len(self._clips), p=self._weights)]
        tokens = self._settings.crop_tokens
        middle = int(rng.choice(np.flatnonzero(sounding)))
        first = int(np.clip(middle - rng.integers(tokens), 0, len(sounding) - tokens))
        part = slice(first * FRAMES_PER_TOKEN, (first + tokens) * FRAMES_PER_TOKEN)
        warp = 1 + rng.uniform(-_WARP, _WARP)
        tilt = _smooth_curve(rng)
        envelope = warped(analysis.envelope[part], warp) + tilt
        shift = np.float32(rng.uniform(-0.3, 0.3))
        varied = Analysis(envelope, analysis.log_f0[part] + shift, analysis.voiced[part])
        own = voice.copy()
        own[:BANDS] = warped(voice[None, :BANDS], warp)[0] + tilt
        own[BANDS] += shift
        return normalise(varied, own), ~sounding[first : first + tokens], own


def warped(envelope: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """(T, BANDS) envelopes of a vocal tract ``factor`` times as short, formants moved up by it along the bands."""
    source = np.clip(np.arange(BANDS) / factor, 0, BANDS - 1)
    below = np.minimum(source.astype(int), BANDS - 2)
    fraction = (source - below).astype(np.float32)
    return envelope[:, below] * (1 - fraction) + envelope[:, below + 1] * fraction


def _smooth_curve(rng: np.random.Generator) -> NDArray[np.float32]:
    knots = rng.normal(0.0, _EQUALISER, 5)
    return np.interp(np.linspace(0, 4, BANDS), np.arange(5), knots).astype(np.float32)


def update(
    network: CodecNetwork, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, Tensor, Tensor]
) -> dict[str, float]:
    """One step of gradient descent; the losses before it."""
    frames, silent, voices = batch
    losses = reconstruction_losses(network(frames, silent, voices), frames, silent)
    optimiser.zero_grad(set_to_none=True)
    losses["loss"].backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return {name: float(value.detach()) for name, value in losses.items()}


def reconstruction_losses(decoded: Tensor, frames: Tensor, silent: Tensor) -> dict[str, Tensor]:
    """Envelope, motion, pitch, voicing losses of (B, 2 N, FRAME_WIDTH) frames outside silent tokens, and their sum."""
    heard = (~silent).repeat_interleave(FRAMES_PER_TOKEN, dim=1).float()
    difference = (decoded - frames) * heard[..., None]
    count = heard.sum().clamp_min(1.0)
    both = heard[:, 1:] * heard[:, :-1]
    motion = (difference[:, 1:, :BANDS] - difference[:, :-1, :BANDS]).abs().mean(dim=-1) * both
    voiced = frames[..., BANDS + 1] * heard
    voicing = torch.nn.functional.binary_cross_entropy_with_logits(
        4 * decoded[..., BANDS + 1], frames[..., BANDS + 1], reduction="none"
    )
    losses = {
        "envelope": difference[..., :BANDS].abs().mean(dim=-1).sum() / count,
        "motion": motion.sum() / count,
        "pitch": (difference[..., BANDS].abs() * voiced).sum() / voiced.sum().clamp_min(1.0),
        "voicing": (voicing * heard).sum() / count,
    }
    losses["loss"] = (
        losses["envelope"]
        + _MOTION_WEIGHT * losses["motion"]
        + _PITCH_WEIGHT * losses["pitch"]
        + _VOICING_WEIGHT * losses["voicing"]
    )
    return losses


def _schedule(step: int, settings: CodecSettings) -> float:
    """Factor on the learning rate: linear warm-up, then half a cosine down to 2 %."""
    if step < settings.warm_up:
        return (step + 1) / settings.warm_up
    done = (step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _save(out_dir: Path, network: CodecNetwork, optimiser: torch.optim.Optimizer, rows: list[list[str]]) -> None:
    state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "rows": rows}
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_bytes(out_dir / _STATE_FILE, buffer.getvalue())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *LOSSES])
    writer.writerows(rows)
    write_bytes(out_dir / _LOSS_FILE, text.getvalue().encode())


def _restore(out_dir: Path, network: CodecNetwork, optimiser: torch.optim.Optimizer) -> list[list[str]]:
    try:
        state = torch.load(out_dir / _STATE_FILE, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
    except (RuntimeError, ValueError, KeyError, EOFError, UnpicklingError) as error:
        raise InputError(f"{out_dir / _STATE_FILE} is not a state of these codec settings; train afresh.") from error
    return [list(row) for row in state["rows"]]
