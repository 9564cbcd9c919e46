"""Train the small SyncNet: ``python -m omnibench.metrics.training.syncnet_mini --out DIR``.

Every window of lips is to find its own sound among all windows of sound in the batch, and among the shifts of its own
clip; and the other way round. Only speech is learned from. The step that does best on val is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from omnibench.features.activity import speech_spans
from omnibench.metrics.lips.log_mel import HOP, RATE, log_mel
from omnibench.metrics.lips.log_mel import WINDOW as MEL_SAMPLES
from omnibench.metrics.lips.sync_distance import SHIFTS, WINDOW, lse, shift_distances, speech_windows, whole_windows
from omnibench.metrics.lips.syncnet_mini import MEL_PER_FRAME, SyncNetMini, random_twin
from omnibench.metrics.training.faces import DrawnTrack, drawn_tracks
from omnibench.metrics.training.record import Losses, options, save_network, write_card

WINDOWS: Final = 40
"""Windows of lips in one example."""

CLIPS: Final = 8
_TEMPERATURE: Final = 0.07
_FRAMES: Final = WINDOWS + WINDOW - 1
_LEAST_SPEECH: Final = 0.6
_SAMPLES_PER_FRAME: Final = MEL_PER_FRAME * HOP
_LARGEST_MOVE: Final = 3
_CHECK_EVERY: Final = 300


@dataclass(frozen=True, slots=True)
class SyncTrack:
    """A drawn track with its mel frames and which windows are speech; ``starts`` are the examples it can give."""

    track: DrawnTrack
    speech: NDArray[np.bool_]
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SyncScores:
    """On held-out people: ``area`` under the curve of matching against shifted pairs (distances of windows), and the
    share of ``windows`` (16 of them averaged) and of ``clips`` whose smallest distance is within one frame of 0.
    """

    area: float
    windows: float
    clips: float


def prepared(track: DrawnTrack) -> SyncTrack:
    """Where this track speaks, and from where an example can be cut with `SHIFTS` frames of sound on both sides."""
    windows = len(track.lips) - WINDOW + 1
    speech = speech_windows(speech_spans(track.audio, RATE), windows)
    starts = np.arange(SHIFTS, max(SHIFTS, windows - WINDOWS - SHIFTS))
    spoken = np.array([speech[start : start + WINDOWS].mean() for start in starts])
    return SyncTrack(track, speech, starts[spoken >= _LEAST_SPEECH] if len(starts) else starts)


def example(track: SyncTrack, rng: np.random.Generator) -> tuple[NDArray[np.float32], ...]:
    """One cut, altered as recordings differ: lips ``(44, 48, 48)``, mel ``(4 * 74, 40)``, speech ``(40,)``."""
    start = int(rng.choice(track.starts))
    lips = altered_lips(track.track.lips[start : start + _FRAMES].astype(np.float32), rng)
    first = (start - SHIFTS) * _SAMPLES_PER_FRAME
    length = (_FRAMES + 2 * SHIFTS) * _SAMPLES_PER_FRAME + MEL_SAMPLES - HOP
    samples = np.zeros(length, np.float32)
    read = track.track.audio[first : first + length]
    samples[: len(read)] = read
    return lips, altered_mel(samples, rng), track.speech[start : start + WINDOWS].astype(np.float32)


def altered_lips(lips: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The same mouth under another light, a little elsewhere, perhaps mirrored, blurred or noisy."""
    down, right = (int(move) for move in rng.integers(-_LARGEST_MOVE, _LARGEST_MOVE + 1, 2))
    size, edge = lips.shape[1], _LARGEST_MOVE
    padded = np.pad(lips, ((0, 0), (edge, edge), (edge, edge)), mode="edge")
    moved = padded[:, edge + down : edge + down + size, edge + right : edge + right + size]
    if rng.random() < 0.5:
        moved = moved[:, :, ::-1]
    if rng.random() < 0.2:
        moved = 0.5 * moved + 0.25 * (np.roll(moved, 1, axis=2) + np.roll(moved, -1, axis=2))
    middle = float(moved.mean())
    lit = (moved - middle) * rng.uniform(0.7, 1.3) + middle + rng.uniform(-25, 25)
    return (lit + rng.normal(0.0, rng.uniform(0.0, 4.0), lit.shape)).astype(np.float32)


def altered_mel(samples: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Log-mel energies of the same speech louder or softer, through another microphone and with a little noise."""
    level = 10.0 ** rng.uniform(-4.5, -2.5)
    noisy = samples * 10.0 ** rng.uniform(-0.5, 0.5) + rng.normal(0.0, level, samples.shape) * (rng.random() < 0.5)
    mel = log_mel(noisy.astype(np.float32))
    bands = mel.shape[1]
    curve = np.interp(np.arange(bands), np.linspace(0, bands - 1, 5), rng.normal(0.0, 0.4, 5))
    return (mel + curve).astype(np.float32)


def contrast(lips: Tensor, sound: Tensor, speech: Tensor) -> Tensor:
    """Mean InfoNCE over the spoken windows: in the batch and over the shifts, from the lips and from the sound.

    Args:
        lips: ``(b, n, d)`` unit vectors.
        sound: ``(b, n + 2 * SHIFTS, d)``; window ``i`` of the lips belongs to window ``i + SHIFTS``.
        speech: ``(b, n)`` 0 or 1.
    """
    clips, windows, _ = lips.shape
    likeness = torch.einsum("ind,jmd->injm", lips, sound) / _TEMPERATURE
    own = torch.arange(clips)
    clip = likeness[own, :, own]
    steps = torch.arange(windows)
    shifted = clip.gather(2, (steps[:, None] + torch.arange(2 * SHIFTS + 1)).expand(clips, -1, -1))
    truth = torch.full((clips, windows), SHIFTS)
    over_shifts = functional.cross_entropy(shifted.flatten(0, 1), truth.flatten(), reduction="none")
    # The neighbours in time are almost the same sound, so they are no counter-examples.
    aside = torch.zeros(windows, windows + 2 * SHIFTS, dtype=torch.bool)
    for step in (-1, 1):
        aside[steps, steps + SHIFTS + step] = True
    masked = likeness.clone()
    masked[own, :, own] = clip.masked_fill(aside, -torch.inf)
    place = own[:, None] * (windows + 2 * SHIFTS) + steps + SHIFTS
    from_lips = functional.cross_entropy(masked.flatten(2).flatten(0, 1), place.flatten(), reduction="none")
    middle = masked[:, :, :, SHIFTS : SHIFTS + windows].flatten(0, 1).flatten(1)
    from_sound = functional.cross_entropy(middle.T, torch.arange(clips * windows), reduction="none")
    weight = speech.flatten() / speech.sum().clamp(min=1)
    return ((over_shifts + 0.5 * from_lips + 0.5 * from_sound) * weight).sum()


def embeddings(network: SyncNetMini, track: DrawnTrack) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``(windows, 64)`` of lips and of sound for a whole track."""
    length = len(track.lips) * _SAMPLES_PER_FRAME + MEL_SAMPLES - HOP
    samples = np.zeros(length, np.float32)
    samples[: len(track.audio)] = track.audio[:length]
    with torch.inference_mode():
        lips = network.embed_lips(torch.from_numpy(track.lips[None].astype(np.float32)))[0].numpy()
        sound = network.embed_sound(torch.from_numpy(log_mel(samples)[None]))[0].numpy()
    return lips, sound


def judged(network: SyncNetMini, tracks: Sequence[SyncTrack], span: int = 16) -> SyncScores:
    """How well the network tells matching pairs from shifted ones. See `SyncScores`."""
    from scipy.stats import rankdata

    network.eval()
    matching, shifted, hits, clips = [], [], [], []
    for item in tracks:
        lips, sound = embeddings(network, item.track)
        rows = shift_distances(lips, sound)[item.speech & whole_windows(len(lips))]
        if len(rows) < span:
            continue
        matching.append(rows[:, SHIFTS])
        shifted.append(np.delete(rows, [SHIFTS - 1, SHIFTS, SHIFTS + 1], axis=1).ravel())
        means = np.stack([rows[at : at + span].mean(axis=0) for at in range(0, len(rows) - span + 1, span)])
        hits.extend(abs(means.argmin(axis=1) - SHIFTS) <= 1)
        clips.append(abs(lse(rows).offset) <= 1)
    near, far = np.concatenate(matching), np.concatenate(shifted)
    ranks = rankdata(np.concatenate([near, far]))[: len(near)]
    area = 1.0 - (ranks.sum() - len(near) * (len(near) + 1) / 2) / (len(near) * len(far))
    return SyncScores(float(area), float(np.mean(hits)), float(np.mean(clips)))


def train(
    tracks: Sequence[SyncTrack], held_out: Sequence[SyncTrack], out: Path, steps: int, seed: int, rate: float = 2e-3
) -> SyncNetMini:
    """Train, and give the network of the step that did best on ``held_out``.

    Args:
        tracks: of the train split.
        held_out: of other people; they choose the step and nothing else.
        out: gets ``losses.csv``.
        steps: updates.
        seed: of weights, cuts and alterations.
        rate: the largest learning rate.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = SyncNetMini()
    sounding = [item for item in tracks if len(item.starts)]
    every = np.concatenate([log_mel(item.track.audio[: 4 * RATE]) for item in sounding])
    network.mel_mean.copy_(torch.from_numpy(every.mean(axis=0)))
    network.mel_scale.copy_(torch.from_numpy(every.std(axis=0)))
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    best, kept = -1.0, network.state_dict()
    with Losses(out / "losses.csv", ("step", "loss", "area", "windows", "clips")) as losses:
        for step in range(1, steps + 1):
            chosen = rng.choice(len(sounding), CLIPS, replace=False)
            lips, mel, speech = (
                torch.from_numpy(np.stack(part))
                for part in zip(*(example(sounding[k], rng) for k in chosen), strict=True)
            )
            network.train()
            loss = contrast(network.embed_lips(lips), network.embed_sound(mel), speech)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            if step % _CHECK_EVERY and step < steps:
                losses.add(step, loss.item())
                continue
            scores = judged(network, held_out)
            losses.add(step, loss.item(), scores.area, scores.windows, scores.clips)
            if scores.area > best:
                best = scores.area
                kept = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    return network.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    asked = options("omnibench.metrics.training.syncnet_mini", arguments, steps=900, dialogues=36, val_dialogues=8)
    tracks = [prepared(track) for track in drawn_tracks("train", asked.cache, asked.dialogues)]
    held_out = [prepared(track) for track in drawn_tracks("val", asked.cache, asked.val_dialogues)]
    network = train(tracks, held_out, asked.out, asked.steps, asked.seed)
    path = save_network(network, asked.out / "syncnet_mini.safetensors")
    trained, twin = judged(network, held_out), judged(random_twin(asked.seed), held_out)
    write_card(
        asked,
        path,
        "lips and voice of the same 0.2 s near each other (metrics lse_d_mini, lse_c_mini, lse_offset_mini)",
        {
            "AUC, matching against shifted windows": (trained.area, twin.area),
            "16 windows within one frame of the true offset": (trained.windows, twin.windows),
            "clips within one frame of the true offset": (trained.clips, twin.clips),
        },
    )


if __name__ == "__main__":
    main()
