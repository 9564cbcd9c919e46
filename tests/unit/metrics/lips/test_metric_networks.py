"""Where the metrics' networks run, and what happens to a weights file that does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from omnibench.errors import InputError, MissingError, UsageError
from omnibench.features.device import DEVICE_VARIABLE, metric_device, on_device
from omnibench.metrics.lips.weights_file import fill


def test_networks_run_on_the_cpu_unless_the_variable_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "cpu"):
        monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(DEVICE_VARIABLE, value)
        assert metric_device() == "cpu"
        assert on_device("net@1") == "net@1"


def test_a_device_that_is_none_or_not_there_is_the_users_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "gpu")
    with pytest.raises(UsageError, match=r'"gpu"; expected cpu, cuda or cuda:N'):
        metric_device()
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda:63")
    with pytest.raises(MissingError, match=r"torch finds \d+ GPUs here"):
        metric_device()


def test_weights_fill_the_network_that_they_belong_to_and_no_other(tmp_path: Path) -> None:
    source, target = nn.Linear(3, 2), nn.Linear(3, 2)
    path = tmp_path / "linear.pth"
    torch.save(source.state_dict(), path)
    fill(target, path)
    assert torch.equal(target.weight, source.weight)
    with pytest.raises(InputError, match=r"linear\.pth: not the weights of Conv1d .*omnibench assets verify"):
        fill(nn.Conv1d(3, 2, 1), path)
    torch.save([1, 2], path)
    with pytest.raises(InputError, match=r"not the weights of Linear"):
        fill(target, path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"not a file of plain torch tensors"):
        fill(target, path)
