"""ReactFace as a ``Responder``: it answers at the end of a window, for the whole window at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.reactface.config import RUN_TIME, SessionSettings, Settings
from baselines.reactface.encoders import LEAST_SAMPLES, WaveEncoder, picture_input
from baselines.reactface.network import ReactFace
from baselines.shared.checkpoints import Provenance, described, fill, load_checkpoint
from baselines.shared.faces import playable
from baselines.shared.original_checkpoints import is_original
from baselines.shared.sampling import dialogue_generator
from baselines.shared.speech_features import SpeechFeatures
from omnibench.errors import InputError
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

Array = NDArray[np.float32]
WAVE_RATE: Final = 16_000


class ReactFaceResponder:
    """Opens sessions of one network."""

    def __init__(self, card: ModelCard, network: ReactFace, session: SessionSettings, origin: Provenance) -> None:
        inputs = ("audio", "image") if network.settings.video == "pixels" else card.inputs
        count = sum(p.numel() for p in network.parameters())
        self.card = replace(described(card, count, origin), inputs=inputs)
        self.network, self.session = network.eval().requires_grad_(False), session

    def open(self, context: DialogueContext) -> ReactFaceSession:
        """Start a dialogue.

        Raises:
            InputError: an audio rate other than the 16 kHz of wav2vec 2.0, where the network has one.
        """
        if self.network.settings.audio == "wav2vec2" and context.sample_rate != WAVE_RATE:
            raise InputError(
                f"ReactFace was opened at {context.sample_rate} audio samples a second, but wav2vec 2.0 hears "
                f"{WAVE_RATE}. Convert the data set's audio to {WAVE_RATE} Hz."
            )
        return ReactFaceSession(self.network, self.session, context)


class ReactFaceSession:
    """The listener's side of one dialogue.

    Frames are gathered until a window is full; then the network answers all of them, a window late. Frames of an
    unfinished window at the end of a dialogue have no answer.
    """

    def __init__(self, network: ReactFace, session: SessionSettings, context: DialogueContext) -> None:
        self._network, self._session = network, session
        self._chance = dialogue_generator(context.seed, context.dialogue, "reactface")
        self._window: list[SpeakerFrame] = []
        self._features = SpeechFeatures(context.sample_rate)
        self._speech: list[Tensor] = []
        self._loudness = _RunningScale()
        self._latent: Tensor | None = None
        face = context.initial_face if session.from_first_face else None
        first = network.scale.mean if face is None else torch.from_numpy(np.asarray(face, np.float32))
        self._past = network.scale.standardise(first).expand(1, session.window, -1)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Nothing until a window is full, then the faces ``(window, 64)`` in answer to it."""
        if isinstance(self._network.audio, WaveEncoder):
            self._loudness.hear(frame.audio)
        else:
            self._speech.append(torch.from_numpy(self._features.push(frame.audio)))
        self._window.append(frame)
        if len(self._window) < self._session.window:
            return ListenerFrame()
        with torch.inference_mode():
            faces = self._answer()
        self._window.clear()
        self._speech.clear()
        return ListenerFrame(face=faces)

    def _answer(self) -> Array:
        network = self._network
        noise = torch.from_numpy(self._chance.standard_normal((1, network.settings.width), dtype=np.float32))
        heard = network.listen(self._video(), self._audio())
        reaction = network.reaction(heard, self._past, self._latent, noise, self._session)
        self._past, self._latent = reaction.faces, reaction.latent
        return np.stack([playable(face) for face in network.scale.restore(reaction.faces[0]).numpy()])

    def _video(self) -> Tensor:
        if self._network.settings.video == "coefficients":
            faces = np.stack([np.asarray(frame.face, np.float32) for frame in self._window])
            return self._network.scale.standardise(torch.from_numpy(faces))[None]
        pictures = [picture_input(torch.from_numpy(f.image)) for f in self._window if f.image is not None]
        return torch.stack(pictures)[None]

    def _audio(self) -> Tensor:
        if not isinstance(self._network.audio, WaveEncoder):
            return self._network.speech_scale.standardise(torch.stack(self._speech))[None]
        samples = self._loudness.standardise(np.concatenate([frame.audio for frame in self._window]))
        padded = np.pad(samples, (0, max(LEAST_SAMPLES - len(samples), 0)))
        return torch.from_numpy(padded)[None]

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""


class _RunningScale:
    """Mean and deviation of all samples so far; the original takes those of the whole clip, future included."""

    def __init__(self) -> None:
        self._count, self._sum, self._squares = 0, 0.0, 0.0

    def hear(self, samples: Array) -> None:
        values = samples.astype(np.float64)
        self._count += len(values)
        self._sum += float(values.sum())
        self._squares += float((values**2).sum())

    def standardise(self, samples: Array) -> Array:
        mean = self._sum / max(self._count, 1)
        variance = max(self._squares / max(self._count, 1) - mean**2, 0.0)
        return ((samples - mean) / np.sqrt(variance + 1e-7)).astype(np.float32)


def load_responder(card: ModelCard, path: Path, changes: Mapping[str, object]) -> ReactFaceResponder:
    """The responder of a checkpoint, ours or the original code's; errors as those of the entry's ``build``."""
    if is_original(path):
        from baselines.reactface.original import load_original

        return ReactFaceResponder(card, *load_original(path, changes))
    stored = load_checkpoint(path, card.name, Settings(), changes, RUN_TIME)
    network = ReactFace(stored.settings.network, stored.settings.wave)
    fill(network, stored.tensors, path, card.name)
    return ReactFaceResponder(card, network, stored.settings.session, stored.provenance)
