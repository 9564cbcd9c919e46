"""Mimi and Moshi's language model, streaming; several dialogues share the weights and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from moshi.models import LMGen, LMModel, MimiModel
from moshi.utils.compile import no_compile

from baselines.moshi.settings import Settings
from omnibench.types import Audio

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Networks:
    """What all dialogues share; ``mimi`` is set to as many codebooks as the language model speaks."""

    mimi: MimiModel
    language_model: LMModel
    settings: Settings


class Chance:
    """The random numbers of one dialogue: torch's generators, set to this dialogue's state while it draws.

    The moshi package draws from torch's default generators and takes no other.
    """

    def __init__(self, seed: int, dialogue: str, device: torch.device) -> None:
        self._devices = [device] if device.type == "cuda" else []
        digest = hashlib.sha256(f"{seed}\0{dialogue}\0moshi".encode()).digest()
        with torch.random.fork_rng(self._devices):
            torch.manual_seed(int.from_bytes(digest[:8], "big", signed=True))
            self._states = self._read()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Within it torch draws this dialogue's numbers; before and after it, whatever it would have drawn anyway."""
        with torch.random.fork_rng(self._devices):
            torch.set_rng_state(self._states[0])
            for device, state in zip(self._devices, self._states[1:], strict=True):
                torch.cuda.set_rng_state(state, device)
            yield
            self._states = self._read()

    def _read(self) -> list[torch.Tensor]:
        return [torch.get_rng_state(), *(torch.cuda.get_rng_state(device) for device in self._devices)]


class DialogueStream:
    """One dialogue's side of the networks: its streaming state, made new when the dialogue is opened.

    Each call puts the state into the modules and takes it out again, so that dialogues can be stepped in turns.
    """

    def __init__(self, networks: Networks, seed: int, dialogue: str) -> None:
        self._networks, settings = networks, networks.settings
        self._generate = LMGen(
            networks.language_model,
            use_sampling=True,
            temp=settings.temperature,
            temp_text=settings.temperature_text,
            top_k=settings.top_k,
            top_k_text=settings.top_k_text,
        )
        self._modules: Sequence[Any] = (networks.mimi, self._generate, networks.language_model)
        self._states = self._fresh()
        self._chance = Chance(seed, dialogue, networks.language_model.device)
        self._begun = False

    def step(self, samples: Audio) -> tuple[int, Audio]:
        """The answer to 80 ms of the speaker.

        Args:
            samples: ``(1920,)`` at 24 kHz.

        Returns:
            The id of the text token and ``(1920,)`` samples of the 80 ms that come next.
        """
        with torch.no_grad(), no_compile(), self._resumed(), self._chance.drawing():
            device = self._networks.language_model.device
            codes = self._networks.mimi.encode(torch.from_numpy(samples).to(device)[None, None])
            if not self._begun:
                # A first step starts the language model and does not hear its codes: kyutai's own inference gives it
                # the first codes twice (moshi/run_inference.py @e6a55d2).
                self._generate.step(codes)
                self._begun = True
            tokens = self._generate.step(codes)
            sound = self._networks.mimi.decode(tokens[:, 1:])
            return int(tokens[0, 0, 0]), sound[0, 0].float().cpu().numpy().astype(np.float32)

    def close(self) -> None:
        """Let go of the state: keys and values of the whole dialogue."""
        self._states = []

    def _fresh(self) -> list[State]:
        # Entered and never left: leaving would only empty the modules, as `_put` does, which keeps the states.
        stack = ExitStack()
        stack.enter_context(self._networks.mimi.streaming(1))
        stack.enter_context(self._generate.streaming(1))
        stack.pop_all()
        states = [module.get_streaming_state() for module in self._modules]
        self._put([dict.fromkeys(state) for state in states])
        return states

    @contextmanager
    def _resumed(self) -> Iterator[None]:
        self._put(self._states)
        try:
            yield
        finally:
            self._put([dict.fromkeys(state) for state in self._states])

    def _put(self, states: Sequence[State]) -> None:
        for module, state in zip(self._modules, states, strict=True):
            module.set_streaming_state(state)
