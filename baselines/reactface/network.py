"""ReactFace's network: one window of the speaker and the listener's window before it give the listener's next window.

Source: lingjivoo/ReactFace @fa4b3a4, ``model/ReactFace.py`` (``inference_step``), ``model/speaker_former.py`` and
``model/VAE.py``; written anew. Its ``forward`` over a whole clip sees the future and has no counterpart here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from baselines.reactface.config import NetworkSettings, SessionSettings, WaveSettings
from baselines.reactface.encoders import make_encoders
from baselines.reactface.masks import aligned_bias, other_frames, periodic_positions, positions
from baselines.shared.listeners.scales import ListenerNetwork
from omnibench.media.face import FACE_DIM


@dataclass(frozen=True, slots=True)
class Heard:
    """The speaker's window: ``motion`` ``(B, w, width)``, ``audio`` ``(B, 2 w, width)``, ``vector`` ``(B, w, width)``
    from which the speaker's own face can be rebuilt.
    """

    motion: Tensor
    audio: Tensor
    vector: Tensor


@dataclass(frozen=True, slots=True)
class Reaction:
    """``faces`` ``(B, w, 64)`` standardised, the blended latent ``(B, width)``, and the distribution it came from."""

    faces: Tensor
    latent: Tensor
    mean: Tensor
    deviation: Tensor


class SpeakerFormer(nn.Module):
    """Three decoder layers: over the frames, then twice from each frame to its own two audio vectors."""

    def __init__(self, settings: NetworkSettings, hidden: int) -> None:
        super().__init__()
        self.settings = settings
        self.hear = nn.Linear(hidden, settings.width)
        self.frames, self.first, self.second = (_decoder(settings, 1) for _ in range(3))
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, seen: Tensor, heard: Tensor) -> Heard:
        audio = self.hear(heard)
        count = seen.shape[1]
        seen = self.dropout(seen + periodic_positions(count, seen.shape[2], self.settings.period))
        causal = _bias(self.settings, len(seen), count, count)
        vector = self.frames(seen, seen, tgt_mask=causal)
        vector = self.first(vector, audio, tgt_mask=causal, memory_mask=other_frames(count))
        motion = self.second(vector, audio, tgt_mask=causal, memory_mask=other_frames(count))
        return Heard(motion, audio, vector)


class InteractionVAE(nn.Module):
    """The distribution of a window's latent, read at two learned tokens in front of the past."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        width = settings.width
        self.enter = nn.Linear(width, width)
        layer = nn.TransformerEncoderLayer(
            width, settings.vae_heads, settings.vae_feed_forward, settings.dropout, batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.mean = nn.Parameter(torch.randn(width))
        self.log_variance = nn.Parameter(torch.randn(width))

    def forward(self, past: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, ``(B, width)``."""
        tokens = torch.stack([self.mean, self.log_variance]).expand(len(past), -1, -1)
        x = self.layers(torch.cat([tokens, self.enter(past)], dim=1))
        return x[:, 0], (0.5 * x[:, 1]).exp()


class ReactionDecoder(nn.Module):
    """Places in the window attend to the latent, then to the speaker's audio, then to the speaker's motion."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.plan = _decoder(settings, 2)
        self.hear, self.see = _decoder(settings, 1), _decoder(settings, 1)
        self.leave = nn.Linear(settings.width, FACE_DIM)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, latent: Tensor, heard: Heard) -> Tensor:
        batch, count, width = heard.motion.shape
        x = self.dropout(positions(count, width).expand(batch, -1, -1))
        x = self.plan(x, latent)
        causal = _bias(self.settings, batch, count, count)
        x = self.hear(x, heard.audio, tgt_mask=causal, memory_mask=_bias(self.settings, batch, count, 2 * count))
        x = self.see(x, heard.motion, tgt_mask=causal, memory_mask=causal)
        return cast(Tensor, self.leave(x))


class ReactFace(ListenerNetwork):
    """The whole network, with the scales of what goes in and out."""

    def __init__(self, settings: NetworkSettings, wave: WaveSettings) -> None:
        super().__init__()
        self.settings = settings
        self.video, self.audio, hidden = make_encoders(settings, wave)
        self.speaker = SpeakerFormer(settings, hidden)
        self.past = nn.Linear(FACE_DIM, settings.width)
        self.hear_past, self.see_past = _decoder(settings, 1), _decoder(settings, 1)
        self.vae = InteractionVAE(settings)
        self.react = ReactionDecoder(settings)
        # Training only: the speaker's own face from what the model took of it.
        self.rebuild = _decoder(settings, 1)
        self.rebuilt = nn.Linear(settings.width, FACE_DIM)
        self.dropout = nn.Dropout(settings.dropout)

    def listen(self, video: Tensor, audio: Tensor) -> Heard:
        """One window of the speaker.

        Args:
            video: ``(B, w, 64)`` standardised faces, or ``(B, w, 3, 224, 224)`` pictures.
            audio: ``(B, w, 45)`` standardised features, or ``(B, n)`` samples.
        """
        return cast(Heard, self.speaker(self.video(video), self.audio(audio, video.shape[1])))

    def reaction(
        self, heard: Heard, past: Tensor, latent: Tensor | None, noise: Tensor, session: SessionSettings
    ) -> Reaction:
        """The listener's window for the speaker's.

        Args:
            heard: of ``listen``.
            past: ``(B, w, 64)`` standardised faces of the window before.
            latent: the blended latent of the window before, None for the first.
            noise: ``(B, width)`` standard normal.
            session: momentum.
        """
        batch, count = past.shape[:2]
        width, period = self.settings.width, self.settings.period
        own = self.past(past)
        # Twice the features, once the places: what the published code adds up to.
        own = own + self.dropout(own + periodic_positions(count, width, period))
        causal = _bias(self.settings, batch, count, count)
        own = self.hear_past(
            own, heard.audio, tgt_mask=causal, memory_mask=_bias(self.settings, batch, count, heard.audio.shape[1])
        )
        own = self.see_past(
            own, heard.motion, tgt_mask=causal, memory_mask=_bias(self.settings, batch, count, heard.motion.shape[1])
        )
        mean, deviation = self.vae(own)
        sample = mean + noise * deviation
        if latent is None:
            return Reaction(self.react(sample[:, None], heard), sample, mean, deviation)
        blended = session.momentum * latent + (1 - session.momentum) * sample
        ends = torch.stack([latent, blended], dim=-1)
        path = nn.functional.interpolate(ends, heard.motion.shape[1], mode="linear").transpose(1, 2)
        return Reaction(self.react(path, heard), blended, mean, deviation)

    def speaker_face(self, heard: Heard) -> Tensor:
        """The speaker's standardised faces ``(B, w, 64)``, rebuilt."""
        return cast(Tensor, self.rebuilt(self.rebuild(heard.vector, heard.vector)))


def _decoder(settings: NetworkSettings, layers: int) -> nn.TransformerDecoder:
    layer = nn.TransformerDecoderLayer(
        settings.width, settings.heads, 2 * settings.width, settings.dropout, batch_first=True
    )
    return nn.TransformerDecoder(layer, layers)


def _bias(settings: NetworkSettings, batch: int, queries: int, keys: int) -> Tensor:
    """One bias per head and batch element, as torch's attention wants it."""
    return aligned_bias(settings.heads, queries, keys, settings.period).repeat(batch, 1, 1)
