"""The training loop: an update, precisions, resuming, and the weights that are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from omniresponse_training_factory import small_trainer, training_data

from baselines.omniresponse.training.batches import with_noise
from baselines.omniresponse.training.judging import better, check_metrics
from baselines.omniresponse.training.stages import Trainer
from omnibench.errors import InputError, UsageError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data(tmp_path_factory.mktemp("dialogues"))


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.model.parameters()])


def run(trainer: Trainer, stop: int) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    trainer.run(stop, lambda _, numbers: found.append(numbers))
    return found


def test_an_update_is_the_textbooks(data: Path, tmp_path: Path) -> None:
    """To the bit: mean gradient of the windows, clipped, one step of AdamW, weight decay on matrices alone."""
    trainer = small_trainer(data, tmp_path / "a", **{"training.reading_steps": 0, "training.accumulate": 3})
    other = small_trainer(data, tmp_path / "b", **{"training.reading_steps": 0, "training.accumulate": 3})
    run(trainer, 1)
    model, settings = other.model, other.model.settings.training
    free = list(model.parameters())
    groups = [
        {"params": [p for p in free if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in free if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.999))
    model.train()
    for part in range(3):
        generator = np.random.default_rng([settings.seed, 0, part])
        torch.manual_seed(int(generator.integers(2**62)))
        window = with_noise(other.lessons.train.draw(generator), generator, model.scale, model.settings, other.sizes)
        (other.losses(window, 0).total / 3).backward()
    torch.nn.utils.clip_grad_norm_(free, settings.clip)
    optimiser.step()
    assert torch.equal(weights(trainer), weights(other))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_alike_and_resumes_to_the_bit(data: Path, tmp_path: Path, precision: str) -> None:
    """Two reading updates and three unified ones; float16 with its loss scale."""
    changes = {"training.precision": precision, "training.unified_steps": 3, "llm.dropout": 0.0}
    exact = run(small_trainer(data, tmp_path / "exact", **changes | {"training.precision": "float32"}), 5)
    whole = small_trainer(data, tmp_path / "whole", **changes)
    halves = run(whole, 5)
    assert weights(whole).dtype == torch.float32
    for a, b in zip(exact[:2], halves[:2], strict=True):
        assert b["total"] == pytest.approx(a["total"], rel=0.02)
        assert b["total"] != a["total"]
    assert not torch.equal(weights(whole), weights(small_trainer(data, tmp_path / "fresh", **changes)))
    run(small_trainer(data, tmp_path / "parts", **changes), 4)
    resumed = small_trainer(data, tmp_path / "parts", **changes)
    run(resumed, 5)
    assert torch.equal(weights(whole), weights(resumed))


def test_an_unknown_precision_is_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'training\.precision is "half", expected float32 or bfloat16 or float16'):
        small_trainer(data, tmp_path, **{"training.precision": "half"})


def judged(scores: list[float]) -> Callable[[], dict[str, float]]:
    left = iter(scores)
    return lambda: {"fd": next(left)}


CHOOSING = {
    "training.reading_steps": 1,
    "training.unified_steps": 4,
    "training.finetune_steps": 2,
    "training.judge_every": 1,
    "training.judge_metrics": ["fd"],
    "training.best_by": "fd",
}


def test_the_best_by_a_metric_is_kept(data: Path, tmp_path: Path) -> None:
    """FD is better where it is lower; the last stage goes on from the best of the stage before."""
    seen: list[torch.Tensor] = []
    trainer = small_trainer(data, tmp_path, judged([9.0, 4.0, float("nan"), 5.0, 4.5, 7.0]), **CHOOSING)
    trainer.run(trainer.total, lambda *_: seen.append(weights(trainer)))
    trainer.settle()
    assert torch.equal(weights(trainer), seen[2])
    rows = (tmp_path / "scores.csv").read_text().splitlines()
    assert rows[0] == "step,stage,fd"
    assert rows[1:3] == ["2,unified,9.000000", "3,unified,4.000000"]
    assert len(rows) == 7


def test_the_choice_survives_a_stop(data: Path, tmp_path: Path) -> None:
    scores = [9.0, 4.0, 6.0, 5.0, 3.0, 7.0]
    whole = small_trainer(data, tmp_path / "whole", judged(scores), **CHOOSING)
    run(whole, whole.total)
    for begin, stop in ((0, 4), (4, 6), (6, 7)):
        part = small_trainer(data, tmp_path / "parts", judged(scores[max(begin - 1, 0) :]), **CHOOSING)
        run(part, stop)
    for trainer in (whole, part):
        trainer.settle()
    assert torch.equal(weights(whole), weights(part))
    assert (tmp_path / "whole" / "scores.csv").read_bytes() == (tmp_path / "parts" / "scores.csv").read_bytes()


def test_better_follows_the_metrics_direction() -> None:
    assert better("fd", 1.0, 2.0)
    assert not better("fd", 2.0, 1.0)
    assert better("meteor", 2.0, 1.0)
    assert better("fd", 9.0, float("nan"))
    assert not better("fd", float("nan"), 9.0)


def test_a_choice_that_cannot_be_made_is_named() -> None:
    check_metrics(("fd", "meteor"), "meteor", "offline")
    with pytest.raises(UsageError, match='Unknown metric of the protocol offline "meteo"'):
        check_metrics(("meteo",), "loss", "offline")
    with pytest.raises(UsageError, match=r'training\.best_by is "fd", expected loss or one of'):
        check_metrics(("meteor",), "fd", "offline")
