"""Telling that memory ran out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from omnibench.errors import CoverageError, MissingError, ModelFailure, ModelUnavailable
from omnibench.runner.answers import model_error
from omnibench.system.memory import kernel_kills, out_of_memory


def test_torchs_own_errors_are_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert out_of_memory(caught.value)
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    assert not out_of_memory(RuntimeError("shapes do not match"))
    assert not out_of_memory(ValueError("out of memory"))


def test_a_models_error_says_what_became_of_the_dialogue() -> None:
    assert str(model_error("step 3", MemoryError("no"))) == "step 3 ran out of memory (MemoryError: no)"
    assert isinstance(model_error("step 3", MissingError("no server")), ModelUnavailable)
    assert not isinstance(model_error("step 3", CoverageError("x")), ModelUnavailable)
    assert str(model_error("open", KeyError("x"))) == "open raised KeyError: 'x'"
    failure = ModelFailure("mine")
    assert model_error("step 3", failure) is failure


def test_the_kernels_count_is_read_as_linux_writes_it(tmp_path: Path) -> None:
    (tmp_path / "vmstat").write_text("nr_free_pages 12\noom_kill 3\nballoon_inflate 0\n")
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n")
    files = (tmp_path / "vmstat", tmp_path / "memory.events", tmp_path / "absent")
    assert kernel_kills(files) == 4
    assert kernel_kills(files[2:]) == 0
    assert kernel_kills() >= 0
