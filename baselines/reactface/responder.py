"""ReactFace in a dialogue: it answers at the end of a window, for the whole window at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.reactface.config import Settings
from baselines.reactface.encoders import LEAST_SAMPLES, WaveEncoder, picture_input
from baselines.reactface.network import ReactFace
from baselines.reactface.original import load_original
from baselines.shared.faces import playable
from baselines.shared.listeners.answering import Design, Listener, ListenerSession
from baselines.shared.sampling import dialogue_generator
from omnibench.errors import InputError
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

Array = NDArray[np.float32]
WAVE_RATE: Final = 16_000


class ReactFaceSession(ListenerSession[Settings, ReactFace]):
    """The listener's side of one dialogue.

    Frames are gathered until a window is full; then the network answers all of them, a window late. Frames of an
    unfinished window at the end of a dialogue have no answer.
    """

    def __init__(self, listener: Listener[Settings, ReactFace], context: DialogueContext) -> None:
        super().__init__(listener, context)
        network, session = self.network, self.settings.session
        if network.settings.audio == "wav2vec2" and context.sample_rate != WAVE_RATE:
            raise InputError(
                f"ReactFace was opened at {context.sample_rate} audio samples a second, but wav2vec 2.0 hears "
                f"{WAVE_RATE}. Convert the data set's audio to {WAVE_RATE} Hz."
            )
        self._chance = dialogue_generator(context.seed, context.dialogue, "reactface")
        self._window: list[SpeakerFrame] = []
        self._speech: list[Tensor] = []
        self._loudness = _RunningScale()
        self._latent: Tensor | None = None
        first = self.first if session.from_first_face else network.scale.mean
        self._past = network.scale.standardise(first).expand(1, session.window, -1)

    def answer(self, frame: SpeakerFrame) -> ListenerFrame:
        """Nothing until a window is full, then the faces ``(window, 64)`` in answer to it."""
        if isinstance(self.network.audio, WaveEncoder):
            self._loudness.hear(frame.audio)
        else:
            self._speech.append(self.speech(frame))
        self._window.append(frame)
        if len(self._window) < self.settings.session.window:
            return ListenerFrame()
        faces = self._react()
        self._window.clear()
        self._speech.clear()
        return ListenerFrame(face=faces)

    def _react(self) -> Array:
        network = self.network
        noise = torch.from_numpy(self._chance.standard_normal((1, network.settings.width), dtype=np.float32))
        heard = network.listen(self._video(), self._audio())
        reaction = network.reaction(heard, self._past, self._latent, noise, self.settings.session)
        self._past, self._latent = reaction.faces, reaction.latent
        return np.stack([playable(face) for face in network.scale.restore(reaction.faces[0]).numpy()])

    def _video(self) -> Tensor:
        if self.network.settings.video == "coefficients":
            faces = torch.stack([self.face(frame) for frame in self._window])
            return self.network.scale.standardise(faces)[None]
        pictures = [picture_input(torch.from_numpy(f.image)) for f in self._window if f.image is not None]
        return torch.stack(pictures)[None]

    def _audio(self) -> Tensor:
        if not isinstance(self.network.audio, WaveEncoder):
            return self.network.speech_scale.standardise(torch.stack(self._speech))[None]
        samples = self._loudness.standardise(np.concatenate([frame.audio for frame in self._window]))
        padded = np.pad(samples, (0, max(LEAST_SAMPLES - len(samples), 0)))
        return torch.from_numpy(padded)[None]


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


def _described(card: ModelCard, network: ReactFace) -> ModelCard:
    return replace(card, inputs=("audio", "image")) if network.settings.video == "pixels" else card


DESIGN: Final = Design(
    settings=Settings(),
    build=lambda settings, _codes: ReactFace(settings.network, settings.wave),
    session=ReactFaceSession,
    original=load_original,
    described=_described,
)
