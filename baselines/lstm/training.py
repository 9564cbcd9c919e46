"""``omnibench train lstm``: the speaker's frames in, the listener's face and audio tokens one frame later."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from baselines.lstm.config import Settings
from baselines.lstm.network import ListenerLstm
from baselines.lstm.responder import DESIGN
from baselines.shared.listeners.clips import Clips
from baselines.shared.listeners.training import Recipe
from baselines.shared.listeners.voiced import voiced_losses


def losses(network: ListenerLstm, clips: Clips, settings: Settings) -> dict[str, Tensor]:
    """Squared error of the face, cross entropy of the audio tokens. Nothing is fed back, so nothing is corrupted."""
    other, tokens = clips.other(), clips.tokens()
    count, frames = other.shape[:2]
    words = network.read(clips.words()).view(count, frames, -1)
    hidden, faces, _ = network(other, clips.speech(), words, clips.first(), None)
    face = mse_loss(faces, network.scale.standardise(clips.own(1)))
    answering = torch.cat([torch.from_numpy(t.step + i * frames) for i, t in enumerate(tokens)])
    place = torch.cat([torch.from_numpy(t.place) for t in tokens])
    logits = network.sounds(hidden.flatten(0, 1)[answering], place)
    return voiced_losses(face, logits, torch.cat(clips.codes()), clips.codec, settings.loss)


RECIPE: Final = Recipe(DESIGN, losses)
