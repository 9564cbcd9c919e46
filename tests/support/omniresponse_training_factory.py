"""A small OmniResponse in training, on synthetic dialogues and the tone codec."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from data_factory import write_dataset
from omniresponse_factory import SMALL, ToneCodec, small_tokenizer

from baselines.omniresponse.config import Settings, override
from baselines.omniresponse.network.building import build_network
from baselines.omniresponse.training.batches import Windows
from baselines.omniresponse.training.corpus import Notation, all_faces, load_sides, speech_seconds
from baselines.omniresponse.training.stages import Lessons, Trainer
from baselines.omniresponse.training.team import Team
from omnibench.datasets.opening import open_dataset

PEOPLE = {name: {"speaker": f"{name}1", "listener": f"{name}2"} for name in ("a", "b")}
SHORT = {
    "training.threads": 1,
    "training.reading_steps": 2,
    "training.reading_batch": 4,
    "training.reading_frames": 16,
    "training.unified_steps": 4,
    "training.finetune_steps": 2,
    "training.validate_every": 2,
    "training.save_every": 3,
}


def training_data(root: Path) -> Path:
    """Two dialogues of three seconds each in train and val."""
    for split, seed in (("train", 1), ("val", 2)):
        write_dataset(
            root, split, ("a", "b"), seconds=3.0, seed=seed, modalities=("audio", "vector", "text"), persons=PEOPLE
        )
    return root


def small_trainer(
    data: Path,
    folder: Path,
    judge: Callable[[], dict[str, float]] | None = None,
    team: Team | None = None,
    **changes: object,
) -> Trainer:
    """Of a fresh network with seed 0, or of what ``folder`` holds."""
    settings = override(Settings(name="test"), SMALL | SHORT | changes)
    tokenizer, codec, dataset = small_tokenizer(), ToneCodec(), open_dataset(str(data))
    seconds = speech_seconds(dataset, "train", tokenizer)
    notation = Notation(tokenizer, codec, settings, seconds, folder / "sounds")
    sides = {split: load_sides(dataset, split, notation) for split in ("train", "val")}
    torch.manual_seed(0)
    model = build_network(settings, tokenizer, codec)
    model.scale.fit(all_faces(sides["train"]))
    windows, held_out = (Windows(sides[split], tokenizer, settings, codec.token_rate) for split in ("train", "val"))
    segments = [cut for side in held_out.listeners for cut in held_out.schedule(side)][:2]
    blocks = held_out.spoken_blocks(settings.training.reading_frames, settings.training.reading_batch)[:1]
    return Trainer(model, Lessons(windows, windows, segments, blocks), tokenizer.pause, folder, team, judge)
