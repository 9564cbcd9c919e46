"""The training stages of the network: reading aloud, then the paper's two: all parts together, then projection, vision
decoder and TempoVoice without the LLM.

Every update draws its windows, its noise and its dropout from (seed, update), so that a run resumed at update ``n``
is, bit for bit, the run that was never stopped.
"""

from __future__ import annotations

import copy
import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor

from baselines.omniresponse.config import TrainingSettings
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.moving import moved
from baselines.omniresponse.network.segment import Segment
from baselines.omniresponse.training.batches import Windows, with_noise
from baselines.omniresponse.training.judging import LOSS, better
from baselines.omniresponse.training.losses import Losses, segment_losses
from baselines.omniresponse.training.reading import Reader, Reading, gather, reading_loss
from baselines.omniresponse.training.team import Team
from baselines.shared.optimising import adamw, cosine_rate
from omnibench.files.atomic import atomic_path, write_text

StageName = Literal["reading", "unified", "finetune"]
COLUMNS: Final = ("step", "stage", "split", "text", "vision", "audio", "total", "rate")
STATE_FILE: Final = "state.pt"
LOSS_FILE: Final = "losses.csv"
SCORE_FILE: Final = "scores.csv"
FIRST_LOSS_SCALE: Final = 1024.0  # of float16; it grows by itself, and each halving costs an update


@dataclass(slots=True)
class TrainingState:
    """Everything that going on needs beside the data: updates done, optimiser, best weights and what they were best by,
    float16's loss scale, and the rows of ``losses.csv`` and ``scores.csv``.
    """

    step: int = 0
    optimiser: dict[str, Any] | None = None
    best: dict[str, Tensor] | None = None
    best_loss: float = math.inf
    rows: list[list[str]] = field(default_factory=list)
    scaler: dict[str, Any] | None = None
    best_score: float | None = None
    judged: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a network is trained and judged on.

    Attributes:
        train: windows of the training split.
        aloud: windows to read aloud.
        held_out: segments of the validation split, each with the first of its steps that count.
        held_out_blocks: windows of the validation split for reading aloud, each list at one frame rate.
    """

    train: Windows
    aloud: Windows
    held_out: Sequence[tuple[Segment, int]]
    held_out_blocks: Sequence[Sequence[Segment]]


class Trainer:
    """Trains one network on prepared windows.

    Args:
        model: fresh; the state in ``folder``, if there is one, goes on top.
        lessons: what it learns from.
        pause: the token of silent frames.
        folder: gets ``state.pt`` and ``losses.csv``.
        team: the processes that train together.
        judge: validates by the suite's metrics, given what was done; None: nobody does.
    """

    def __init__(
        self,
        model: OmniResponse,
        lessons: Lessons,
        pause: int,
        folder: Path,
        team: Team | None = None,
        judge: Callable[[], dict[str, float]] | None = None,
    ) -> None:
        self._team, self._judge = team or Team(), judge
        for count in (model.settings.training.accumulate, model.settings.training.reading_batch):
            self._team.share(count)
        self.model, self.lessons, self._pause, self._folder = model, lessons, pause, folder
        self._settings: TrainingSettings = model.settings.training
        self.sizes = (len(model.llm.subjects), len(model.voice.levels))
        self.state = self._load()
        settings = self._settings
        self._stages: tuple[tuple[StageName, int, float], ...] = (
            ("reading", settings.reading_steps, settings.reading_rate),
            ("unified", settings.unified_steps, settings.learning_rate),
            ("finetune", settings.finetune_steps, settings.finetune_rate),
        )
        self.total = sum(steps for _, steps, _ in self._stages)
        self._reader = Reader(model)
        self._scale = copy.deepcopy(model.scale).cpu()  # what noise is measured in, beside the segments
        self._scaler = torch.amp.GradScaler(
            model.device.type, init_scale=FIRST_LOSS_SCALE, enabled=settings.precision == "float16"
        )
        if self.state.scaler is not None:
            self._scaler.load_state_dict(self.state.scaler)
        self._blocks = [gather(b) for b in lessons.held_out_blocks]

    def run(self, stop: int, on_update: Callable[[int, dict[str, float]], None]) -> None:
        """Update until ``stop`` updates are done; the third stage goes on from the second's best weights.

        Args:
            stop: at most ``total``.
            on_update: called with (updates done, losses of the newest one).
        """
        optimiser: torch.optim.Optimizer | None = None
        while self.state.step < stop:
            step = self.state.step
            stage, local, length, peak = self._stage(step)
            if local == 0:
                self._take_best()
            if optimiser is None or local == 0:
                optimiser = self._new_optimiser(stage)
                if local and self.state.optimiser is not None:
                    optimiser.load_state_dict(self.state.optimiser)
            rate = cosine_rate(local, length, peak, self._settings.warmup, self._settings.final_rate)
            for group in optimiser.param_groups:
                group["lr"] = rate
            numbers = self._read(optimiser, step) if stage == "reading" else self._update(optimiser, stage, step)
            self._row(step + 1, stage, "train", numbers, rate)
            self.state.step = step + 1
            ends = local + 1 == length
            if (step + 1) % self._settings.validate_every == 0 or ends:
                self._validate(stage, rate)
            every = self._settings.judge_every
            if self._judge is not None and stage != "reading" and ((step + 1) % every == 0 or ends):
                self._choose(stage, self._judge)
            if (step + 1) % self._settings.save_every == 0 or ends or step + 1 == stop:
                self._save(optimiser)
            on_update(step + 1, numbers)

    def settle(self) -> None:
        """Take the weights that are the result: the last update's, or those best by a metric."""
        if self.state.best is not None and self._settings.best_by != LOSS:
            self.model.load_state_dict(self.state.best)

    def _stage(self, step: int) -> tuple[StageName, int, int, float]:
        """The stage of an update, its place in it, the stage's length and its peak rate."""
        for name, length, peak in self._stages:
            if step < length:
                return name, step, length, peak
            step -= length
        raise ValueError("past the last stage")

    def _new_optimiser(self, stage: StageName) -> torch.optim.Optimizer:
        self.model.requires_grad_(True)
        if stage == "reading":
            self.model.requires_grad_(False)
            self._reader.requires_grad_(True)
            # What words mean is not for the voice to change.
            self.model.llm.requires_grad_(False)
        elif stage == "finetune":
            self.model.llm.requires_grad_(False)
        else:
            self.model.llm.freeze()
        settings = self._settings
        return adamw(self.model.parameters(), settings.weight_decay, settings.beta1, settings.beta2)

    def _read(self, optimiser: torch.optim.Optimizer, step: int) -> dict[str, float]:
        """One update of the parts that read aloud."""
        settings = self._settings
        generator = np.random.default_rng([settings.seed, step])
        torch.manual_seed(int(generator.integers(2**62)))
        self.model.train()
        optimiser.zero_grad(set_to_none=True)
        windows = self.lessons.aloud.draw_spoken(generator, settings.reading_batch, settings.reading_frames)
        noisy = gather([with_noise(w, generator, self._scale, self.model.settings, self.sizes) for w in windows])
        share, total = noisy, None
        if self._team.size > 1:
            torch.manual_seed(torch.initial_seed() + self._team.rank)  # dropout of its own
            share = noisy.rows(self._team.share(len(noisy.voiceprints)))
            total = noisy.weights(self._pause, settings.silence_weight).sum().to(self.model.device)
        loss = self._reading_loss(share, total)
        self._scaler.scale(loss).backward()
        self._step(optimiser, list(self._reader.parameters()))
        numbers = self._team.sum_numbers({"audio": float(loss.detach())})
        return {"audio": numbers["audio"], "total": numbers["audio"]}

    def _step(self, optimiser: torch.optim.Optimizer, parameters: list[torch.nn.Parameter]) -> None:
        """Bring the gradients together, clip them and update."""
        self._team.sum_gradients(parameters)
        self._scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_(parameters, self._settings.clip)
        self._scaler.step(optimiser)
        self._scaler.update()

    def _autocast(self) -> torch.autocast:
        precision = self._settings.precision
        return torch.autocast(self.model.device.type, getattr(torch, precision), enabled=precision != "float32")

    def _reading_loss(self, reading: Reading, total: Tensor | None = None) -> Tensor:
        reading = moved(reading, self.model.device)
        with self._autocast():
            return reading_loss(self._reader, reading, self._pause, self._settings.silence_weight, total)

    def _update(self, optimiser: torch.optim.Optimizer, stage: StageName, step: int) -> dict[str, float]:
        self.model.train()
        if stage == "finetune":
            self.model.llm.eval()
        optimiser.zero_grad(set_to_none=True)
        sums: dict[str, float] = {}
        for part in self._team.share(self._settings.accumulate):
            generator = np.random.default_rng([self._settings.seed, step, part])
            torch.manual_seed(int(generator.integers(2**62)))
            clean = self.lessons.train.draw(generator)
            noisy = with_noise(clean, generator, self._scale, self.model.settings, self.sizes)
            losses = self.losses(noisy, 0)
            self._scaler.scale(losses.total / self._settings.accumulate).backward()
            for name, value in losses.numbers().items():
                sums[name] = sums.get(name, 0.0) + value / self._settings.accumulate
        self._step(optimiser, [p for p in self.model.parameters() if p.requires_grad])
        return self._team.sum_numbers(sums)

    def losses(self, segment: Segment, first: int) -> Losses:
        """Of a segment, from its step ``first`` on."""
        segment = moved(segment, self.model.device)
        target = self.model.scale.standardise(segment.next_faces)
        with self._autocast():
            outputs, timestamps = self.model(segment), self.model.timestamps
            return segment_losses(outputs, segment, target, self._pause, self._settings, first, timestamps)

    def _validate(self, stage: StageName, rate: float) -> None:
        """Mean losses of the held-out segments. The second stage keeps the weights that are best at words and face; not
        at sound, whose likelihood falls long before what is said stops getting clearer to a recogniser.
        """
        self.model.eval()
        means: dict[str, float] = {}
        if self._team.first:
            means = self._held_out_reading() if stage == "reading" else self._held_out_losses()
        means = self._team.of_first(means)
        self._row(self.state.step, stage, "val", means, rate)
        by_loss = stage == "unified" and self._settings.best_by == LOSS
        if by_loss and means["text"] + means["vision"] < self.state.best_loss:
            self.state.best_loss = means["text"] + means["vision"]
            self.state.best = self._weights()

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def _choose(self, stage: StageName, judge: Callable[[], dict[str, float]]) -> None:
        """Let the model answer by itself; keep its weights where they are the best so far by ``best_by``."""
        scores = self._team.of_first(judge() if self._team.first else {})
        self.state.judged.append([str(self.state.step), stage, *(f"{scores[n]:.6f}" for n in scores)])
        metric = self._settings.best_by
        if metric == LOSS:
            return
        if self.state.best_score is None or better(metric, scores[metric], self.state.best_score):
            self.state.best_score = scores[metric]
            self.state.best = self._weights()

    def _held_out_losses(self) -> dict[str, float]:
        with torch.inference_mode():
            found = [self.losses(segment, first).numbers() for segment, first in self.lessons.held_out]
        return {name: float(np.mean([numbers[name] for numbers in found])) for name in found[0]}

    def _held_out_reading(self) -> dict[str, float]:
        with torch.no_grad():
            found = [float(self._reading_loss(block)) for block in self._blocks]
        return {"audio": float(np.mean(found)), "total": float(np.mean(found))}

    def _take_best(self) -> None:
        """Go on from the best weights. Those chosen by loss are the second stage's alone; by a metric, of all."""
        if self.state.best is not None:
            self.model.load_state_dict(self.state.best)
            if self._settings.best_by == LOSS:
                self.state.best = None

    def _row(self, step: int, stage: str, split: str, numbers: dict[str, float], rate: float) -> None:
        losses = [f"{numbers[name]:.6f}" if name in numbers else "" for name in ("text", "vision", "audio", "total")]
        self.state.rows.append([str(step), stage, split, *losses, f"{rate:.3e}"])

    def _save(self, optimiser: torch.optim.Optimizer) -> None:
        if not self._team.first:
            return
        self.state.optimiser = optimiser.state_dict()
        content = {
            "step": self.state.step,
            "model": self.model.state_dict(),
            "optimiser": self.state.optimiser,
            "best": self.state.best,
            "best_loss": self.state.best_loss,
            "rows": self.state.rows,
            "scaler": self._scaler.state_dict() if self._scaler.is_enabled() else None,
            "best_score": self.state.best_score,
            "judged": self.state.judged,
        }
        with atomic_path(self._folder / STATE_FILE) as temporary:
            torch.save(content, temporary)
        self._write_rows(LOSS_FILE, COLUMNS, self.state.rows)
        if self.state.judged:
            self._write_rows(SCORE_FILE, ("step", "stage", *self._settings.judge_metrics), self.state.judged)

    def _write_rows(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        write_text(self._folder / name, text.getvalue())

    def _load(self) -> TrainingState:
        path = self._folder / STATE_FILE
        if not path.is_file():
            return TrainingState()
        content = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(content.pop("model"))
        return TrainingState(**content)
