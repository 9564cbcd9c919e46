"""Train the small video network: ``python -m omnibench.metrics.training.video_mini --out DIR``.

From 32 numbers it is to read, each time with one linear map: how the face and the head were posed and moved (means,
spreads and speeds of coefficients), how the window was played (forwards, backwards, frozen, slow, fast, shuffled,
shaken), how much blur, noise and other light there is, and who is seen. So a distance between such numbers notices what
is wrong with looks or motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from omnibench.media.face import TRANSLATION_COLUMNS, index_of
from omnibench.metrics.training.faces import DrawnTrack, drawn_tracks
from omnibench.metrics.training.graded_damage import gaussian_blur, graded
from omnibench.metrics.training.record import Losses, options, save_network, write_card
from omnibench.metrics.video.video_mini import DIMENSIONS, FRAMES, VideoEmbedder, VideoMini, random_twin
from omnibench.types import Face

BATCH: Final = 16
MIRRORED: Final = 4
"""Forward windows of a batch that come once more backwards, so that nothing but the direction of time differs."""

PLAYBACK: Final = ("forwards", "backwards", "frozen", "slow", "fast", "shuffled", "shaken")
_PLAYBACK_ODDS: Final = (0.36, 0.1, 0.14, 0.07, 0.07, 0.1, 0.16)
_SHAPES: Final = (
    "browDownLeft", "browInnerUp", "eyeBlinkLeft", "eyeLookOutLeft", "eyeSquintLeft", "jawOpen", "mouthClose",
    "mouthFunnel", "mouthPucker", "mouthSmileLeft",
)  # fmt: skip
_TURNS: Final = (54, 58, 56)
"""Columns of the head transform that stand for yaw, pitch and roll."""

_COLUMNS: Final = (*(index_of(name) for name in _SHAPES), *_TURNS, *TRANSLATION_COLUMNS)
_MOST_SHAKEN: Final = 4
_AMOUNTS: Final = 6


class Example(NamedTuple):
    """``pictures`` (16, 64, 64, 3) float32 in 0..255; ``pose`` (48,) with ``known`` (2,), whether means and motion are
    those of the face; ``playback`` an index; ``damage`` (6,): blur, noise, light, contrast, standing still, shaking;
    ``person`` an index.
    """

    pictures: NDArray[np.float32]
    pose: NDArray[np.float32]
    known: NDArray[np.float32]
    playback: int
    damage: NDArray[np.float32]
    person: int


class Questions(nn.Module):
    """One linear map for each thing that is read from the 32 numbers."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.pose = nn.Linear(DIMENSIONS, 3 * len(_COLUMNS))
        self.playback = nn.Linear(DIMENSIONS, len(PLAYBACK))
        self.damage = nn.Linear(DIMENSIONS, _AMOUNTS)
        self.person = nn.Linear(DIMENSIONS, people)

    def losses(self, features: Tensor, batch: Sequence[Example]) -> dict[str, Tensor]:
        """Mean losses by name."""
        pose, known, damage = (
            torch.from_numpy(np.stack([getattr(item, name) for item in batch])) for name in ("pose", "known", "damage")
        )
        count = len(_COLUMNS)
        weight = torch.cat([known[:, :1].expand(-1, count), known[:, 1:].expand(-1, 2 * count)], dim=1)
        error = (self.pose(features) - pose).square() * weight
        return {
            "pose": error.sum() / weight.sum(),
            "playback": functional.cross_entropy(
                self.playback(features), torch.tensor([item.playback for item in batch])
            ),
            "damage": (self.damage(features) - damage).square().mean(),
            "person": functional.cross_entropy(self.person(features), torch.tensor([item.person for item in batch])),
        }


def pose_of(face: Face) -> NDArray[np.float32]:
    """Means, logarithms of spreads and of speeds ``(48,)`` of the 16 chosen columns over ``(n, 64)`` coefficients."""
    chosen = face[:, _COLUMNS].astype(np.float64)
    speed = np.abs(np.diff(chosen, axis=0)).mean(axis=0)
    return np.concatenate([chosen.mean(axis=0), np.log(chosen.std(axis=0) + 1e-3), np.log(speed + 1e-4)]).astype(
        np.float32
    )


def order_of(playback: str, start: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which pictures of the track make a window that is played this way."""
    steps = np.arange(FRAMES)
    if playback == "backwards":
        steps = steps[::-1]
    elif playback == "frozen":
        steps = np.minimum(steps, rng.integers(0, FRAMES - 3))
    elif playback == "slow":
        steps = steps // 2
    elif playback == "fast":
        steps = 2 * steps
    elif playback == "shuffled":
        steps = rng.permutation(FRAMES)
    return start + steps


def example(
    track: DrawnTrack, person: int, middle: NDArray[np.float32], scale: NDArray[np.float32], rng: np.random.Generator
) -> Example:
    """One window, played and damaged at random; ``middle`` and ``scale`` standardise its pose."""
    playback = int(rng.choice(len(PLAYBACK), p=_PLAYBACK_ODDS))
    start = int(rng.integers(0, len(track.pictures) - 2 * FRAMES + 1))
    order = order_of(PLAYBACK[playback], start, rng)
    pictures = track.pictures[order].astype(np.float32)
    most = int(rng.integers(1, _MOST_SHAKEN + 1)) if PLAYBACK[playback] == "shaken" else 0
    if most:
        for index, move in enumerate(rng.integers(-most, most + 1, (FRAMES, 2)).tolist()):
            pictures[index] = np.roll(pictures[index], move, axis=(0, 1))
    pictures, amounts = damaged(pictures, rng)
    still = float((np.diff(order) == 0).mean()) if PLAYBACK[playback] == "frozen" else 0.0
    pose = (pose_of(track.face[2 * start : 2 * (start + FRAMES)]) - middle) / scale
    known = np.array([PLAYBACK[playback] in ("forwards", "backwards", "shuffled"), playback <= 1], np.float32)
    damage = np.array([*amounts, 2 * still, most / 2], np.float32)
    return Example(pictures, pose.astype(np.float32), known, playback, damage, person)


def mirrored(item: Example) -> Example:
    """A forward window, backwards."""
    return item._replace(pictures=item.pictures[::-1], playback=PLAYBACK.index("backwards"))


def damaged(pictures: NDArray[np.float32], rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Blur, noise, light and contrast, each in about a third of the windows, and how much of each."""
    blur, noise, light, contrast = rng.uniform((0.3, 2.0, -1.0, -1.0), (2.5, 16.0, 1.0, 1.0)) * (rng.random(4) < 0.35)
    if blur:
        pictures = gaussian_blur(pictures, blur)
    middle = float(pictures.mean())
    pictures = (pictures - middle) * (1.0 + 0.3 * contrast) + middle + 25.0 * light
    if noise:
        pictures = pictures + np.float32(noise) * rng.standard_normal(pictures.shape, np.float32)
    amounts = np.array([1.5 * blur, noise / 6.0, light, contrast], np.float32)
    return np.clip(pictures, 0, 255).astype(np.float32), amounts


def train(tracks: Sequence[DrawnTrack], out: Path, steps: int, seed: int, rate: float = 3e-3) -> VideoMini:
    """Train on ``tracks``; ``out`` gets ``losses.csv``. ``seed`` fixes weights, windows and damage."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    long_enough = [track for track in tracks if len(track.pictures) >= 2 * FRAMES]
    people = {person: index for index, person in enumerate(sorted({track.person for track in long_enough}))}
    poses = np.stack(
        [
            pose_of(track.face[2 * at : 2 * (at + FRAMES)])
            for track in long_enough
            for at in range(0, len(track.pictures) - FRAMES + 1, FRAMES)
        ]
    )
    middle, scale = poses.mean(axis=0), poses.std(axis=0) + 1e-6
    network, questions = VideoMini(), Questions(len(people))
    parameters = [*network.parameters(), *questions.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    with Losses(out / "losses.csv", ("step", "pose", "playback", "damage", "person")) as table:
        for step in range(1, steps + 1):
            chosen = rng.choice(len(long_enough), BATCH)
            batch = [
                example(long_enough[k], people[long_enough[k].person], middle, scale, rng) for k in chosen.tolist()
            ]
            forward = [item for item in batch if item.playback == 0]
            batch += [mirrored(item) for item in forward[:MIRRORED]]
            network.train()
            features = network(torch.from_numpy(np.stack([item.pictures for item in batch])))
            losses = questions.losses(features, batch)
            total = losses["pose"] + losses["playback"] + losses["damage"] + 0.1 * losses["person"]
            optimiser.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 5.0)
            optimiser.step()
            schedule.step()
            table.add(step, *(value.item() for value in losses.values()))
    return network.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    asked = options("omnibench.metrics.training.video_mini", arguments, steps=1500, dialogues=36, val_dialogues=8)
    network = train(list(drawn_tracks("train", asked.cache, asked.dialogues)), asked.out, asked.steps, asked.seed)
    path = save_network(network, asked.out / "video_mini.safetensors")
    held_out = list(drawn_tracks("val", asked.cache, asked.val_dialogues))
    trained, twin = (graded(VideoEmbedder(judged, "").embed, held_out) for judged in (network, random_twin(asked.seed)))
    figures = {}
    for name in trained:
        figures[f"{name}: Spearman of distance and grade"] = (trained[name][0], twin[name][0])
        figures[f"{name}: worst grade / distance between halves"] = (trained[name][1], twin[name][1])
    write_card(asked, path, "looks and motion of a face in 1.28 s as 32 numbers (metric fvd_mini)", figures)


if __name__ == "__main__":
    main()
