"""``omnibench train vico``: windows of the speaker's voice and face, the listener's face one frame later."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from baselines.shared.listeners.clips import Clips
from baselines.shared.listeners.training import Recipe
from baselines.vico.config import Settings
from baselines.vico.network import Vico, losses
from baselines.vico.responder import DESIGN


def _losses(network: Vico, clips: Clips, settings: Settings) -> dict[str, Tensor]:
    """The paper's distances. No answer is fed back, so nothing is corrupted."""
    predicted, _ = network(clips.speech(), clips.other(), network.begin(clips.before(0)))
    return losses(predicted, network.scale.standardise(clips.own(1)), settings.loss)


RECIPE: Final = Recipe(DESIGN, _losses)
