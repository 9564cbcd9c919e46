"""``omnibench train av_llm``: teacher forcing over windows, with noise on what the model is told that it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.nn.utils.rnn import pad_sequence

from baselines.av_llm.config import Settings
from baselines.av_llm.network import AudioVisualLlm
from baselines.av_llm.responder import DESIGN
from baselines.shared.listeners.clips import Clips
from baselines.shared.listeners.training import Recipe
from baselines.shared.listeners.voiced import voiced_losses


def losses(network: AudioVisualLlm, clips: Clips, settings: Settings) -> dict[str, Tensor]:
    """Squared error of the face, cross entropy of the audio tokens, over sequences of the network's layout."""
    scale, noise, every = network.scale, settings.loss, clips.codes()
    own = scale.standardise(clips.own())
    if network.training:
        # One offset for the whole window, too: drift is slow, jitter is not.
        offset = torch.randn(len(own), 1, own.shape[2])
        own = own + noise.face_noise * (torch.randn_like(own) + offset)
    layout = [Layout.of(torch.from_numpy(tokens.step), own.shape[1]) for tokens in clips.tokens()]
    seen = network.seen(own, scale.standardise(clips.other()), scale.standardise(clips.first())[:, None].expand_as(own))
    heard = network.heard(clips.speech())
    told = every
    if network.training:
        told = [_replaced(codes, clips.codec.codec.vocabulary, noise.code_noise) for codes in every]
    rows = [layout[i].join(seen[i], heard[i], network.embed(codes)) for i, codes in enumerate(told)]
    states = network(pad_sequence(rows, batch_first=True))
    at_heard = torch.stack([states[i, place.heard] for i, place in enumerate(layout)])
    before_codes = torch.cat([states[i, place.codes - 1] for i, place in enumerate(layout)])
    face = mse_loss(network.next_face(at_heard, own), scale.standardise(clips.own(1)))
    return voiced_losses(face, network.logits(before_codes), torch.cat(every), clips.codec, settings.loss)


def _replaced(codes: Tensor, vocabulary: int, share: float) -> Tensor:
    wrong = torch.randint(vocabulary, codes.shape)
    return torch.where(torch.rand(codes.shape) < share, wrong, codes)


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in a window's sequence: of the seen and heard positions ``(T,)``, and of the audio tokens ``(n,)``."""

    seen: Tensor
    heard: Tensor
    codes: Tensor

    @classmethod
    def of(cls, steps: Tensor, frames: int) -> Layout:
        """Tokens come in order; ``steps`` ``(n,)`` says which frame's step answers with each."""
        before = torch.searchsorted(steps, torch.arange(frames))
        seen = 2 * torch.arange(frames) + before
        return cls(seen, seen + 1, torch.arange(len(steps)) + 2 * (steps + 1))

    def join(self, seen: Tensor, heard: Tensor, codes: Tensor) -> Tensor:
        """One sequence ``(2 T + n, hidden)``."""
        joined = torch.cat([seen, heard, codes])
        return joined[torch.argsort(torch.cat([self.seen, self.heard, self.codes]))]


RECIPE: Final = Recipe(DESIGN, losses, held_out_every=2)
