"""A training that can be stopped at any moment: AdamW, cosine rate, the best held-out weights, ``losses.csv``.

Every update draws from (seed, update), so that a run resumed at update ``n`` is, bit for bit, the run that was never
stopped.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.shared.listeners.settings import TrainingSettings
from baselines.shared.optimising import adamw, cosine_rate
from omnibench.files.atomic import atomic_path, write_text

STATE_FILE: Final = "state.pt"
LOSS_FILE: Final = "losses.csv"
B = TypeVar("B")
Generator = np.random.Generator


class Task(Protocol[B]):
    """What is trained on what."""

    @property
    def network(self) -> nn.Module:
        """What is trained."""
        ...

    @property
    def held_out(self) -> Sequence[B]:
        """Validation batches."""
        ...

    def draw(self, generator: Generator) -> B:
        """A training batch."""
        ...

    def losses(self, batch: B) -> Mapping[str, Tensor]:
        """Named losses; ``"total"`` is the one that is minimised."""
        ...


@dataclass(slots=True)
class _State:
    step: int = 0
    best_loss: float = math.inf
    best: dict[str, Tensor] | None = None
    optimiser: dict[str, Any] | None = None
    rows: list[dict[str, str]] = field(default_factory=list)


class Fit(Generic[B]):
    """Trains the network of a task.

    Args:
        task: its network is fresh; the state in ``folder``, if there is one, goes on top.
        settings: the recipe.
        folder: gets ``state.pt`` and ``losses.csv``.
    """

    def __init__(self, task: Task[B], settings: TrainingSettings, folder: Path) -> None:
        self._task, self._settings, self._folder = task, settings, folder
        self._optimiser = adamw(task.network.parameters(), settings.weight_decay, settings.beta1, settings.beta2)
        self._state = self._load()

    @property
    def step(self) -> int:
        """Updates done."""
        return self._state.step

    def run(self, stop: int, on_update: Callable[[int, Mapping[str, float]], None]) -> None:
        """Update until ``stop`` updates are done; at the end of the training the best weights are in the network."""
        settings, state = self._settings, self._state
        while state.step < stop:
            numbers = self._update(state.step)
            state.step += 1
            ends = state.step == settings.steps
            if state.step % settings.validate_every == 0 or ends:
                self._validate()
            if state.step % settings.save_every == 0 or ends or state.step == stop:
                self._save()
            on_update(state.step, numbers)
        if state.step == settings.steps and state.best is not None:
            self._task.network.load_state_dict(state.best)

    def _update(self, step: int) -> dict[str, float]:
        settings, network = self._settings, self._task.network
        generator = np.random.default_rng([settings.seed, step])
        torch.manual_seed(int(generator.integers(2**62)))
        rate = self._rate(step)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        network.train()
        self._optimiser.zero_grad(set_to_none=True)
        losses = self._task.losses(self._task.draw(generator))
        losses["total"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        self._optimiser.step()
        numbers = {name: float(value.detach()) for name, value in losses.items()}
        self._row(step + 1, "train", numbers, rate)
        return numbers

    def _rate(self, step: int) -> float:
        settings = self._settings
        return cosine_rate(step, settings.steps, settings.learning_rate, settings.warmup, settings.final_rate)

    def _validate(self) -> None:
        network, state = self._task.network, self._state
        network.eval()
        torch.manual_seed(self._settings.seed)
        with torch.no_grad():
            found = [{n: float(v) for n, v in self._task.losses(batch).items()} for batch in self._task.held_out]
        means = {name: float(np.mean([numbers[name] for numbers in found])) for name in found[0]}
        self._row(state.step, "val", means, self._rate(state.step - 1))
        if means["total"] < state.best_loss:
            state.best_loss = means["total"]
            state.best = {name: value.detach().clone() for name, value in network.state_dict().items()}

    def _row(self, step: int, split: str, numbers: Mapping[str, float], rate: float) -> None:
        shown = {name: f"{value:.6f}" for name, value in numbers.items()}
        self._state.rows.append({"step": str(step), "split": split, **shown, "rate": f"{rate:.3e}"})

    def _save(self) -> None:
        state = self._state
        content = {
            "step": state.step,
            "best_loss": state.best_loss,
            "best": state.best,
            "optimiser": self._optimiser.state_dict(),
            "rows": state.rows,
            "network": self._task.network.state_dict(),
        }
        with atomic_path(self._folder / STATE_FILE) as temporary:
            torch.save(content, temporary)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(state.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(state.rows)
        write_text(self._folder / LOSS_FILE, text.getvalue())

    def _load(self) -> _State:
        path = self._folder / STATE_FILE
        if not path.is_file():
            return _State()
        content = torch.load(path, weights_only=True)
        self._task.network.load_state_dict(content.pop("network"))
        state = _State(**content)
        if state.optimiser is not None:
            self._optimiser.load_state_dict(state.optimiser)
        return state
