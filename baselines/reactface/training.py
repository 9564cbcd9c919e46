"""``omnibench train reactface``: windows follow one another as in a session, each on the network's own last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from baselines.reactface.config import SessionSettings, Settings
from baselines.reactface.losses import reaction_losses
from baselines.reactface.network import Heard, ReactFace, Reaction
from baselines.reactface.responder import DESIGN
from baselines.shared.listeners.clips import Clips
from baselines.shared.listeners.training import Recipe
from omnibench.errors import InputError

DRAWS: Final = 3  # reactions per clip that the diversity loss compares


def losses(network: ReactFace, clips: Clips, settings: Settings) -> dict[str, Tensor]:
    """The paper's losses of three draws.

    A window answers the frames that it has just seen; that it is shown a window later is the session's affair.
    """
    scale, session = network.scale, settings.session
    face, target = scale.standardise(clips.other()), scale.standardise(clips.own())
    heard = _listen(network, face, network.speech_scale.standardise(clips.speech()), session.window)
    reactions = _unroll(network, heard, scale.standardise(clips.before(1)).repeat(DRAWS, 1), session)
    faces, count = torch.cat([reaction.faces for reaction in reactions], dim=1), len(face)
    mine = [Reaction(r.faces[:count], r.latent[:count], r.mean[:count], r.deviation[:count]) for r in reactions]
    rebuilt = torch.cat([network.speaker_face(window) for window in heard], dim=1)
    drawn = faces.view(DRAWS, count, *faces.shape[1:])
    return reaction_losses(list(drawn), mine, target, (rebuilt, face), settings.loss)


def _listen(network: ReactFace, face: Tensor, speech: Tensor, window: int) -> list[Heard]:
    """All windows of the speaker in one go: they do not depend on one another."""
    batch, frames = face.shape[:2]
    faces, speeches = (part.reshape(-1, window, part.shape[2]) for part in (face, speech))
    every = network.listen(faces, speeches)

    def split(values: Tensor) -> list[Tensor]:
        return list(values.view(batch, frames // window, *values.shape[1:]).unbind(1))

    parts = zip(split(every.motion), split(every.audio), split(every.vector), strict=True)
    return [Heard(motion, audio, vector) for motion, audio, vector in parts]


def _unroll(network: ReactFace, heard: Sequence[Heard], first: Tensor, session: SessionSettings) -> list[Reaction]:
    found: list[Reaction] = []
    past = first[:, None].expand(-1, session.window, -1)
    if not session.from_first_face:
        past = torch.zeros_like(past)
    latent = None
    for window in heard:
        several = Heard(*(_repeat(part) for part in (window.motion, window.audio, window.vector)))
        noise = torch.randn(len(past), network.settings.width)
        reaction = network.reaction(several, past, latent, noise, session)
        past, latent = reaction.faces, reaction.latent
        found.append(reaction)
    return found


def _repeat(values: Tensor) -> Tensor:
    return values.repeat(DRAWS, *([1] * (values.ndim - 1)))


def _build(settings: Settings, codes: int) -> ReactFace:
    if settings.network.video != "coefficients" or settings.network.audio != "cepstra":
        raise InputError(
            "omnibench trains ReactFace on coefficients and cepstra; expected network.video=coefficients and "
            "network.audio=cepstra. Pixels and wav2vec 2.0 are for checkpoints of the original code."
        )
    return DESIGN.build(settings, codes)


RECIPE: Final = Recipe(replace(DESIGN, build=_build), losses)
