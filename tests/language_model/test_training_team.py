"""Two processes of accelerate make the updates that one makes (accelerate is not among the default packages)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch
from omniresponse_training_factory import small_trainer, training_data

from baselines.omniresponse.training.team import Team, assemble
from omnibench.errors import UsageError

pytestmark = pytest.mark.language_model
CHANGES = {"training.accumulate": 3, "llm.dropout": 0.0, "training.unified_steps": 2, "training.finetune_steps": 1}


def train(data: Path, folder: Path, team: Team) -> torch.Tensor:
    trainer = small_trainer(data, folder, team=team, **CHANGES)
    trainer.run(trainer.total, lambda *_: None)
    return torch.cat([p.detach().flatten() for p in trainer.model.parameters()])


def process(rank: int, data: Path, folder: Path, port: int) -> None:
    """One of two."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    team = assemble("cpu")
    with pytest.raises(UsageError, match="2 processes for updates of 1 windows"):
        team.share(1)
    weights = train(data, folder / "shared", team)
    assert (folder / "shared" / "state.pt").is_file()
    torch.save(weights, folder / f"{rank}.pt")


def test_two_processes_are_one(tmp_path: Path) -> None:
    data = training_data(tmp_path / "data")
    alone = train(data, tmp_path / "alone", Team())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    torch.multiprocessing.spawn(process, (data, tmp_path, port), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    assert torch.equal(first, second)
    # Adam divides by the size of a gradient: where that is next to nothing, the order of a sum shows.
    assert float((first - alone).abs().median()) < 1e-6
    assert float((first - alone).abs().max()) < 5e-3
