"""The training stages of the network: reading aloud, then the paper's two: all parts together, then projection, vision
decoder and TempoVoice without the LLM.

Every update draws its windows, its noise and its dropout from (seed, update), so that a run resumed at update ``n``
is, bit for bit, the run that was never stopped.
"""

from __future__ import annotations

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

from baselines.omniresponse.batches import Windows, with_noise
from baselines.omniresponse.config import TrainingSettings
from baselines.omniresponse.losses import Losses, segment_losses
from baselines.omniresponse.model import OmniResponse
from baselines.omniresponse.reading import Reader, Reading, gather, reading_loss
from baselines.omniresponse.segment import Segment
from omnibench.media.atomic import atomic_path, write_text

StageName = Literal["reading", "unified", "finetune"]
COLUMNS: Final = ("step", "stage", "split", "text", "vision", "audio", "total", "rate")
STATE_FILE: Final = "state.pt"
LOSS_FILE: Final = "losses.csv"


@dataclass(slots=True)
class TrainingState:
    """Everything that going on needs beside the data: updates done, optimiser, best weights, and the rows of
    ``losses.csv``.
    """

    step: int = 0
    optimiser: dict[str, Any] | None = None
    best: dict[str, Tensor] | None = None
    best_loss: float = math.inf
    rows: list[list[str]] = field(default_factory=list)


class Trainer:
    """Trains one network on prepared windows.

    Args:
        model: fresh; the state in ``folder``, if there is one, goes on top.
        train: windows of the training split.
        aloud: windows to read aloud.
        held_out: segments of the validation split, each with the first of its steps that count.
        held_out_blocks: windows of the validation split for reading aloud, each list at one frame rate.
        pause: the token of silent frames.
        folder: gets ``state.pt`` and ``losses.csv``.
    """

    def __init__(
        self,
        model: OmniResponse,
        train: Windows,
        aloud: Windows,
        held_out: Sequence[tuple[Segment, int]],
        held_out_blocks: Sequence[Sequence[Segment]],
        pause: int,
        folder: Path,
    ) -> None:
        self.model, self._train, self._aloud, self._held_out, self._pause, self._folder = (
            model,
            train,
            aloud,
            held_out,
            pause,
            folder,
        )
        self._settings: TrainingSettings = model.settings.training
        self._sizes = (len(model.llm.rarity), len(model.voice.levels))
        self.state = self._load()
        settings = self._settings
        self._stages: tuple[tuple[StageName, int, float], ...] = (
            ("reading", settings.reading_steps, settings.reading_rate),
            ("unified", settings.unified_steps, settings.learning_rate),
            ("finetune", settings.finetune_steps, settings.finetune_rate),
        )
        self.total = sum(steps for _, steps, _ in self._stages)
        self._reader = Reader(model)
        self._blocks = [gather(b) for b in held_out_blocks]

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
            rate = self._rate(peak, local, length)
            for group in optimiser.param_groups:
                group["lr"] = rate
            numbers = self._read(optimiser, step) if stage == "reading" else self._update(optimiser, stage, step)
            self._row(step + 1, stage, "train", numbers, rate)
            self.state.step = step + 1
            ends = local + 1 == length
            if (step + 1) % self._settings.validate_every == 0 or ends:
                self._validate(stage, rate)
            if (step + 1) % self._settings.save_every == 0 or ends or step + 1 == stop:
                self._save(optimiser)
            on_update(step + 1, numbers)

    def _stage(self, step: int) -> tuple[StageName, int, int, float]:
        """The stage of an update, its place in it, the stage's length and its peak rate."""
        for name, length, peak in self._stages:
            if step < length:
                return name, step, length, peak
            step -= length
        raise ValueError("past the last stage")

    def _rate(self, peak: float, local: int, length: int) -> float:
        """Linear warm-up, then half a cosine down to ``final_rate`` of the peak."""
        warm = max(round(self._settings.warmup * length), 1)
        if local < warm:
            return peak * (local + 1) / warm
        done = (local - warm) / max(length - warm, 1)
        floor = self._settings.final_rate
        return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done)))

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
        free = [p for p in self.model.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in free if p.ndim > 1], "weight_decay": self._settings.weight_decay},
            {"params": [p for p in free if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, betas=(self._settings.beta1, self._settings.beta2))

    def _read(self, optimiser: torch.optim.Optimizer, step: int) -> dict[str, float]:
        """One update of the parts that read aloud."""
        settings = self._settings
        generator = np.random.default_rng([settings.seed, step])
        torch.manual_seed(int(generator.integers(2**62)))
        self.model.train()
        optimiser.zero_grad(set_to_none=True)
        windows = self._aloud.draw_spoken(generator, settings.reading_batch, settings.reading_frames)
        noisy = [with_noise(w, generator, self.model.scale, self.model.settings, self._sizes) for w in windows]
        loss = self._reading_loss(gather(noisy))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._reader.parameters(), settings.clip)
        optimiser.step()
        return {"audio": float(loss.detach()), "total": float(loss.detach())}

    def _reading_loss(self, reading: Reading) -> Tensor:
        return reading_loss(self._reader, reading, self._pause, self._settings.silence_weight)

    def _update(self, optimiser: torch.optim.Optimizer, stage: StageName, step: int) -> dict[str, float]:
        self.model.train()
        if stage == "finetune":
            self.model.llm.eval()
        optimiser.zero_grad(set_to_none=True)
        sums: dict[str, float] = {}
        for part in range(self._settings.accumulate):
            generator = np.random.default_rng([self._settings.seed, step, part])
            torch.manual_seed(int(generator.integers(2**62)))
            clean = self._train.draw(generator)
            noisy = with_noise(clean, generator, self.model.scale, self.model.settings, self._sizes)
            losses = self._losses(noisy, 0)
            (losses.total / self._settings.accumulate).backward()
            for name, value in losses.numbers().items():
                sums[name] = sums.get(name, 0.0) + value / self._settings.accumulate
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.requires_grad], self._settings.clip)
        optimiser.step()
        return sums

    def _losses(self, segment: Segment, first: int) -> Losses:
        target = self.model.scale.standardise(segment.next_faces)
        outputs, timestamps = self.model(segment), self.model.timestamps
        return segment_losses(outputs, segment, target, self._pause, self._settings, first, timestamps)

    def _validate(self, stage: StageName, rate: float) -> None:
        """Mean losses of the held-out segments. The second stage keeps the weights that are best at words and face; not
        at sound, whose likelihood falls long before what is said stops getting clearer to a recogniser.
        """
        self.model.eval()
        means = self._held_out_reading() if stage == "reading" else self._held_out_losses()
        self._row(self.state.step, stage, "val", means, rate)
        if stage == "unified" and means["text"] + means["vision"] < self.state.best_loss:
            self.state.best_loss = means["text"] + means["vision"]
            self.state.best = {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def _held_out_losses(self) -> dict[str, float]:
        with torch.inference_mode():
            found = [self._losses(segment, first).numbers() for segment, first in self._held_out]
        return {name: float(np.mean([numbers[name] for numbers in found])) for name in found[0]}

    def _held_out_reading(self) -> dict[str, float]:
        with torch.no_grad():
            found = [float(self._reading_loss(block)) for block in self._blocks]
        return {"audio": float(np.mean(found)), "total": float(np.mean(found))}

    def _take_best(self) -> None:
        if self.state.best is not None:
            self.model.load_state_dict(self.state.best)
            self.state.best = None

    def _row(self, step: int, stage: str, split: str, numbers: dict[str, float], rate: float) -> None:
        losses = [f"{numbers[name]:.6f}" if name in numbers else "" for name in ("text", "vision", "audio", "total")]
        self.state.rows.append([str(step), stage, split, *losses, f"{rate:.3e}"])

    def _save(self, optimiser: torch.optim.Optimizer) -> None:
        self.state.optimiser = optimiser.state_dict()
        content = {
            "step": self.state.step,
            "model": self.model.state_dict(),
            "optimiser": self.state.optimiser,
            "best": self.state.best,
            "best_loss": self.state.best_loss,
            "rows": self.state.rows,
        }
        with atomic_path(self._folder / STATE_FILE) as temporary:
            torch.save(content, temporary)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.state.rows)
        write_text(self._folder / LOSS_FILE, text.getvalue())

    def _load(self) -> TrainingState:
        path = self._folder / STATE_FILE
        if not path.is_file():
            return TrainingState()
        content = torch.load(path, weights_only=True)
        self.model.load_state_dict(content.pop("model"))
        return TrainingState(**content)
