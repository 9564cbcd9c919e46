"""Two trainings that shared a codec's audio tokens wrote one temporary file: the slower one found it gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from omniresponse_factory import ToneCodec

from baselines.shared.audio_tokens import tokens_of

AUDIO = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)


def save(rank: int, folder: Path) -> None:
    """One of the processes, each beginning when the other does."""
    torch.distributed.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
    for attempt in range(60):
        torch.distributed.barrier()
        tokens_of(np.roll(AUDIO, attempt), AUDIO, ToneCodec(), folder / "sounds")
    torch.distributed.destroy_process_group()


def test_both_find_what_either_wrote(tmp_path: Path) -> None:
    torch.multiprocessing.spawn(save, (tmp_path,), nprocs=2)
    files = sorted((tmp_path / "sounds").iterdir())
    assert len(files) == 60
    assert not [file for file in files if file.suffix == ".tmp"]
